//! What the README and the pages next to it show is what the code does. The README's Rust blocks
//! are documentation tests of the facade; `.ci/run` runs its commands.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pinning_keys::adapter::{Grant, PermissionTable};
use pinning_keys::pinata::{ENDPOINTS, RESOURCES};
use pinning_keys::w3ipfs::SCOPES;
use pinning_keys::{
    Attempts, Effect, Error, ErrorKind, IssuerConfig, KeyIssuer, KeyName, KeyRequest, Operation,
    Permission, ScopeRequest,
};
use pinning_keys_testkit::{golden::assert_golden, page};

fn readme() -> String {
    page::read("README.md")
}

fn permission_table() -> String {
    let mut table = String::from(
        "| permission | a holder may | Pinata `resources` (v3) | Pinata `endpoints` (legacy) | \
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
fn permission_page_lists_the_tables_of_the_code() {
    let page = page::read("docs/permissions.md");
    let page = page::with_named_part(&page, "permissions", &permission_table());
    assert_golden("docs/permissions.md", &page, "The page differs from the code.");
}

/// The page says so: the built-in providers have neither native nor compound grants.
#[test]
fn request_on_the_permission_page_is_for_another_provider() {
    let section = page::section(&page::read("docs/permissions.md"), "## What a request can name");
    let [file] = &page::blocks(&section, "toml")[..] else { panic!("one request") };
    let request: KeyRequest = toml::from_str(file).unwrap();
    assert_eq!(request.expiry(), Some(Duration::from_secs(24 * 60 * 60).into()));
    for table in [&RESOURCES, &ENDPOINTS, &SCOPES] {
        let refusal = table.translate(request.scope()).unwrap_err();
        assert_eq!(Error::from(refusal).kind(), ErrorKind::Inexpressible);
        let is_plain = |grant: &Grant| !grant.is_native() && grant.wire_names() == [grant.name()];
        assert!(table.grants().iter().all(is_plain), "{}", table.provider());
    }
}

#[test]
fn errors_in_the_readme_are_the_codes() {
    let refusal = RESOURCES.translate(&ScopeRequest::uploader()).unwrap_err();
    let begin = "shows what would be granted and how to proceed:\n\n```text\n";
    let page = page::with_part(&readme(), begin, "```\n", &format!("{refusal:#}\n"));

    let lost =
        Error::new(ErrorKind::Connection, "the connection closed after the request was sent")
            .with_effect(Effect::Unknown)
            .with_provider("pinata")
            .with_operation(Operation::Issue)
            .with_key_name(KeyName::new("user-42-7f3k").unwrap())
            .with_attempts(Attempts::new(
                1,
                Duration::from_millis(1_200),
                Some("a create is not retried"),
            ));
    let begin = "by which `reconcile` finds the key and revokes it:\n\n```text\n";
    let page = page::with_part(&page, begin, "```\n", &format!("{lost:#}\n"));
    assert_golden("README.md", &page, "The README differs from the code.");
}

#[test]
fn configuration_files_in_the_readme_build() {
    let files = page::blocks(&page::section(&readme(), "## Configuration"), "toml");
    let [pinata, w3ipfs] = &files[..] else { panic!("two configuration files are shown") };
    for (file, table) in [(pinata, &ENDPOINTS), (w3ipfs, &SCOPES)] {
        let config: IssuerConfig = toml::from_str(file).unwrap();
        assert_eq!(config.build().unwrap().profile().table(), table);
    }
}

#[test]
fn variables_in_the_readme_are_read() {
    let section = page::section(&readme(), "## Configuration");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `PINNING_KEYS_"));
    let mut names = Vec::new();
    for row in rows {
        let cell = row.split(" |").next().unwrap();
        names.extend(
            cell.split("`PINNING_KEYS_").map(|name| name.trim_end_matches(['`', ',', ' '])),
        );
    }
    assert!(names.contains(&"BASE_URL") && names.len() > 4, "{names:?}");
    for name in names {
        let name = format!("PINNING_KEYS_{name}");
        // Something else is missing, but only an unknown name is quoted.
        let error = IssuerConfig::from_vars([(&name, "pinata")]).unwrap_err().to_string();
        assert!(!error.contains(&format!("{name:?}")), "{error}");
    }
}

