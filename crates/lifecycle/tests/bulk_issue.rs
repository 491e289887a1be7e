//! The example `bulk_issue`, run as a reader runs it: the next run finishes what an interrupted one
//! left, no user has two keys, and the secret of each live key is stored.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use pinning_keys::IssuerConfig;
use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule, Stage, W3ipfsAssumptions};
use pinning_keys_lifecycle::{
    KeyFilter, KeyManager, KeyState, ManagedKey, ManualClock, SqliteStore,
};
use pinning_keys_testkit::example;
use serde_json::Value;

/// An account at an emulator, and the folder of the runs.
struct Stand {
    emulator: Emulator,
    provider: &'static str,
    users: usize,
    folder: PathBuf,
}

impl Stand {
    async fn new(test: &str, provider: &'static str, users: usize) -> Self {
        Self::with_room(10_000, test, provider, users).await
    }

    /// With this many keys at most at W3IPFS.
    async fn with_room(keys: usize, test: &str, provider: &'static str, users: usize) -> Self {
        let room = W3ipfsAssumptions::default().max_keys(keys);
        let emulator = Emulator::builder().w3ipfs_assumptions(room).start().await.unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bulk_issue").join(test);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let list: Vec<_> = (0..users).map(|n| format!("user-{n}")).collect();
        std::fs::write(folder.join("users.txt"), list.join("\n")).unwrap();
        Self { emulator, provider, users, folder }
    }

