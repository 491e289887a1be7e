//! What the README shows is what the code does. Its Rust blocks are documentation tests of
//! the facade; its commands are run by `.ci/run`.

#[path = "support/golden.rs"]
mod golden;
#[path = "support/page.rs"]
mod page;

use std::fmt::Write as _;
use std::time::Duration;

use pinning_keys::pinata::{ENDPOINTS, RESOURCES};
use pinning_keys::w3ipfs::SCOPES;
use pinning_keys::{
    Attempts, Effect, Error, ErrorKind, IssuerConfig, KeyIssuer, KeyName, Operation, Permission,
    PermissionTable, ScopeRequest,
};

fn readme() -> String {
    page::read("README.md")
}

fn permission_table() -> String {
    let mut table = String::from(
        "\n| permission | a holder may | Pinata `resources` (v3) | Pinata `endpoints` (legacy) | \
         W3IPFS `scopes` |\n|---|---|---|---|---|\n",
    );
    for &permission in Permission::ALL {
        let cells = [&RESOURCES, &ENDPOINTS, &SCOPES].map(|table| cell(table, permission));
        let what = permission.description();
        writeln!(table, "| `{permission}` | {what} | {} |", cells.join(" | ")).unwrap();
    }
    table
}

/// The narrowest grant that opens the permission.
fn cell(table: &PermissionTable, permission: Permission) -> String {
    match table.grants().iter().find(|grant| grant.opens().contains(permission)) {
        Some(grant) => format!("`{}`", grant.name()),
        None if table.admin_only().contains(permission) => "admin only".to_owned(),
        None => "–".to_owned(),
    }
}

#[test]
fn the_permission_table_and_the_refusal_are_the_codes() {
    let begin = "<!-- permissions: checked against the code by tests/readme.rs -->\n";
    let actual = page::with_part(&readme(), begin, "\n<!-- /permissions -->", &permission_table());
    let refusal = RESOURCES.translate(&ScopeRequest::uploader()).unwrap_err();
    let begin = "with a text that says what would be granted:\n\n```text\n";
    let actual = page::with_part(&actual, begin, "```\n", &format!("{refusal}\n"));
    golden::assert_golden("README.md", &actual, "The README no longer says what the code does.");
}

#[test]
fn the_error_of_a_lost_create_is_the_codes() {
    let error =
        Error::new(ErrorKind::Connection, "the connection closed after the request was sent")
            .with_effect(Effect::Unknown)
            .with_provider("pinata")
            .with_operation(Operation::Issue)
            .with_key_name(KeyName::new("user-42-7f3k").unwrap())
            .with_attempts(Attempts::new(1, Duration::from_millis(1_200), None));
    assert!(readme().contains(&format!("```text\n{error}\n```")), "the README shows:\n{error}");
}

#[test]
fn the_configuration_files_are_ones() {
    let files = page::blocks(&readme(), "toml");
    let [pinata, w3ipfs] = &files[..] else { panic!("two configuration files are shown") };
    for (file, table) in [(pinata, &ENDPOINTS), (w3ipfs, &SCOPES)] {
        let config: IssuerConfig = toml::from_str(file).unwrap();
        assert_eq!(config.build().unwrap().profile().table(), table);
    }
}

#[test]
fn exactly_two_commands_do_the_set_up() {
    let commands = page::blocks(&readme(), "sh");
    assert_eq!(commands[0], "cargo run --example switch_providers\n");
    assert_eq!(commands[1], "cargo test --workspace --all-features\n");
}

#[test]
fn the_quick_start_is_short() {
    let start = &page::blocks(&readme(), "rust,no_run")[0];
    assert!(start.lines().count() <= 10, "{start}");
}

#[test]
fn the_oldest_rust_is_the_manifests() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    assert!(readme().contains(&format!("The oldest supported Rust is {oldest},")));
    assert!(readme().contains(&format!("Rust {oldest} or later and a C compiler are all")));
}

#[test]
fn every_link_leads_somewhere_and_every_example_is_listed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = readme();
    for target in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(target.contains("://") || root.join(target).exists(), "{target} is not there");
    }
    for example in std::fs::read_dir(root.join("examples")).unwrap() {
        let name = example.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(readme.contains(&format!("| [{name}](")), "{name} is not in the list of examples");
    }
}
