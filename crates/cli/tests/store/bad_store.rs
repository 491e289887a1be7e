//! Stores that cannot be used: one line says why, and nothing is created at the provider.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use pinning_keys_lifecycle::SqliteStore;
use pinning_keys_lifecycle::store::{Scope, Store as _, Tx, Verdict};

use crate::support::{Run, Stand, run};

const ISSUE: &str = "issue ci --preset reader --to file:ci.json --store sqlite:keys.db";

/// What is done about the store, and what the program says then.
struct Refusal {
    code: i32,
    message: String,
    next: Vec<&'static str>,
}

fn refusal(code: i32, message: &str, next: &[&'static str]) -> Refusal {
    Refusal { code, message: message.to_owned(), next: next.to_vec() }
}

/// A stand with a store that has one key, in the file `keys.db` of the home folder.
fn stand() -> (Stand, PathBuf) {
    let stand = Stand::pinata();
    let line = ISSUE.replace("ci", "first");
    stand.run(&line).exits(0);
    let file = stand.home().join("keys.db");
    (stand, file)
}

impl Refusal {
    /// Checks that no command does anything with the store.
    #[track_caller]
    fn of(&self, stand: &Stand) {
        let lines = [
            ISSUE,
            "list --managed --store sqlite:keys.db",
            "revoke first --yes --store sqlite:keys.db",
            "status --store sqlite:keys.db",
            "run --once --store sqlite:keys.db",
        ];
        let requests = stand.emulator().requests();
        for line in lines {
            self.is(&stand.run(line), line);
        }
        assert_eq!(stand.emulator().requests(), requests, "something was sent");
    }

    #[track_caller]
    fn is(&self, run: &Run, line: &str) {
        let Self { code, message, next } = self;
        let mut next: Vec<_> = next.iter().map(|line| format!("  {line}\n")).collect();
        if line.starts_with("revoke") {
            next.push("  to revoke at the provider alone:  --unmanaged\n".to_owned());
        }
        let expected = format!("error: {message}\n{}", next.concat());
        assert_eq!((run.code, run.stdout.as_str()), (*code, ""), "{line}: {}", run.stderr);
        assert_eq!(run.stderr, expected, "{line}");
    }
}

fn about(what: &str) -> String {
    format!("sqlite:keys.db: {what}")
}

#[test]
fn store_of_a_newer_version_needs_a_newer_program() {
    let (stand, file) = stand();
    let known = raise_version(&file);
    let what = format!("the tables have version 99, and this program knows {known}");
    let next = ["update the program: a newer one has changed the tables"];
    refusal(78, &about(&what), &next).of(&stand);
}

/// Does what a program of version 99 does to a store that older ones may not use. Returns the
/// version that it had.
fn raise_version(file: &Path) -> u8 {
    let mut bytes = fs::read(file).expect("the store");
    let place = fs::canonicalize(file).expect("a path").display().to_string();
    // The row begins with the numbers of its tables and of the oldest program, and the path. Their
    // types are before them: the second number is 1, which is a type without a byte of content.
    let is_path = |bytes: &[u8]| bytes == place.as_bytes();
    let path = bytes.windows(place.len()).position(is_path).expect("the path is in the row");
    let types = |number: u8, path: usize| {
        let text = 13 + 2 * path;
        let low = u8::try_from(text & 0x7f).expect("seven bits");
        let mut types = vec![9, 1, number, low];
        if let Some(high) = u8::try_from(text >> 7).ok().filter(|high| *high > 0) {
            types.insert(3, 0x80 | high);
        }
        types
    };
    let (before, after) = (types(9, place.len()), types(1, place.len() - 1));
    assert_eq!(before.len(), after.len(), "the path has another length, please");
    let header = bytes[..path].windows(before.len()).rposition(|bytes| bytes == before);
    let header = header.expect("the types are before the row");
    // The second number takes the first byte of the path.
    bytes[header..header + after.len()].copy_from_slice(&after);
    let known = bytes[path - 1];
    bytes[path - 1..=path].fill(99);
    fs::write(file, bytes).expect("a file");
    known
}

#[test]
fn store_that_another_process_has_locked_is_waited_for_a_few_seconds() {
    let (stand, file) = stand();
    let lock = Lock::of(&file);
    let refused = refusal(
        75,
        &about("another program kept the file of the store locked"),
        &["try again later"],
    );
    // Each waits for five seconds, so only one of them.
    let made = stand.emulator().keys_made();
    refused.is(&stand.run(ISSUE), ISSUE);
    assert_eq!(stand.emulator().keys_made(), made);
    lock.release();
    stand.run(ISSUE).exits(0);
}

/// A transaction that lasts.
struct Lock {
    thread: JoinHandle<()>,
    end: Sender<()>,
}

impl Lock {
    fn of(file: &Path) -> Self {
        let (locked, is_locked) = channel();
        let (end, ended) = channel::<()>();
        let ended = std::sync::Mutex::new(ended);
        let file = file.to_owned();
        let decide = move |_: &mut Tx| {
            locked.send(()).expect("the test waits");
            let _ = ended.lock().expect("it is locked once").recv();
            Verdict::Abort
        };
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let store = SqliteStore::open(file).await.expect("the store opens");
                store.transact(Scope::default(), Arc::new(decide)).await.expect("nothing happens");
            });
        });
        is_locked.recv().expect("the store is locked");
        Self { thread, end }
    }

    fn release(self) {
        self.end.send(()).expect("the transaction waits");
        self.thread.join().expect("the transaction ends");
    }
}

