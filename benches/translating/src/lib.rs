//! Requests to translate: the presets, and every combination that a table distinguishes.

use pinning_keys::adapter::PermissionTable;
use pinning_keys::pinata::{ENDPOINTS, PinataConfig, RESOURCES, Table};
use pinning_keys::w3ipfs::{SCOPES, W3ipfsConfig};
use pinning_keys::{KeyIssuer, KeyRequest, PermissionSet, ScopeRequest};

/// The tables of real providers.
pub static TABLES: [&PermissionTable; 3] = [&RESOURCES, &ENDPOINTS, &SCOPES];

/// An issuer of keys of this table.
///
/// # Panics
///
/// If TLS cannot be set up on this machine.
pub fn issuer(table: &'static PermissionTable) -> Box<dyn KeyIssuer> {
    let pinata = |table| {
        let config = PinataConfig::new().with_jwt("sample").with_table(table);
        Box::new(config.build().expect("the configuration is complete"))
    };
    match (table.provider(), table.name()) {
        ("pinata", "resources") => pinata(Table::Resources),
        ("pinata", _) => pinata(Table::Endpoints),
        _ => {
            let config = W3ipfsConfig::new().with_key_pair("sample", "sample");
            Box::new(config.build().expect("the configuration is complete"))
        }
    }
}

/// A request for a key of this scope, with a name of the usual length.
///
/// # Panics
///
/// If the scope is wrong at every provider, as none of this crate is.
pub fn key_request(scope: ScopeRequest) -> KeyRequest {
    KeyRequest::new("user-42-7f3kq0c9v5x2m", scope).expect("the request is valid")
}

/// The presets and their names, each with the tolerance that this table needs, if it needs one.
pub fn presets(table: &'static PermissionTable) -> Vec<(&'static str, ScopeRequest)> {
    let tolerant = |request: ScopeRequest| match table.translate(&request) {
        Ok(_) => request,
        Err(_) => request.tolerates("pinata:org:files:write"),
    };
    vec![
        ("reader", ScopeRequest::reader()),
        ("uploader", tolerant(ScopeRequest::uploader())),
        ("pinner", tolerant(ScopeRequest::pinner())),
        ("manager", ScopeRequest::manager()),
        ("admin", ScopeRequest::admin()),
    ]
}

/// Requests with every floor that the table distinguishes, each with several ceilings: none, what
/// the grants open, and each grant tolerated by its native name.
pub fn every_request(table: &'static PermissionTable) -> Vec<ScopeRequest> {
    let harmless = table.reach() - PermissionSet::ESCALATING;
    floors(table)
        .into_iter()
        .flat_map(|floor| {
            let exact = ScopeRequest::needs(floor);
            let natively = tolerating_each(table, exact.clone());
            [
                exact.clone(),
                exact.clone().prefers(harmless),
                exact.clone().tolerates(harmless),
                exact.prefers(PermissionSet::ALL - PermissionSet::ESCALATING),
                natively.clone().prefers(harmless),
                natively,
            ]
        })
        .collect()
}

/// Every union of what single grants open beyond the grants nested in them.
fn floors(table: &PermissionTable) -> Vec<PermissionSet> {
    let mut opened = PermissionSet::EMPTY;
    let mut parts = Vec::new();
    for grant in table.grants() {
        // One permission represents all that come with it.
        parts.extend((grant.opens() - opened).iter().next());
        opened |= grant.opens();
    }
    let unions = (1_u32..1 << parts.len()).map(|chosen| {
        let chosen = parts.iter().enumerate().filter(|(i, _)| chosen & (1 << i) != 0);
        chosen.map(|(_, permission)| *permission).collect()
    });
    unions.collect()
}

/// The request, tolerating by its name each grant that does not escalate.
fn tolerating_each(table: &PermissionTable, request: ScopeRequest) -> ScopeRequest {
    let harmless =
        table.grants().iter().filter(|grant| grant.opens().is_disjoint(PermissionSet::ESCALATING));
    harmless.fold(request, |request, grant| {
        request.tolerates(&*format!("{}:{}", table.provider(), grant.name()))
    })
}
