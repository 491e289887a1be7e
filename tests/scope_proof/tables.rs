//! The tables as texts for people.

use std::fmt::Write as _;

use pinning_keys_core::{PermissionSet, PermissionTable, ScopeError, ScopeRequest, Translation};

/// A line for each grant of a table and what it opens.
pub(crate) fn describe(table: &PermissionTable) -> String {
    let mut text = format!("{table}\n");
    for grant in table.grants() {
        writeln!(text, "  {}: {}", grant.name(), grant.opens()).unwrap();
    }
    writeln!(text, "  (admin keys only): {}", table.admin_only()).unwrap();
    writeln!(text, "  (serves): {}", table.serves()).unwrap();
    for unknown in table.unknowns() {
        writeln!(text, "  (unknown): {unknown}").unwrap();
    }
    text
}

/// A section of a Markdown page: a preset with each table.
pub(crate) fn preset_section(
    name: &str,
    preset: &ScopeRequest,
    tables: &[&'static PermissionTable],
) -> String {
    let mut text = format!("\n## `ScopeRequest::{name}()`\n\n");
    writeln!(text, "Needs {}.", code(preset.needed())).unwrap();
    if !preset.preferred().is_empty() {
        writeln!(text, "Prefers {}.", code(preset.preferred())).unwrap();
    }
    text.push_str("\n| table | grants sent | granted | missing | extra |\n|---|---|---|---|---|\n");
    for table in tables {
        match table.translate(preset) {
            Ok(translation) => text.push_str(&row(&table.to_string(), &translation)),
            Err(refusal) => {
                let (request, added) = tolerating(preset, &refusal);
                let translation = table.translate(&request).expect("the refusal's own advice");
                writeln!(text, "| {table} | refused | – | – | – |").unwrap();
                text.push_str(&row(&format!("{table}, with<br>`{added}`"), &translation));
            }
        }
    }
    text
}

fn row(table: &str, translation: &Translation) -> String {
    let grants: Vec<_> = translation.grants().map(|grant| format!("`{}`", grant.name())).collect();
    let granted = translation.granted().permissions().expect("no preset is an admin request");
    let [granted, missing, extra] = [granted, translation.missing(), translation.extra()].map(code);
    format!("| {table} | {} | {granted} | {missing} | {extra} |\n", grants.join(" "))
}

/// The request with the tolerances that the refusal advises.
fn tolerating(preset: &ScopeRequest, refusal: &ScopeError) -> (ScopeRequest, String) {
    let ScopeError::Inexpressible(why) = refusal else {
        panic!("{preset}: {refusal}");
    };
    let mut added = String::new();
    let mut request = preset.clone();
    for grant in why.too_wide() {
        let name = format!("{}:{}", why.table().provider(), grant.name());
        write!(added, ".tolerates(\"{name}\")").unwrap();
        request = request.tolerates(&*name);
    }
    (request, added)
}

fn code(set: PermissionSet) -> String {
    if set.is_empty() {
        return "–".to_owned();
    }
    set.iter().map(|permission| format!("`{permission}`")).collect::<Vec<_>>().join(" ")
}