#[test]
fn file_of_another_program_is_left_as_it_is() {
    let stand = Stand::pinata();
    let file = stand.home().join("keys.db");
    stand.write("keys.db", &"not a database, but long enough to have a header ".repeat(9));
    let before = fs::read(&file).expect("a file");
    let what = "the file of the store is not a database of SQLite";
    refusal(78, &about(what), &["choose another path"]).of(&stand);
    assert_eq!(fs::read(&file).expect("a file"), before);
    fs::remove_file(&file).expect("a file");
    fs::create_dir(&file).expect("a folder");
    let next = ["name a file in it:  --store sqlite:PATH"];
    refusal(78, &about("the store is a folder"), &next).of(&stand);
}

#[test]
fn damaged_file_asks_for_a_backup() {
    let (stand, file) = stand();
    let mut bytes = fs::read(&file).expect("the store");
    bytes[4096..].fill(0xaa);
    fs::write(&file, bytes).expect("a file");
    let what = "the file of the store is damaged: database disk image is malformed (code 11)";
    refusal(1, &about(what), &["restore a backup"]).of(&stand);
}

#[test]
fn moved_or_copied_file_needs_a_decision() {
    let (stand, file) = stand();
    let other = stand.home().join("other.db");
    let place = fs::canonicalize(&file).expect("a path");
    fs::copy(&file, &other).expect("a copy");
    let line = |words: &str| format!("{words} --store sqlite:other.db");
    let refused = refusal(
        78,
        &format!(
            "sqlite:other.db: the file of the store was moved or copied; it was at {}",
            place.display()
        ),
        &[
            "if the store continues here:           \
             pinning-keys --store sqlite:other.db status --moved",
            "if the original is still in use, too:  \
             pinning-keys --store sqlite:other.db status --copied",
        ],
    );
    let issue = ISSUE.replace("keys.db", "other.db");
    refused.is(&stand.run(&issue), &issue);
    assert_eq!(stand.emulator().keys_made(), 1);

    stand.run(&line("status --copied")).exits(0);
    // The original manages its key, and the copy issues others.
    stand.run("revoke first --dry-run --store sqlite:keys.db").exits(0);
    stand.run(&line("revoke first --yes")).exits(1);
    stand.run(&issue).exits(0);

    fs::rename(&file, stand.home().join("moved.db")).expect("it is moved");
    let moved = "--store sqlite:moved.db";
    stand.run(&format!("status {moved}")).exits(78);
    stand.run(&format!("status --moved {moved}")).exits(0);
    stand.run(&format!("revoke first --yes {moved}")).exits(0);
    assert_eq!(stand.emulator().keys_live(), 1);
}