#[test]
fn two_commands_have_headings_of_their_own() {
    for (heading, command) in [
        ("## Try it", "cargo run --example switch_providers\n"),
        ("## Run the tests", "cargo test --workspace --all-features\n"),
    ] {
        assert_eq!(page::blocks(&page::section(&readme(), heading), "sh"), [command], "{heading}");
    }
}

#[test]
fn quick_start_is_one_short_program() {
    let section = page::section(&readme(), "## Quick start");
    let [program] = &page::blocks(&section, "rust,no_run")[..] else { panic!("one program") };
    assert!(program.lines().count() <= 12, "{program}");
    assert!(program.contains("async fn main()"), "{program}");
    assert_eq!(page::blocks(&section, "text").len(), 1, "its output is shown");
}

#[test]
fn install_names_the_facade_by_path_and_tokio() {
    let section = page::section(&readme(), "## Install");
    let [manifest] = &page::blocks(&section, "toml")[..] else { panic!("one manifest is shown") };
    let manifest: toml::Table = toml::from_str(manifest).unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    assert!(dependencies.keys().eq(["pinning-keys", "tokio"]), "{dependencies:?}");
    let path = dependencies["pinning-keys"]["path"].as_str().unwrap();
    let path = path.strip_prefix("../pinning-keys/").unwrap();
    assert!(root().join(path).join("Cargo.toml").exists(), "{path} is not there");
}

#[test]
fn readme_begins_with_that_of_the_facade() {
    let facade = page::read("crates/pinning-keys/README.md");
    assert!(readme().starts_with(&format!("{facade}\n## Contents\n")));
}

#[test]
fn contents_list_every_later_heading() {
    let readme = readme();
    let contents = page::section(&readme, "## Contents");
    let listed = contents.split('[').skip(1).map(|rest| &rest[..rest.find(']').unwrap()]);
    let later = readme.split_once("\n## Contents\n").unwrap().1;
    let headings = later.lines().filter_map(|line| line.strip_prefix("## "));
    assert!(listed.eq(headings), "{contents}");
}

#[test]
fn oldest_rust_on_the_pages_is_the_manifests() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    assert!(readme().contains(&format!("needs Rust {oldest} or later and a C compiler")));
    let features = page::read("docs/features.md");
    assert!(features.contains(&format!("The oldest supported Rust is {oldest},")));
}

#[test]
fn every_example_is_listed() {
    let page = page::read("docs/examples.md");
    for folder in EXAMPLES {
        for example in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = example.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
            let begin = format!("| [{name}](../{folder}/{name}");
            assert!(page.contains(&begin), "{name} is not in the list of examples");
        }
    }
}

#[test]
fn every_link_on_a_page_leads_somewhere() {
    let pages = pages();
    assert!(pages.len() > 15, "{pages:?}");
    for path in pages {
        let text = page::read(path.to_str().unwrap());
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = match file {
                "" => path.clone(),
                _ => path.parent().unwrap().join(file),
            };
            assert!(root().join(&file).exists(), "{}: {target} is not there", path.display());
            if !anchor.is_empty() {
                let page = page::read(file.to_str().unwrap());
                let found = page.lines().any(|line| page::anchor(line).as_deref() == Some(anchor));
                assert!(found, "{}: {target} is no heading", path.display());
            }
        }
    }
}

/// The folders of examples: of the facade, and of the lifecycle.
const EXAMPLES: [&str; 2] = ["examples", "crates/lifecycle/examples"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Markdown page for readers, by its path below the root of the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders: Vec<_> = ["", "docs", "docs/cli"].map(PathBuf::from).into();
    for group in ["crates"].into_iter().chain(EXAMPLES) {
        let entries = std::fs::read_dir(root().join(group)).unwrap();
        folders.extend(entries.map(|entry| Path::new(group).join(entry.unwrap().file_name())));
    }
    for folder in folders.iter().filter(|folder| root().join(folder).is_dir()) {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let page = folder.join(entry.unwrap().file_name());
            if page.extension().is_some_and(|extension| extension == "md") {
                pages.push(page);
            }
        }
    }
    pages
}
