//! The example `bulk_issue`, run as a reader runs it: the next run finishes what an interrupted one
//! left, and no user has two keys.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use pinning_keys_emulator::{Emulator, Fault, FaultRule, Stage, W3ipfsAssumptions};
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

    /// A run with the account, at a pace that no plan allows. The emulator lists a key at once.
    fn command(&self, further: &[&str]) -> Command {
        let path = |name: &str| self.folder.join(name).to_str().unwrap().to_owned();
        let (users, into) = (path("users.txt"), path("keys"));
        let arguments = ["--live", &users, "--into", &into, "--lag", "0"];
        let pace = ["--requests-a-minute", "600000"];
        let mut command =
            example::command("bulk_issue", &[&arguments[..], &pace, further].concat());
        let (pinata, w3ipfs) = (self.emulator.pinata().vars(), self.emulator.w3ipfs().vars());
        command.envs(if self.provider == "pinata" { pinata } else { w3ipfs });
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

    /// The names of the keys that were created, and whether they are live.
    fn made(&self) -> BTreeMap<String, bool> {
        let pinata = self.emulator.pinata().keys().into_iter().map(|key| (key.name, !key.revoked));
        let w3ipfs = self.emulator.w3ipfs().keys().into_iter().map(|key| (key.name, !key.deleted));
        pinata.chain(w3ipfs).collect()
    }

    /// Each user has one live key, and its secret is stored.
    fn assert_finished(&self) {
        let stored = self.stored();
        let users: BTreeSet<_> = stored.iter().map(|line| line["user"].as_str().unwrap()).collect();
        assert_eq!((users.len(), stored.len()), (self.users, self.users));
        let names = stored.iter().map(|line| line["name"].as_str().unwrap().to_owned());
        let live = self.made().into_iter().filter_map(|(name, live)| live.then_some(name));
        assert_eq!(names.collect::<BTreeSet<_>>(), live.collect::<BTreeSet<_>>());
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
    let stand = Stand::new("second", "pinata", 1_000).await;
    let (code, text) = stand.run(&["--stop-after", "300"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("not all users have a key: run it again"), "{text}");
    let first = stand.stored().len();
    // The requests in flight finish, too.
    assert!((300..=315).contains(&first), "{first}");
    assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (first, first));

    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(&format!("  created   {:>5}", 1_000 - first)), "{text}");
    assert!(text.ends_with("  left          0\n\n"), "{text}");
    assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (1_000, 1_000));
    stand.assert_finished();

    // There is nothing left for a third.
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
async fn next_run_settles_what_a_killed_one_left_in_doubt() {
    for provider in ["pinata", "w3ipfs"] {
        let stand = Stand::new(&format!("kill-{provider}"), provider, 150).await;
        let mut run = stand.begin(40);
        run.kill().unwrap();
        run.wait().unwrap();
        assert!(stand.emulator.keys_made() < 150);
        stand.emulator.faults().clear();

        let (code, text) = stand.run(&[]);
        assert_eq!(code, Some(0), "{text}");
        stand.assert_finished();
        let revoked = stand.made().values().filter(|live| !**live).count();
        assert!(text.contains(&format!("   {revoked} found and revoked, ")), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn incomplete_lines_are_skipped() {
    let stand = Stand::new("torn", "pinata", 5).await;
    let keys = stand.folder.join("keys");
    std::fs::create_dir(&keys).unwrap();
    // This one ends in the middle of a letter.
    let torn = b"{\"asked\":\"user-0-abc\",\"user\":\"Zo\xc3".as_slice();
    std::fs::write(keys.join("journal.jsonl"), torn).unwrap();
    let (code, text) = stand.run(&[]);
    assert_eq!(code, Some(0), "{text}");
    stand.assert_finished();
    let journal = std::fs::read(keys.join("journal.jsonl")).unwrap();
    assert!(journal.starts_with(&[torn, b"\n"].concat()));

    // An incomplete secret is lost, so its user gets another key.
    let secrets = keys.join("secrets.jsonl");
    let stored = std::fs::read(&secrets).unwrap();
    let last = stored[..stored.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    std::fs::write(&secrets, [&stored[..=last], torn].concat()).unwrap();
    let beginning = Instant::now();
    let (code, text) = stand.run(&["--lag", "1"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(beginning.elapsed() >= Duration::from_secs(1));
    assert!(text.contains("  settled       1   1 found and revoked, 0 never created"), "{text}");
    assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (6, 5));
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
    assert!(text.contains("\n  in doubt      2   the next run settles them by name"), "{text}");
    assert!(
        text.contains("\n  settled       2   1 found and revoked, 1 never created\n"),
        "{text}"
    );
    let end = "\n1000 keys are live at the emulator, and the secrets of 1000 are stored.\n";
    assert!(text.contains(end), "{text}");
    assert!(!text.contains("eyJ"), "{text}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_sample() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bulk_issue").join("sample");
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = example::command("bulk_issue", &[]);
    let run = command.env("TMPDIR", &folder).stdout(Stdio::piped()).spawn().unwrap();
    let secrets = folder.join(format!("bulk_issue-{}/secrets.jsonl", run.id()));
    while std::fs::read(&secrets).unwrap_or_default().is_empty() {
        std::thread::yield_now();
    }
    interrupt(&run);
    let output = run.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("First run") && !text.contains("Second run"), "{text}");
    assert!(!secrets.exists());
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
