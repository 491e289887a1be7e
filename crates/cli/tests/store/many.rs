//! A store with 10,000 keys.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pinning_keys_lifecycle::SqliteStore;
use pinning_keys_lifecycle::store::{KeyFilter, KeyRow, Scope, Store as _, Tx, Verdict};

use crate::support::{Run, Stand, run};

const KEYS: usize = 10_000;

/// Far more than any of these takes, on a machine that has other things to do.
const LONGEST: Duration = Duration::from_secs(30);

/// This takes more than ten seconds, because an unoptimized program reads a list of a thousand pages
/// three times.
#[test]
fn ten_thousand_keys_are_listed_found_and_ended() {
    let mut stand = Stand::pinata();
    stand.set_variable("PINNING_KEYS_STORE", "sqlite:keys.db");
    let line = "issue model --preset reader --to file:model.json --lease 30d --max-lease 365d";
    stand.run(line).exits(0);
    fill(&stand);
    assert_eq!(stand.emulator().keys_live(), KEYS);

    let listed = timed(&stand, "list");
    assert_eq!(listed.stdout.lines().count(), 1 + KEYS);
    let listed = timed(&stand, "list --json");
    let is_managed = |line: &&str| line.contains("\"holder\":\"key-");
    assert_eq!(listed.stdout.lines().filter(is_managed).count(), KEYS - 1);
    let status = timed(&stand, "status --json").objects();
    assert_eq!(status[0]["accounts"][0]["keys"]["live"], KEYS);
    let shown = timed(&stand, "show key-5000");
    assert!(shown.stdout.contains("key-5000"), "{}", shown.stdout);
    timed(&stand, "renew key-5000");
    timed(&stand, "revoke key-5000 --yes");
    timed(&stand, "audit");
    assert_eq!(stand.emulator().keys_live(), KEYS - 1);
}

/// Runs a line that must end in time, and in a small part of the machine's memory.
fn timed(stand: &Stand, line: &str) -> Run {
    let began = Instant::now();
    let mut command = stand.command(line.split(' '));
    let run = run(&mut limited(&mut command)).exits(0);
    let passed = began.elapsed();
    assert!(passed < LONGEST, "{line}: {passed:?}");
    run
}

/// The same command with at most 512 MiB of addresses, most of which nothing uses.
#[cfg(target_os = "linux")]
fn limited(command: &mut Command) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -v 524288 && exec \"$0\" \"$@\""]);
    limited.arg(command.get_program()).args(command.get_args()).env_clear();
    limited.current_dir(command.get_current_dir().expect("the home folder"));
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

#[cfg(not(target_os = "linux"))]
fn limited(command: &mut Command) -> &mut Command {
    command
}

/// Adds keys like the one that is there, to the account and to the store.
fn fill(stand: &Stand) {
    let path = stand.home().join("keys.db");
    let pinata = stand.emulator().pinata();
    stand.block_on(async {
        let store = SqliteStore::open(path).await.expect("the store opens");
        let rows = store.keys(&KeyFilter::default(), None, 1).await.expect("a row");
        let model = &rows[0];
        let rows: Vec<_> = (1..KEYS)
            .map(|number| {
                let row = like(model, number);
                let made = pinata.create_key(&row.name, r#"{"resources":["org:files:read"]}"#);
                KeyRow { references: format!("[\"v1:pinata:{}\"]", made.key), ..row }
            })
            .collect();
        let decide = move |tx: &mut Tx| {
            tx.rows.extend(rows.iter().cloned());
            Verdict::Commit
        };
        store.transact(Scope::default(), Arc::new(decide)).await.expect("there is room");
    });
}

/// The row of another key, which was issued in the same way.
fn like(model: &KeyRow, number: usize) -> KeyRow {
    let id: pinning_keys_lifecycle::KeyId = format!("{number:013}").parse().expect("an id");
    let holder = format!("key-{number}");
    let suffix = &model.name[model.name.len() - pinning_keys_lifecycle::Suffix::CHARS..];
    let name = format!("{holder}{}", suffix.replace(model.id.as_str(), id.as_str()));
    KeyRow { id, open_holder: Some(holder.clone()), holder, name, ..model.clone() }
}
