//! The examples, run as a reader runs them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use pinning_keys_emulator::{Emulator, Fault, FaultRule, Stage};
use pinning_keys_testkit::example::{self, failed, printed};

#[test]
fn per_user_upload_key_shows_a_visit() {
    let expected = "\
One user's visit, with keys of the built-in emulator

                                 pinata (endpoints)     w3ipfs (scopes)
uses of a key                    20                     any number
request a key, logged out        refused  401           refused  401
request a key, logged in         done     201           done     201
upload a file with it            done     200           done     201
list what is pinned              refused  403           refused  403
remove a pin                     refused  403           refused  403
request another key              done     201           done     201
upload with the first key        refused  403           refused  401
upload with the second key       done     200           done     201
request a link                   done     201           none     404
log out                          done     204           done     204
upload after logging out         refused  403           refused  401
upload to the link, no key       done     200           skipped

4 keys created, 0 left.
";
    assert_eq!(printed("per_user_upload_key", &[]), expected);
}

#[test]
fn service_with_a_table_that_cannot_only_upload_does_not_start() {
    // A request would go to a port where nobody listens, and fail otherwise.
    let account = [("PINATA_JWT", "eyJ.a.b"), ("PINNING_KEYS_BASE_URL", "http://127.0.0.1:9")];
    let error = failed("per_user_upload_key", &["--serve", "--live", &file("refused")], &account);
    assert!(error.contains("pinata (resources) cannot grant exactly pins:add-file"), "{error}");
    assert!(error.contains("table = \"endpoints\" (PINNING_KEYS_TABLE)"), "{error}");
}

#[test]
fn unknown_argument_shows_the_usage() {
    for arguments in [&["--lvie"][..], &["--serve", "--live"]] {
        assert!(failed("per_user_upload_key", arguments, &[]).contains("usage: "));
    }
}

/// A new file for the keys of a service.
fn file(test: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("per_user_upload_key").join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("keys.db").to_str().unwrap().to_owned()
}

/// A service that is killed with its test, and its output.
struct Running(Child, BufReader<ChildStdout>);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A service with these settings, and its address.
fn service(arguments: &[&str], variables: &[(&str, &str)]) -> (Running, String) {
    let mut command = example::command("per_user_upload_key", arguments);
    let command = command.envs(variables.iter().copied());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut service = Running(child, output);
    let mut first = String::new();
    service.1.read_line(&mut first).unwrap();
    assert!(first.contains(" with keys of pinata (endpoints)"), "{first}");
    let address = first.strip_prefix("Serving http://").unwrap().split(' ').next().unwrap();
    (service, address.to_owned())
}

/// A connection that sends the head of a request for a key, without its end.
fn connect(address: &str) -> TcpStream {
    let mut connection = TcpStream::connect(address).unwrap();
    let head = b"POST /upload-key HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    connection.write_all(head).unwrap();
    connection
}

/// The answer to a request for a key that ends with this.
fn ask(address: &str, end: &str) -> String {
    let mut connection = connect(address);
    connection.write_all(end.as_bytes()).unwrap();
    std::io::read_to_string(connection).unwrap()
}

#[test]
fn service_on_the_emulator_answers() {
    let (_service, address) = service(&["--serve"], &[]);
    let answer = ask(&address, "\r\n");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.contains("cache-control: no-store"), "{answer}");
}

#[cfg(unix)]
mod stopping {
    use super::*;

    const ALICE: &str = "x-session: sample-session-of-alice\r\n\r\n";

    /// A service whose keys this emulator creates, and which records them in this file.
    fn service_at(emulator: &Emulator, file: &str) -> (Running, String) {
        let pinata = emulator.pinata();
        let account = [
            ("PINATA_JWT", pinata.jwt()),
            ("PINNING_KEYS_BASE_URL", pinata.base_url()),
            ("PINNING_KEYS_TABLE", "endpoints"),
        ];
        service(&["--serve", "--live", file], &account)
    }

    fn send_signal(signal: &str, service: &Running) {
        let process = service.0.id().to_string();
        assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
    }

    fn errors(service: &mut Running) -> String {
        std::io::read_to_string(service.0.stderr.take().unwrap()).unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn signal_revokes_all_keys_whoever_is_connected() {
        for signal in ["-INT", "-TERM"] {
            let emulator = Emulator::start().await.unwrap();
            let (mut service, address) = service_at(&emulator, &file(signal));
            let answer = ask(&address, ALICE);
            assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
            assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 1));

            let _idle = connect(&address);
            send_signal(signal, &service);
            assert_eq!(service.0.wait().unwrap().code(), Some(0), "{signal}");
            assert_eq!(errors(&mut service), "");
            assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 0), "{signal}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn second_signal_stops_at_once_and_warns() {
        let emulator = Emulator::start().await.unwrap();
        let (mut service, address) = service_at(&emulator, &file("hanging"));
        assert!(ask(&address, ALICE).contains(" 201 "));
        // The revocation hangs, so that the first signal cannot end the service.
        let hang = Fault::Latency { delay: Duration::from_mins(1), stage: Stage::BeforeCommit };
        emulator.faults().add(FaultRule::new(hang));
        // Two signals in quick succession count as one, so they are sent until it ends.
        while service.0.try_wait().unwrap().is_none() {
            send_signal("-INT", &service);
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(service.0.wait().unwrap().code(), Some(1));
        let errors = errors(&mut service);
        assert!(errors.contains("stopped before all keys were revoked"), "{errors}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn killed_service_loses_no_key() {
        let (emulator, file) = (Emulator::start().await.unwrap(), file("killed"));
        let (service, address) = service_at(&emulator, &file);
        assert!(ask(&address, ALICE).contains(" 201 "));
        let bob = ask(&address, &ALICE.replace("alice", "bob"));
        assert!(bob.contains(" 201 "));
        drop(service); // with SIGKILL
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (2, 2));

        // The next one knows whose keys they are, and revokes them when it stops.
        let (mut service, address) = service_at(&emulator, &file);
        assert!(ask(&address, ALICE).contains(" 201 "));
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (3, 2));
        send_signal("-TERM", &service);
        assert_eq!(service.0.wait().unwrap().code(), Some(0));
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (3, 0));
    }
}
