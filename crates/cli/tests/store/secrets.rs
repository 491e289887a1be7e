//! No secret, of an account or of a key, is anywhere but in the sink that it was delivered to: not
//! in the store, not in any output, and not among the arguments or the variables of a process.
#![cfg(unix)]

use std::thread;

use http::StatusCode;
use pinning_keys::KeyIssuer;
use pinning_keys_emulator::{BodyFault, Emulator, Fault, FaultRule, Stage};
use pinning_keys_testkit::postgres;
use pinning_keys_testkit::secrets::Secrets;

use crate::support::Stand;
use crate::support::canaries::{add_delivered, check_files, secrets_of_accounts};
use crate::support::every_command::Ended;

/// A command line and its exit code if nothing goes wrong, as in `every_command`. The program in
/// `leaky.sh` keeps the secret and fails.
const LINES: &[(&str, i32)] = &[
    ("issue ci --preset reader --to file:sinks/ci.json --lease 30d --max-lease 90d", 0),
    ("issue ci --preset reader --to file:sinks/second.json", 1),
    ("issue env --preset reader --to env:sinks/env#KEY --field FIELD", 0),
    ("issue leaky --preset reader --to command:sh|leaky.sh --field json", 1),
    ("issue none --preset reader --to file:sinks/none.json --dry-run", 0),
    ("list", 0),
    ("list --managed", 0),
    ("list --foreign", 0),
    ("list --strays", 0),
    ("show ci", 0),
    ("show nosuchkey", 1),
    ("verify --file sinks/ci.json", 0),
    ("renew ci", 0),
    ("renew nosuchkey", 1),
    ("rotate ci --to file:sinks/ci.json --dry-run", 0),
    ("rotate ci --to file:sinks/ci.json --overlap 1h", 0),
    ("rotate ci --to command:sh|leaky.sh --field json", 3),
    ("rotate ci --to file:sinks/ci.json", 0),
    (
        "migrate --all --into other --to file:sinks --without pins:list-jobs --tolerates pinata:org:files:read --dry-run",
        0,
    ),
    (
        "migrate env --into other --to file:sinks --without pins:list-jobs --tolerates pinata:org:files:read --yes",
        0,
    ),
    ("diff", 0),
    ("apply --dry-run", 0),
    ("apply --yes", 3),
    ("apply --yes", 75),
    ("diff", 0),
    ("run --once", 0),
    ("status", 0),
    ("audit", 0),
    ("strays", 0),
    ("strays --adopt --yes", 0),
    ("forget ci --yes", 0),
    ("revoke ci --yes", 0),
    ("revoke leaky --yes", 0),
    ("revoke --token - --yes TOKEN", 0),
    ("verify - TOKEN", 5),
    ("config", 0),
    ("config check", 0),
    ("status --exit-code", 0),
];

/// Keeps what it gets, and what others can see of this process and of the program.
const LEAKY: &str = "tee -a sinks/leaky\necho >> sinks/leaky\ncat sinks/leaky >&2\nenv > visible\n\
    cat /proc/$$/cmdline /proc/$PPID/cmdline >> visible\nexit 1\n";

const DECLARED: &str = "[[key]]\nname = \"declared\"\nprofile = \"main\"\npreset = \"reader\"\n\
    to = \"file:sinks/declared.json\"\n\
    [[key]]\nname = \"shown\"\nprofile = \"main\"\npreset = \"reader\"\nfield = \"json\"\n\
    to = \"command:sh leaky.sh\"\n";

/// Accounts at two providers: `main` is the one that is used.
fn stand(main_is_pinata: bool) -> Stand {
    let mut stand = Stand::start(Emulator::builder(), |_| Vec::new());
    let (pinata, w3ipfs) = (stand.emulator().pinata(), stand.emulator().w3ipfs());
    let mut accounts = [
        format!(
            "provider = \"pinata\"\nbase_url = {:?}\njwt = {:?}\n",
            pinata.base_url(),
            pinata.jwt()
        ),
        format!(
            "provider = \"w3ipfs\"\nbase_url = {:?}\njwt = {:?}\n",
            w3ipfs.base_url(),
            w3ipfs.jwt()
        ),
    ];
    if !main_is_pinata {
        accounts.reverse();
    }
    let [main, other] = accounts;
    let text = format!("profile = \"main\"\n[profiles.main]\n{main}[profiles.other]\n{other}");
    stand.write_private("accounts.toml", &text);
    stand.write("keys.toml", DECLARED);
    stand.write("leaky.sh", LEAKY);
    stand.set_variable("PINNING_KEYS_CONFIG", "accounts.toml");
    stand
}

/// Runs every line, and checks all that can be seen afterwards.
fn check(stand: &Stand, main_is_pinata: bool, flags: &[&str], is_fine: bool) -> Secrets {
    let issuer = if main_is_pinata { stand.pinata_issuer() } else { stand.w3ipfs_issuer() };
    let issuer: &dyn KeyIssuer = &*issuer;
    let field = if main_is_pinata { "jwt" } else { "api-secret" };
    let mut secrets = secrets_of_accounts(stand);
    // What is replaced in a sink was a secret, too.
    let all = stand.run_lines(LINES, flags, issuer, field, |_| add_delivered(stand, &mut secrets));
    for Ended { line, expected, run } in &all {
        let shown = format!("{line}\n{}{}", run.stdout, run.stderr);
        assert!(!is_fine || run.code == *expected, "{}: {shown}", run.code);
        secrets.assert_not_in(line, &shown);
    }
    check_files(stand.home(), &secrets);
    secrets
}

#[test]
fn no_command_shows_or_stores_a_secret() {
    thread::scope(|scope| {
        for is_pinata in [true, false] {
            for flags in [["-v", "--color=always"], ["-v", "--json"]] {
                scope.spawn(move || {
                    let stand = stand(is_pinata);
                    check(&stand, is_pinata, &flags, true);
                    assert!(stand.read("sinks/leaky").len() > 20);
                    assert!(stand.read("visible").contains("PATH="));
                });
            }
        }
    });
}

#[test]
fn no_command_shows_or_stores_a_secret_if_the_provider_fails() {
    let faults = [
        Fault::status(StatusCode::UNAUTHORIZED, Stage::BeforeCommit),
        Fault::status(StatusCode::BAD_REQUEST, Stage::AfterCommit),
        Fault::Body(BodyFault::Truncated),
    ];
    thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || {
                let stand = stand(true);
                // A few keys are issued before anything fails.
                stand.emulator().faults().add(FaultRule::new(fault).from_nth(20));
                check(&stand, true, &["-v"], false);
                assert!(stand.home().join("sinks/ci.json").exists());
            });
        }
    });
}

#[test]
fn no_command_stores_a_secret_in_postgresql() {
    let Some(server) = postgres::shared() else { return };
    let database = server.database();
    let mut stand = stand(true);
    stand.set_variable("PINNING_KEYS_STORE", database.url());
    let secrets = check(&stand, true, &["-v"], true);
    let tables = "SELECT table_name FROM information_schema.tables \
                  WHERE table_schema = 'pinning_keys'";
    let tables = server.sql(&database, tables);
    assert!(tables.lines().count() >= 4, "{tables}");
    for table in tables.lines() {
        let rows = server.sql(&database, &format!("SELECT * FROM pinning_keys.{table}"));
        assert!(!rows.is_empty(), "{table} is empty");
        secrets.assert_not_in(table, &rows);
    }
}
