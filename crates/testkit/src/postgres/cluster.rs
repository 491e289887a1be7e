//! The folder of a server, and the programs that work on it.

use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::account::Account;
use super::processes::wait_until;
use super::programs::Programs;
use super::watchdog::Watchdog;

/// The owner of the cluster and of all databases.
pub(super) const USER: &str = "postgres";

/// Part of the socket's name. Each server has its own folder, so ports never collide.
pub(super) const PORT: u16 = 5432;

/// The longest path of a socket that every system accepts, in bytes.
const LONGEST_SOCKET_PATH: usize = 103;

/// A folder with a cluster in `data`, the server's output in `log`, and the socket.
pub(super) struct Cluster {
    programs: Programs,
    account: Option<Account>,
    watchdog: Watchdog,
}

impl Cluster {
    /// A folder without a cluster.
    pub(super) fn new(programs: Programs) -> Self {
        let account = Account::to_switch_to();
        let watchdog = [env::temp_dir(), PathBuf::from("/tmp")]
            .iter()
            .filter_map(|parent| Watchdog::new(parent))
            .find(|watchdog| is_usable(watchdog.folder(), account))
            .expect("the server can use neither the folder for temporary files nor /tmp");
        Self { programs, account, watchdog }
    }

    pub(super) fn programs(&self) -> &Programs {
        &self.programs
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    pub(super) fn folder(&self) -> &Path {
        self.watchdog.folder()
    }

    /// Runs a program that works on the cluster's files, until it ends.
    pub(super) fn run(&mut self, program: &str, arguments: &[&OsStr]) {
        let mut child = self.spawn(program, arguments);
        let status = child.wait().unwrap();
        self.stopped();
        assert!(status.success(), "{program} failed, {status}:\n{}", self.log());
    }

    /// Appends the settings of the tests, which replace earlier ones.
    pub(super) fn configure(&self) {
        let settings = format!(
            "listen_addresses = ''\n\
             unix_socket_directories = '{}'\n\
             port = {PORT}\n\
             max_connections = 100\n\
             shared_buffers = 16MB\n\
             # In files of the cluster, which are removed with it even if the server is killed.\n\
             dynamic_shared_memory_type = mmap\n",
            self.folder().display()
        );
        let file = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"));
        file.unwrap().write_all(settings.as_bytes()).unwrap();
    }

    /// Starts the server, and waits until it accepts connections.
    pub(super) fn start(&mut self) -> Child {
        let mut postmaster = self.spawn("postgres", &["-D".as_ref(), self.data().as_ref()]);
        let pid = postmaster.id().to_string();
        wait_until("the server accepts connections", || {
            if let Some(status) = postmaster.try_wait().unwrap() {
                panic!("the server has not started, {status}:\n{}", self.log());
            }
            // The first line of the file is the process, the eighth its state.
            let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            let mut lines = file.lines();
            lines.next() == Some(&pid) && lines.nth(6).is_some_and(|state| state.trim() == "ready")
        });
        postmaster
    }

    /// Starts a program as the owner of the cluster, watched by the watchdog.
    ///
    /// The program begins only after the watchdog knows of it. If this process is killed before,
    /// the pipe to it is closed, and it never begins.
    fn spawn(&mut self, program: &str, arguments: &[&OsStr]) -> Child {
        let log = OpenOptions::new().append(true).create(true).open(self.folder().join("log"));
        let log: File = log.unwrap();
        let mut command = self.command("sh");
        command
            .args(["-c", "read -r _ && exec \"$@\" < /dev/null", "sh"])
            .arg(self.programs.path(program))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            // Ctrl-C in a terminal is for the test process. Its end is what stops the server.
            .process_group(0);
        if let Some(account) = self.account {
            account.run(&mut command);
        }
        let mut child = command.spawn().unwrap();
        self.watchdog.watch(Some(&child));
        child.stdin.take().unwrap().write_all(b"begin\n").unwrap();
        child
    }

    /// A command whose environment names none of the caller's own servers.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let of_postgres = |name: &OsStr| name.as_encoded_bytes().starts_with(b"PG");
        for (name, _) in env::vars_os().filter(|(name, _)| of_postgres(name)) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").current_dir(self.folder());
        command
    }

    /// Notes that what [`start`](Self::start) returned has ended.
    pub(super) fn stopped(&mut self) {
        self.watchdog.watch(None);
    }

    /// Stops the server at once. What is left of it is removed when this value is dropped.
    pub(super) fn end(&mut self) {
        self.watchdog.act();
    }

    /// The URL of a database, with the folder of the socket as its encoded host.
    pub(super) fn url(&self, database: &str) -> String {
        let mut host = String::new();
        for byte in self.folder().as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    host.push(char::from(*byte));
                }
                _ => write!(host, "%{byte:02X}").unwrap(),
            }
        }
        format!("postgres://{USER}@{host}:{PORT}/{database}")
    }

    /// Runs SQL in a database.
    pub(super) fn psql(&self, database: &str, text: &str) -> String {
        let mut command = self.command(self.programs.path("psql"));
        command
            .args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-c", text, "-d"])
            .arg(self.url(database));
        let mut answer = None;
        wait_until("the server answers psql", || {
            let output = command.output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            if !output.status.success() {
                // It is starting up, or in recovery.
                let early = errors.contains("FATAL:  the database system is");
                assert!(early, "{text}: {errors}");
                return false;
            }
            answer = Some(output.stdout);
            true
        });
        let answer = String::from_utf8(answer.unwrap_or_default()).unwrap();
        answer.trim_end().to_owned()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default()
    }
}

/// Whether the server can use a folder: its path is short enough for a socket, and the server's
/// account can reach it.
fn is_usable(folder: &Path, account: Option<Account>) -> bool {
    let socket = folder.join(format!(".s.PGSQL.{PORT}"));
    if socket.as_os_str().len() > LONGEST_SOCKET_PATH {
        return false;
    }
    account.is_none_or(|account| {
        account.own(folder);
        let mut command = Command::new("test");
        account.run(command.arg("-w").arg(folder));
        command.status().is_ok_and(|status| status.success())
    })
}
