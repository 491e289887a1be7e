//! A shell in which the commands of a page run one after the other.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What the shell prints after each command.
const MARK: char = '\u{1e}';

/// A shell with an empty home folder and the program.
pub(crate) struct Shell {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Shell {
    pub(crate) fn new(variables: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        Self { home, variables: variables.into_iter().collect() }
    }

    /// The home folder, in which the commands run.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs commands in one shell and returns what each of them printed, on both streams.
    pub(crate) fn run(&self, commands: &[String]) -> Vec<String> {
        // The mark leaves the exit code of the command to the next one.
        let mark = "__code=$?; printf '\\036'; (exit $__code)";
        let script = commands.iter().flat_map(|command| ["\n", command, "\n", mark]);
        let script = format!("exec 2>&1{}", script.collect::<String>());
        let output = self.command("sh").args(["-c", &script]).output();
        let output = output.expect("a shell is installed").stdout;
        let text = String::from_utf8(output).expect("the output is UTF-8");
        let printed: Vec<String> = text.split_terminator(MARK).map(str::to_owned).collect();
        assert_eq!(printed.len(), commands.len(), "the shell has stopped:\n{text}");
        printed
    }

    /// A program with the variables of this shell and nothing else from this process, without a
    /// terminal.
    pub(crate) fn command(&self, program: &str) -> Command {
        let own = Path::new(env!("CARGO_BIN_EXE_pinning-keys")).parent().expect("a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(own.to_owned()).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).expect("the folders have no separators");
        let mut command = Command::new(program);
        command.env_clear().env("PATH", path).env("HOME", self.home()).env("LC_ALL", "C.UTF-8");
        command.env("USER", "you");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.home()).stdin(Stdio::null());
        command
    }
}
