//! The pages under `docs/` show what the code does.

use std::fmt::Write as _;

use pinning_keys::adapter::{Grant, PermissionTable, RouteHost};
use pinning_keys::pinata::{ENDPOINTS, RESOURCES};
use pinning_keys::w3ipfs::SCOPES;
use pinning_keys::{ErrorKind, IssuerConfig, PermissionSet, ScopeRequest};
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

/// The routes of a table for the holders of keys, and the permissions without one.
fn holder_routes(table: &PermissionTable) -> String {
    let mut text = String::from(
        "| permission | route | credential | body | source |\n|---|---|---|---|---|\n",
    );
    let mut without = PermissionSet::EMPTY;
    for permission in table.reach() {
        let routes = table.routes().iter().filter(|route| route.permission() == permission);
        let mut rows = routes.map(|route| {
            let host = if route.host() == RouteHost::Uploads { " at the upload host" } else { "" };
            let [method, path] = [route.method().as_str(), route.path()];
            let [credential, body] = [route.credential().to_string(), route.body().to_string()];
            let source = route.provenance();
            format!(
                "| `{permission}` | `{method} {path}`{host} | {credential} | {body} | {source} |\n"
            )
        });
        match rows.next() {
            Some(row) => text.extend([row].into_iter().chain(rows)),
            None => without = without.with(permission),
        }
    }
    if !without.is_empty() {
        writeln!(text, "\nNo route is known, or it is retired: {}.", code(without)).unwrap();
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
fn provider_pages_list_the_grants_and_routes_of_the_tables() {
    let page = page::read("docs/pinata.md");
    let page = page::with_named_part(&page, "resources", &grants(&RESOURCES));
    let page = page::with_named_part(&page, "endpoints", &grants(&ENDPOINTS));
    let page = page::with_named_part(&page, "resources-routes", &holder_routes(&RESOURCES));
    let page = page::with_named_part(&page, "endpoints-routes", &holder_routes(&ENDPOINTS));
    assert_golden("docs/pinata.md", &page, ADVICE);
    let page = page::read("docs/w3ipfs.md");
    let page = page::with_named_part(&page, "scopes", &grants(&SCOPES));
    let page = page::with_named_part(&page, "scopes-routes", &holder_routes(&SCOPES));
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

/// What readers looked for in vain, or were told wrongly: page, section, words.
#[rustfmt::skip]
const ASKED_FOR: [(&str, &str, &str); 24] = [
    ("README.md", "## Configuration", "a byte order mark around a value"),
    ("README.md", "## Links", "With your own provider: [`Providers`]"),
    ("crates/conformance/README.md", "## From an empty folder to a passing run", "`Failure::foreign()`"),
    ("docs/errors.md", "## Kinds", "Never pass on the provider's status"),
    ("docs/errors.md", "## Effects", "recipes.md#a-lost-create"),
    ("docs/errors.md", "## Effects", "The status is still that of the kind"),
    ("docs/http-adapter.md", "## 3. The configuration", "use `SentAs::Basic`"),
    ("docs/permissions.md", "## What a request can name", "**Restrictions.**"),
    ("docs/pinata.md", "## Routes, tables and credentials", "`/psa`"),
    ("docs/pinata.md", "## The account's credential", "A limit on uses does not tame either"),
    ("docs/pinata.md", "## Pitfalls", "A JWT expires"),
    ("docs/pinata.md", "## Pitfalls", "A blocked account passes `verify`"),
    ("docs/pinata.md", "## Pitfalls", "needs a paid plan"),
    ("docs/pinata.md", "## Responses, and how certain they are", "does not prove that a key was revoked"),
    ("docs/recipes.md", "## A bot that pins what others publish", "needs a paid plan"),
    ("docs/recipes.md", "## A lost create", "After `Ambiguous`"),
    ("docs/recipes.md", "## One upload by someone else", "Do not `verify` this key"),
    ("docs/recipes.md", "## The end of a campaign", "does not prove"),
    ("docs/recipes.md", "## A leaked key", "w3ipfs::PAIR_HEADERS"),
    ("docs/recipes.md", "## A list of keys, and a stored reference", "`KeyIssuerExt`, which must be imported"),
    ("docs/recipes.md", "## Used-up keys", "*exhausted*"),
    ("docs/tools.md", "## Not tested", "`ipfs pin remote`"),
    ("docs/w3ipfs.md", "## Pitfalls", "the padding of base64"),
    ("docs/w3ipfs.md", "## Pitfalls", "Some answers are not the provider's"),
];

#[test]
fn pages_say_what_readers_asked_for() {
    for (path, heading, words) in ASKED_FOR {
        let section = page::section(&page::read(path), heading);
        assert!(section.contains(words), "{path}: {heading} does not say {words:?}");
    }
}

#[test]
fn no_page_says_that_keys_do_not_expire() {
    for path in [
        "README.md",
        "SECURITY.md",
        "crates/core/src/key_request.rs",
        "crates/pinata/src/lib.rs",
        "docs/permissions.md",
        "docs/pinata.md",
        "docs/recipes.md",
        "docs/w3ipfs.md",
    ] {
        let text = page::read(path).to_lowercase();
        for wrong in ["not expire", "never expire", "no key expires", "has no expiry."] {
            assert!(!text.contains(wrong), "{path} says {wrong:?}");
        }
    }
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

/// The lines of a text without their indentation.
fn unindented(text: &str) -> String {
    text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")
}

/// The example is built and tested, and so is what the guide shows of it.
#[test]
fn adapter_guide_shows_parts_of_the_example() {
    let blocks = page::blocks(&page::read("docs/http-adapter.md"), "rust");
    assert!(blocks.len() > 5, "{blocks:?}");
    for block in blocks {
        let (file, code) = block.split_once('\n').expect("two lines");
        let file = file.strip_prefix("// ").expect("the name of a file");
        let source = page::read(&format!("examples/http_adapter/{file}"));
        assert!(unindented(&source).contains(&unindented(code)), "{file} has no\n{code}");
    }
}

/// The status that an app's own server returns, as the page shows it.
fn status_of(kind: ErrorKind) -> u16 {
    use ErrorKind as K;
    match kind {
        K::InvalidInput => 400,
        K::NotFound => 404,
        K::Conflict | K::NameTaken => 409,
        K::Inexpressible | K::Unsupported | K::NameReserved => 422,
        K::Refused
        | K::Unavailable
        | K::Connection
        | K::Tls
        | K::Redirected
        | K::UnreadableAnswer => 502,
        K::RateLimited | K::TooManyKeys | K::AccountRestricted | K::CredentialUnavailable => 503,
        K::Timeout => 504,
        _ => 500, // the app's configuration or its account's credential
    }
}

/// What is at fault, and what to do about it.
fn matter_of(kind: ErrorKind) -> [&'static str; 2] {
    use ErrorKind as K;
    match kind {
        K::InvalidInput => ["caller", "correct the name, number or text"],
        K::Inexpressible => ["caller", "change the scope as the next step says"],
        K::Unsupported => ["caller", "ask only for what the issuer's profile supports"],
        K::Configuration => ["caller", "correct the configuration"],
        K::CredentialUnavailable => {
            ["account", "make the file, the variable or the log-in available"]
        }
        K::Unauthenticated => ["account", "renew or replace the account's credential"],
        K::PermissionDenied => ["account", "use a credential that may manage keys"],
        K::AccountRestricted => {
            ["account", "unblock or upgrade the account; another key does not help"]
        }
        K::NotFound => ["key", "check the reference, the account and the base URL"],
        K::Conflict => ["key", "list the keys, and compare"],
        K::NameTaken => ["caller", "choose another name, such as one from `KeyName::unique`"],
        K::NameReserved => ["caller", "choose another name"],
        K::TooManyKeys => ["account", "revoke keys that nobody uses"],
        K::RateLimited => ["account", "wait, and stay within the limit with `bulk::Throttled`"],
        K::Refused => [
            "provider",
            "read the provider's words, which the error quotes, or check the base URL and the proxy",
        ],
        K::Unavailable => ["provider", "try again later"],
        K::Timeout | K::Connection => ["network", "try again, unless the effect is unknown"],
        K::Tls => ["network", "trust the server's CA, or correct the clock or the base URL"],
        K::Redirected => ["provider", "check the base URL, and any proxy in between"],
        K::UnreadableAnswer => ["provider", "check for a proxy in between, or update this library"],
        _ => panic!("docs/errors.md has no row for {kind:?}"),
    }
}

#[test]
fn error_page_has_a_row_for_every_kind() {
    let mut table = String::from("| kind | at fault | what to do | status |\n|---|---|---|---|\n");
    for &kind in ErrorKind::ALL {
        let ([whose, what], status) = (matter_of(kind), status_of(kind));
        writeln!(table, "| `{kind:?}` | {whose} | {what} | {status} |").unwrap();
    }
    let page = page::with_named_part(&page::read("docs/errors.md"), "kinds", &table);
    let code = page::function(include_str!("guides.rs"), "status_of");
    let page = page::with_named_part(&page, "status", &format!("```rust,ignore\n{code}```\n"));
    assert_golden("docs/errors.md", &page, ADVICE);
}

/// The tests depend on reqwest as such an app does: without its TLS.
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
#[test]
fn features_page_quotes_the_panic_of_a_client_without_tls() {
    let panic = std::panic::catch_unwind(reqwest::Client::new).expect_err("no provider is set");
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).expect("a text");
    let section = page::section(&page::read("docs/features.md"), "## Your own `reqwest` client");
    assert_eq!(page::blocks(&section, "text"), [format!("{said}\n")]);
}
