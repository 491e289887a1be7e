//! A person at a shell: an emulator, an empty home folder, and the program.

#[cfg(unix)]
pub(crate) mod canaries;
pub(crate) mod every_command;
pub(crate) mod keys;
pub(crate) mod listed;
#[cfg(unix)]
pub(crate) mod running;
#[cfg(unix)]
pub(crate) mod terminal;

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use pinning_keys_emulator::{Emulator, EmulatorBuilder};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_pinning-keys");

/// The emulator in this process, and a home folder that nothing else uses.
pub(crate) struct Stand {
    runtime: Runtime,
    emulator: Emulator,
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// How the program ended, and what it printed.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Stand {
    /// An account at the emulated Pinata.
    pub(crate) fn pinata() -> Self {
        Self::start(Emulator::builder(), |emulator| emulator.pinata().vars().into_iter().collect())
    }

    /// An account at the emulated W3IPFS.
    pub(crate) fn w3ipfs() -> Self {
        Self::start(Emulator::builder(), |emulator| emulator.w3ipfs().vars().into_iter().collect())
    }

    /// The same account, with its key pair instead of its login.
    pub(crate) fn w3ipfs_by_pair() -> Self {
        let mut stand = Self::w3ipfs();
        stand.variables.retain(|(name, _)| *name != "PINNING_KEYS_JWT");
        let w3ipfs = stand.emulator.w3ipfs().clone();
        stand.set_variable("PINNING_KEYS_API_KEY", w3ipfs.api_key());
        stand.set_variable("PINNING_KEYS_API_SECRET", w3ipfs.api_secret());
        stand
    }

    /// No account: nothing in the environment names one.
    pub(crate) fn without_account() -> Self {
        Self::start(Emulator::builder(), |_| Vec::new())
    }

    /// An emulator with settings of its own, and the variables that the program gets.
    pub(crate) fn start(
        builder: EmulatorBuilder,
        variables: impl FnOnce(&Emulator) -> Vec<(&'static str, String)>,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime starts");
        let emulator = runtime.block_on(builder.start()).expect("the emulator starts");
        let variables = variables(&emulator);
        let home = tempfile::tempdir().expect("a temporary folder");
        Self { runtime, emulator, home, variables }
    }

    pub(crate) fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn set_variable(&mut self, name: &'static str, value: &str) {
        self.variables.retain(|(set, _)| *set != name);
        self.variables.push((name, value.to_owned()));
    }

    /// A variable that the program gets.
    pub(crate) fn variable(&self, name: &str) -> &str {
        let found = self.variables.iter().find(|(set, _)| *set == name);
        &found.expect("the variable is set").1
    }

    /// Runs a future on the emulator's runtime.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// The home folder, in which the program also runs.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file below the home folder.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.home().join(path);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Writes a file below the home folder that nobody else can read.
    pub(crate) fn write_private(&self, path: &str, text: &str) {
        self.write(path, text);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(self.home().join(path), mode).expect("its owner is us");
        }
    }

    /// Reads a file below the home folder.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.home().join(path)).expect("the file is there")
    }

    /// The program with these arguments, in an environment of its own and without a terminal.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).current_dir(self.home()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.home()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("USER", "alice");
        // The emulator has no rate limit, so no test has to wait for its turn.
        command.env("PINNING_KEYS_REQUESTS_PER_MINUTE", "60000000");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program with the words of a line. For arguments with blanks, use
    /// [`command`](Self::command).
    pub(crate) fn run(&self, line: &str) -> Run {
        run(&mut self.command(line.split_whitespace()))
    }

    /// Runs the program with this text on stdin.
    pub(crate) fn run_with_stdin(&self, line: &str, stdin: &str) -> Run {
        run_with_stdin(&mut self.command(line.split_whitespace()), stdin)
    }
}

/// Runs a command with this text on stdin.
pub(crate) fn run_with_stdin(command: &mut Command, stdin: &str) -> Run {
    use std::io::Write as _;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // The program may end without reading it.
    let _ = child.stdin.take().expect("stdin is piped").write_all(stdin.as_bytes());
    child.wait_with_output().expect("the program ends").into()
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    command.output().expect("the program starts").into()
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Run {
    /// Checks the exit code, and shows everything if it is another one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The objects on stdout, one per line.
    #[track_caller]
    pub(crate) fn objects(&self) -> Vec<serde_json::Value> {
        let parse = |line| serde_json::from_str(line).expect("each line is an object");
        self.stdout.lines().map(parse).collect()
    }
}
