//! The pages under `docs/` show what the code does.

use std::fmt::Write as _;

use pinning_keys::adapter::{Grant, PermissionTable};
use pinning_keys::pinata::{ENDPOINTS, RESOURCES};
use pinning_keys::w3ipfs::SCOPES;
use pinning_keys::{IssuerConfig, PermissionSet, ScopeRequest};
use pinning_keys_testkit::{example, golden::assert_golden, page};

const ADVICE: &str = "The page differs from the code.";

fn code(permissions: PermissionSet) -> String {
    if permissions.is_empty() {
        return "–".to_owned();
    }
    permissions.iter().map(|permission| format!("`{permission}`")).collect::<Vec<_>>().join(" ")
}

/// The grants of a table, what only an admin key can do, and the unknown.
fn grants(table: &PermissionTable) -> String {
    let mut text = String::from("| grant | what it opens |\n|---|---|\n");
    for grant in table.grants() {
        writeln!(text, "| `{}` | {} |", grant.name(), code(grant.opens())).unwrap();
    }
    if !table.admin_only().is_empty() {
        writeln!(text, "\nOnly an admin key can: {}.", code(table.admin_only())).unwrap();
    }
    text.push_str("\nNot known:\n\n");
    for unknown in table.unknowns() {
        writeln!(text, "* {unknown}").unwrap();
    }
    text
}

/// The flags at W3IPFS that replace a grant of Pinata, and what they lose.
fn successor(grant: &Grant) -> String {
    let kept: PermissionSet = grant
        .opens()
        .iter()
        .filter(|permission| SCOPES.translate(&ScopeRequest::needs([*permission])).is_ok())
        .collect();
    let flags = match SCOPES.translate(&ScopeRequest::needs(kept)) {
        Ok(translation) => translation
            .grants()
            .map(|grant| format!("`{}`", grant.name()))
            .collect::<Vec<_>>()
            .join(" "),
        Err(_) => "–".to_owned(),
    };
    format!("| `{}` | {flags} | {} |\n", grant.name(), code(grant.opens() - kept))
}

fn successors() -> String {
    let mut text = String::from(
        "| at Pinata | at W3IPFS | lost |\n|---|---|---|\n| `admin` | `admin` | – |\n",
    );
    for grant in RESOURCES.grants().iter().chain(ENDPOINTS.grants()) {
        text.push_str(&successor(grant));
    }
    text
}

#[test]
fn provider_pages_list_the_grants_of_the_tables() {
    let page = page::read("docs/pinata.md");
    let page = page::with_named_part(&page, "resources", &grants(&RESOURCES));
    let page = page::with_named_part(&page, "endpoints", &grants(&ENDPOINTS));
    assert_golden("docs/pinata.md", &page, ADVICE);
    let page = page::read("docs/w3ipfs.md");
    let page = page::with_named_part(&page, "scopes", &grants(&SCOPES));
    assert_golden("docs/w3ipfs.md", &page, ADVICE);
}

#[test]
fn guide_shows_the_successors_and_the_output() {
    let page = page::read("docs/from-pinata-to-w3ipfs.md");
    let page = page::with_named_part(&page, "grants", &successors());
    let output = format!("```text\n{}```\n", example::output("from_pinata_to_w3ipfs"));
    let page = page::with_named_part(&page, "program", &output);
    assert_golden("docs/from-pinata-to-w3ipfs.md", &page, ADVICE);
}

#[test]
fn configuration_files_on_the_pages_build() {
    for path in ["docs/pinata.md", "docs/w3ipfs.md", "docs/from-pinata-to-w3ipfs.md"] {
        let files = page::blocks(&page::read(path), "toml");
        assert!(!files.is_empty(), "{path}");
        for file in files {
            let config: IssuerConfig = toml::from_str(&file).unwrap();
            assert!(config.build().is_ok(), "{path}: {file}");
        }
    }
}
