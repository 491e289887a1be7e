//! What the pages on the command line show is what the program prints: the commands of each page
//! run in order, on an emulator of the page's own, and the jobs for CI systems run too.

#![cfg(unix)]

mod account;
mod jobs;
mod page;
mod shell;
mod units;

use account::Account;
use pinning_keys_testkit::repository;

/// The pages with commands that a test runs.
const PAGES: &[&str] = &[
    "README.md",
    "docs/cli.md",
    "docs/cli/first-key.md",
    "docs/cli/sinks.md",
    "docs/cli/ci-deploy-key.md",
    "docs/cli/declared-keys.md",
    "docs/cli/leaked-key.md",
    "docs/cli/clean-up.md",
    "docs/cli/scripts.md",
    "docs/cli/worker.md",
    "docs/cli/rotate-ci-key.md",
    "docs/cli/migrate.md",
    "docs/cli/security-review.md",
];

#[test]
fn readme() {
    Account::new().check("README.md");
}

#[test]
fn tour() {
    Account::new().check("docs/cli.md");
}

#[test]
fn first_key() {
    Account::new().check("docs/cli/first-key.md");
}

#[test]
fn sinks() {
    Account::new().check("docs/cli/sinks.md");
}

#[test]
fn ci_deploy_key() {
    let account = Account::new();
    jobs::add_deploy_script(account.shell());
    account.check("docs/cli/ci-deploy-key.md");
}

#[cfg(feature = "store")]
#[test]
fn declared_keys() {
    let account = Account::of_two_profiles();
    let keys = "\
        [[key]]\nname = \"ci-deploy\"\nprofile = \"pinata\"\n\
        needs = [\"pins:add-file\", \"pins:list\"]\nlease = \"90d\"\nrotate = \"30d\"\n\
        overlap = \"1h\"\nfield = \"jwt\"\nto = \"command:./store-secret PINATA_JWT\"\n\n\
        [[key]]\nname = \"dashboard\"\nprofile = \"pinata\"\npreset = \"reader\"\n\
        to = \"file:dashboard.json\"\n";
    account.write("keys.toml", keys);
    account.write("store-secret", "#!/bin/sh\ncat > stored\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    let script = account.shell().home().join("store-secret");
    std::fs::set_permissions(script, mode).expect("its owner is us");
    account.check("docs/cli/declared-keys.md");
}

#[test]
fn leaked_key() {
    let account = Account::new();
    let leaked = account.issue("website", None);
    account.write("leaked.txt", leaked.expose().bearer().expect("a token"));
    account.write(".env", "PINATA_JWT=old\n");
    account.issue("preview-1", None);
    account.issue("preview-2", None);
    account.check("docs/cli/leaked-key.md");
}

#[test]
fn clean_up() {
    let account = Account::new();
    account.date_back(40 * 24);
    account.use_up_keys(2_000);
    account.date_back(1);
    account.issue("website", None);
    account.check("docs/cli/clean-up.md");
}

#[test]
fn scripts() {
    if std::process::Command::new("jq").arg("--version").output().is_err() {
        eprintln!("skipped: jq is not installed");
        return;
    }
    Account::new().check("docs/cli/scripts.md");
}

#[test]
fn worker() {
    Account::new().check("docs/cli/worker.md");
}

#[test]
fn rotate_ci_key() {
    Account::new().check("docs/cli/rotate-ci-key.md");
}

#[test]
fn migrate() {
    Account::of_two_profiles().check("docs/cli/migrate.md");
}

#[test]
fn security_review() {
    let account = Account::new();
    account.issue("website", None);
    account.check("docs/cli/security-review.md");
}

#[test]
fn every_page_with_commands_is_run() {
    let folder = std::fs::read_dir(repository("docs/cli")).expect("the folder is there");
    let pages = folder.map(|entry| entry.expect("an entry").path());
    for page in pages.chain([repository("docs/cli.md")]) {
        let text = std::fs::read_to_string(&page).expect("the page is text");
        let is_run = PAGES.iter().any(|path| page.ends_with(path));
        assert_eq!(text.contains("```console"), is_run, "{}", page.display());
    }
}