    /// A run with the account, at a pace that no plan allows.
    fn command(&self, further: &[&str]) -> Command {
        let path = |name: &str| self.folder.join(name).to_str().unwrap().to_owned();
        let (users, into) = (path("users.txt"), path("keys"));
        let arguments = ["--live", &users, "--into", &into];
        let pace = ["--requests-a-minute", "600000"];
        let mut command =
            example::command("bulk_issue", &[&arguments[..], &pace, further].concat());
        command.envs(self.account());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The exit code and the output of a run, which contains no secret.
    fn run(&self, further: &[&str]) -> (Option<i32>, String) {
        self.read(self.command(further).output().unwrap())
    }

    fn read(&self, output: Output) -> (Option<i32>, String) {
        let code = output.status.code();
        let (text, errors) = example::texts(output);
        let text = text + &errors;
        for line in self.stored() {
            for member in ["jwt", "api_secret"] {
                let secret = line[member].as_str();
                assert!(secret.is_none_or(|secret| !text.contains(secret)), "{text}");
            }
        }
        (code, text)
    }

    /// The lines of the file of secrets.
    fn stored(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.join("keys/secrets.jsonl"));
        let text = text.unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn account(&self) -> Vec<(&'static str, String)> {
        let (pinata, w3ipfs) = (self.emulator.pinata().vars(), self.emulator.w3ipfs().vars());
        if self.provider == "pinata" { pinata } else { w3ipfs }
    }

    /// The names of the keys that were created, and whether they are live.
    fn made(&self) -> BTreeMap<String, bool> {
        let pinata = self.emulator.pinata().keys().into_iter().map(|key| (key.name, !key.revoked));
        let w3ipfs = self.emulator.w3ipfs().keys().into_iter().map(|key| (key.name, !key.deleted));
        pinata.chain(w3ipfs).collect()
    }

    /// The names of the live keys, by their users. No user has two.
    fn live(&self) -> BTreeMap<String, String> {
        let mut live = BTreeMap::new();
        for (name, _) in self.made().into_iter().filter(|(_, live)| *live) {
            let user = name.split_once('.').unwrap().0.to_owned();
            assert_eq!(live.insert(user, name), None, "a user has two keys");
        }
        live
    }

    /// Each user has one live key, and its secret is stored.
    fn assert_finished(&self) {
        let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
        let stored = self.stored();
        // Of a user with several lines, the last one counts.
        let stored: BTreeMap<_, _> =
            stored.iter().map(|line| (text(line, "user"), text(line, "name"))).collect();
        assert_eq!(stored.len(), self.users);
        assert_eq!(stored, self.live());
    }

    /// Passes of a worker on the store of the runs, minutes later. Returns the states of all keys.
    async fn work(&self) -> Vec<KeyState> {
        let clock = ManualClock::at(SystemTime::now());
        let store = SqliteStore::options().clock(clock.clone());
        let store = store.open(self.folder.join("keys/keys.db")).await.unwrap();
        let issuer = IssuerConfig::from_vars(self.account()).unwrap().build().unwrap();
        let manager = KeyManager::builder(store).account("main", issuer).build().await.unwrap();
        for _ in 0..6 {
            clock.advance(Duration::from_mins(1));
            let tick = manager.run_due(1_000).await.unwrap();
            assert!(tick.errors().is_empty(), "{tick}");
        }
        let keys = manager.list(&KeyFilter::default(), None, usize::MAX).await.unwrap();
        keys.iter().map(ManagedKey::state).collect()
    }

    /// Starts a slow run, and waits until it has created this many keys.
    fn begin(&self, keys: usize) -> Child {
        let late = Fault::Latency { delay: Duration::from_millis(100), stage: Stage::BeforeCommit };
        self.emulator.faults().add(FaultRule::new(late));
        let mut run = self.command(&[]).spawn().unwrap();
        while self.emulator.keys_made() < keys {
            assert!(run.try_wait().unwrap().is_none(), "the run ended early");
            std::thread::yield_now();
        }
        run
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn second_run_finishes_an_interrupted_one() {
    let stand = Stand::new("second", "pinata", 400).await;
    let (code, text) = stand.run(&["--stop-after", "150"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("not all users have a key: run it again"), "{text}");
    let first = stand.stored().len();
    // The requests in flight finish, too.
    assert!((150..=165).contains(&first), "{first}");
    assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (first, first));

    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(&format!("  created   {:>5}", 400 - first)), "{text}");
    assert!(text.ends_with("  left          0\n\n"), "{text}");
    assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (400, 400));
    stand.assert_finished();

    // There is nothing left for a third, and nothing for a worker.
    let requests = stand.emulator.requests();
    assert_eq!(stand.run(&[]).0, Some(0));
    assert_eq!(stand.emulator.requests(), requests);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn full_account_stops_the_run_and_says_why() {
    let stand = Stand::with_room(50, "full", "w3ipfs", 1_000).await;
    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(1), "{text}");
    let made = stand.stored().len();
    assert_eq!(stand.emulator.w3ipfs().keys_made(), made);
    // Besides the requests in flight, no other was sent.
    assert!(stand.emulator.requests() <= 50 + 16, "{} requests", stand.emulator.requests());
    assert!(text.contains("Maximum number of API keys exceeded"), "{text}");
    let stopped = "  stopped           every other user would fail in the same way\n                    \
                   revoke keys that are no longer used\n";
    assert!(text.contains(stopped), "{text}");
    assert!(text.contains(&format!("  left      {:>5}", 1_000 - made)), "{text}");
    assert!(text.contains("remove the cause, then run it again"), "{text}");
    // Nothing is in doubt: the users that were refused have no key.
    assert!(!text.contains("in doubt"), "{text}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn only_the_owner_can_read_the_secrets() {
    use std::os::unix::fs::PermissionsExt;

    let stand = Stand::new("mode", "w3ipfs", 3).await;
    assert_eq!(stand.run(&["--stop-after", "1"]).0, Some(0));
    let file = stand.folder.join("keys/secrets.jsonl");
    let mode = |file: &Path| file.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);

    // A file that others can read is not written to.
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    let requests = stand.emulator.requests();
    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("others can read secrets.jsonl"), "{text}");
    assert_eq!(stand.emulator.requests(), requests);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn ctrl_c_lets_requests_in_flight_finish() {
    let stand = Stand::new("interrupt", "w3ipfs", 300).await;
    let run = stand.begin(50);
    interrupt(&run);
    let (code, text) = stand.read(run.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(!text.contains("in doubt"), "{text}");
    // Every created key is stored.
    assert_eq!(stand.stored().len(), stand.emulator.keys_made());
    assert!(stand.emulator.keys_made() < 300);
    stand.emulator.faults().clear();
    assert_eq!(stand.run(&[]).0, Some(0));
    stand.assert_finished();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn next_run_finishes_what_killed_ones_left() {
    for provider in ["pinata", "w3ipfs"] {
        let stand = Stand::new(&format!("kill-{provider}"), provider, 150).await;
        for keys in [40, 90] {
            let mut run = stand.begin(keys);
            run.kill().unwrap(); // with SIGKILL
            run.wait().unwrap();
            stand.emulator.faults().clear();
        }
        let (code, text) = stand.run(&[]);
        assert_eq!(code, Some(0), "{text}");
        let states = stand.work().await;
        stand.assert_finished();
        assert_eq!(states.iter().filter(|state| **state == KeyState::Live).count(), 150);
        let is_settled = |state: &KeyState| {
            matches!(state, KeyState::Live | KeyState::Closed | KeyState::Revoked)
        };
        assert!(states.iter().all(is_settled), "{states:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn lost_answers_leave_no_second_key() {
    for provider in ["pinata", "w3ipfs"] {
        let stand = Stand::new(&format!("lost-{provider}"), provider, 60).await;
        let lost = Fault::status(StatusCode::BAD_GATEWAY, Stage::AfterCommit);
        let cut = Fault::CutConnection(Cut::BeforeRead);
        for (fault, at) in [(lost, 10), (cut, 30)] {
            stand.emulator.faults().add(FaultRule::new(fault).method(Method::POST).nth(at));
        }
        let (code, text) = stand.run(&[]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("\n  in doubt      2   nobody has their secrets"), "{text}");
        assert!(text.contains("\n  left          2\n"), "{text}");
        assert_eq!(stand.stored().len(), 58);

        let (code, text) = stand.run(&[]);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("\n  created       2 ") || text.starts_with("  created       2 "));
        let states = stand.work().await;
        stand.assert_finished();
        assert_eq!(states.iter().filter(|state| **state == KeyState::Revoked).count(), 1);
        assert_eq!(states.iter().filter(|state| **state == KeyState::Closed).count(), 1);
        assert_eq!(stand.emulator.keys_made(), 61);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn key_that_is_stored_but_not_confirmed_is_kept() {
    let stand = Stand::new("unconfirmed", "pinata", 3).await;
    assert_eq!(stand.run(&[]).0, Some(0));
    let made = stand.made();
    // As a run leaves it that dies between the two.
    set_undelivered(&stand.folder.join("keys/keys.db")).await;
    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("  settled       3   3 confirmed, 0 revoked"), "{text}");
    assert_eq!(stand.made(), made);
    stand.assert_finished();
}

/// Takes the confirmations of all keys back.
async fn set_undelivered(file: &Path) {
    use sqlx::Connection as _;

    let url = format!("sqlite:{}", file.display());
    let mut store = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let update = "UPDATE pinning_keys_keys SET state = 'undelivered', due_at = deliver_by";
    sqlx::query(update).execute(&mut store).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn incomplete_secret_is_lost_and_its_key_ends() {
    let stand = Stand::new("torn", "pinata", 5).await;
    assert_eq!(stand.run(&[]).0, Some(0));
    let secrets = stand.folder.join("keys/secrets.jsonl");
    let stored = std::fs::read(&secrets).unwrap();
    let last = stored[..stored.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    // This one ends in the middle of a letter.
    let torn = b"{\"user\":\"Zo\xc3".as_slice();
    std::fs::write(&secrets, [&stored[..=last], torn].concat()).unwrap();
    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("  settled       1   0 confirmed, 1 revoked"), "{text}");
    assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (6, 5));
    let text = std::fs::read(&secrets).unwrap();
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    assert_eq!(lines.filter(|line| serde_json::from_slice::<Value>(line).is_ok()).count(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn missing_file_of_secrets_ends_no_key() {
    let stand = Stand::new("missing", "w3ipfs", 5).await;
    assert_eq!(stand.run(&[]).0, Some(0));
    std::fs::remove_file(stand.folder.join("keys/secrets.jsonl")).unwrap();
    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("secrets.jsonl is empty although keys are live"), "{text}");
    assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (5, 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn user_name_that_is_too_long_is_refused_before_any_request() {
    let stand = Stand::new("name", "w3ipfs", 5).await;
    let list = format!("ann\n{}\n", "b".repeat(100));
    std::fs::write(stand.folder.join("users.txt"), list).unwrap();
    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("and the limit is 100"), "{text}");
    assert_eq!(stand.emulator.requests(), 0);
}

#[test]
fn sample_is_interrupted_and_finished() {
    let output = example::command("bulk_issue", &[]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("\n  in doubt      2   nobody has their secrets"), "{text}");
    assert!(text.contains("\n  settled       2   1 revoked\n"), "{text}");
    let end = "\n1000 keys are live at the emulator, and the secrets of 1000 are stored.\n";
    assert!(text.contains(end), "{text}");
    assert!(!text.contains("eyJ"), "{text}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_sample() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bulk_issue").join("sample");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = example::command("bulk_issue", &[]);
    let run = command.env("TMPDIR", &folder).stdout(Stdio::piped()).spawn().unwrap();
    let own = || std::fs::read_dir(&folder).unwrap().next().map(|entry| entry.unwrap().path());
    let secrets = || std::fs::read(own()?.join("secrets.jsonl")).ok();
    while secrets().unwrap_or_default().is_empty() {
        std::thread::yield_now();
    }
    interrupt(&run);
    let output = run.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("First run") && !text.contains("Second run"), "{text}");
    assert_eq!(own(), None);
}

#[cfg(unix)]
fn interrupt(run: &Child) {
    let kill = Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

#[test]
fn wrong_arguments_show_the_usage() {
    for wrong in [
        &["--lvie"][..],
        &["--live"],
        &["--live", "users.txt"],
        &["--stop-after", "3"],
        &["--live", "a", "--into", "b", "--stop-after", "-1"],
    ] {
        let output = example::command("bulk_issue", wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{wrong:?}");
        assert!(example::texts(output).1.contains("Usage: cargo run"));
    }
}