#[test]
fn decision_about_a_file_needs_a_file() {
    let stand = Stand::pinata();
    stand.run("status --moved --copied").exits(64);
    stand.run("status --moved").exits(1);
    stand.run("status --copied --store sqlite:none.db").exits(1);
    let run = stand.run("status --moved --store postgres://me@127.0.0.1:1/x").exits(64);
    assert!(run.stderr.contains("only the file of a store"), "{}", run.stderr);
    assert!(!stand.home().join("none.db").exists());
}

#[test]
fn account_of_another_credential_is_refused() {
    let stand = Stand::without_account();
    let other = pinning_keys_emulator::Emulator::builder().seed(7);
    let other = stand.block_on(other.start()).expect("the emulator starts");
    let accounts = [stand.emulator().pinata(), other.pinata()];
    let [first, second] = accounts.map(|pinata| {
        format!(
            "[profiles.main]\nprovider = \"pinata\"\nbase_url = {:?}\njwt = {:?}\n",
            pinata.base_url(),
            pinata.jwt()
        )
    });
    stand.write_private("config.toml", &first);
    let line = |words: &str| format!("{words} --config config.toml --profile main");
    stand.run(&line(&ISSUE.replace("ci", "first"))).exits(0);
    stand.write_private("config.toml", &second);
    for words in [ISSUE, "revoke first --yes --store sqlite:keys.db"] {
        let run = stand.run(&line(words));
        refusal(
            78,
            "the credential of \"main\" belongs to another account",
            &["use another profile name for another account, or another store:  \
               --store sqlite:PATH"],
        )
        .is(&run, words);
    }
    assert_eq!((stand.emulator().keys_live(), other.keys_made()), (1, 0));
}

#[test]
fn job_without_a_store_of_its_own_reads_none() {
    let stand = Stand::pinata();
    for line in ["list", "revoke --prefix x --dry-run", "status", "list --managed"] {
        let words: Vec<&str> = line.split(' ').collect();
        let run = run(stand.command(words).env("CI", "true"));
        assert!(matches!(run.code, 0 | 1), "{line}: {}", run.stderr);
    }
    assert!(!stand.home().join(".local").exists());
}

#[test]
fn store_that_is_not_named_properly_is_no_default() {
    let mut stand = Stand::pinata();
    let issue = "issue ci --preset reader --to file:ci.json";
    for (value, why) in [
        ("", "PINNING_KEYS_STORE: the address of the store is empty"),
        (" ", "PINNING_KEYS_STORE: the address of the store is empty"),
        ("keys.db", "PINNING_KEYS_STORE: the address of the store is not valid"),
        ("sqlite:", "PINNING_KEYS_STORE: the store has no path"),
        ("sqlite:~/keys.db", "PINNING_KEYS_STORE: the path of the store begins with ~"),
    ] {
        stand.set_variable("PINNING_KEYS_STORE", value);
        let run = stand.run(issue).exits(78);
        assert!(run.stderr.starts_with(&format!("error: {why}")), "{}", run.stderr);
        assert!(run.stderr.lines().count() > 1, "{}", run.stderr);
    }
    let stand = Stand::pinata();
    stand.write(".pinning-keys.toml", "store = \"sqlite:keys.db\"\n");
    let run = stand.run(issue).exits(78);
    let why = ".pinning-keys.toml:1: \"store\" is not allowed in a project file";
    assert!(run.stderr.contains(why), "{}", run.stderr);
    assert_eq!(stand.emulator().requests(), 0);
    assert!(!stand.home().join("keys.db").exists() && !stand.home().join(".local").exists());
}

#[test]
fn leaked_key_is_revoked_although_the_store_cannot_be_used() {
    let stand = Stand::pinata();
    stand.run("issue ci --preset reader --to file:ci.json --store sqlite:keys.db").exits(0);
    stand.write("keys.db", &"not a store. ".repeat(90));
    let key: serde_json::Value = serde_json::from_str(&stand.read("ci.json")).expect("an object");
    let secret = key["bearer"].as_str().expect("a JWT");
    let line = "revoke --token - --yes --store sqlite:keys.db";
    let refused = stand.run_with_stdin(line, secret);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("--unmanaged"), "{}", refused.stderr);
    assert_eq!(stand.emulator().keys_live(), 1);
    stand.run_with_stdin(&format!("{line} --unmanaged"), secret).exits(0);
    assert_eq!(stand.emulator().keys_live(), 0);
}
