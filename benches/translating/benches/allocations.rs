//! Counts the allocations of translating and planning, and prints them as JSON.

use allocation_counter::measure;
use pinning_keys::adapter::PermissionTable;
use pinning_keys::{KeyIssuer, ScopeRequest};
use pinning_keys_translating::{TABLES, every_request, issuer, key_request, presets};
use serde_json::{Value, json};

fn main() {
    let mut counts = Vec::new();
    for table in TABLES {
        let issuer = issuer(table);
        for (name, scope) in presets(table) {
            counts.push(count(table, &*issuer, name, &[scope]));
        }
        let granted: Vec<_> = every_request(table)
            .into_iter()
            .filter(|request| table.translate(request).is_ok())
            .collect();
        counts.push(count(table, &*issuer, "every request", &granted));
    }
    println!("{}", Value::from(counts));
}

/// The most allocations of any request.
fn count(
    table: &'static PermissionTable,
    issuer: &dyn KeyIssuer,
    name: &str,
    scopes: &[ScopeRequest],
) -> Value {
    let most = |work: &dyn Fn(&ScopeRequest) -> u64| scopes.iter().map(work).max();
    let translate =
        most(&|scope| measure(|| drop(std::hint::black_box(table.translate(scope)))).count_total);
    let plan = most(&|scope| {
        let request = key_request(scope.clone());
        measure(|| drop(std::hint::black_box(issuer.plan(&request)))).count_total
    });
    json!({ "table": table.to_string(), "request": name, "translate": translate, "plan": plan })
}
