//! Every command, with most of the ways in which it can end.

use pinning_keys::{KeyIssuer, ScopeRequest};

use super::keys::stored;
use super::{Run, Stand};

/// The folder below the home folder to which secrets are delivered.
pub(crate) const SINKS: &str = "sinks";

/// A command line and its exit code if nothing goes wrong. The words `TOKEN` and `NOISE` at its end
/// are what is on stdin. `FIELD` is a part of the secret that keys of the provider have.
const LINES: [(&str, i32); 34] = [
    ("plan --preset reader", 0),
    ("plan --needs swaps:write", 1),
    ("plan --admin", 0),
    ("issue --unmanaged ci --preset reader --to file:sinks/ci.json", 0),
    ("issue --unmanaged second --preset reader --to file:sinks/ci.json", 1),
    ("issue --unmanaged third --preset reader --to env:sinks/env#KEY --field FIELD", 0),
    ("issue --unmanaged fourth --preset reader --to command:sh|leaky.sh --field json", 1),
    ("issue --unmanaged fifth --preset reader --to file:sinks/none.json --dry-run", 0),
    ("issue --unmanaged sixth --preset reader --to github:env#KEY --field FIELD", 1),
    ("list", 0),
    ("list --live --prefix c", 0),
    ("show ci", 0),
    ("show nosuchkey", 1),
    ("verify --file given.json", 0),
    ("verify - TOKEN", 0),
    ("verify - NOISE", 1),
    ("probe --file given.json --yes", 0),
    ("exec job --preset reader --env KEY=json --dry-run -- true", 0),
    ("exec job --preset reader --env KEY=json -- sh keep.sh", 0),
    ("exec job --preset reader --env KEY=json -- sh keep.sh 7", 7),
    ("exec job --preset reader --env KEY=json -- nosuchprogram", 127),
    ("revoke --prefix c --dry-run", 0),
    ("revoke nosuchkey --yes", 1),
    ("revoke ci", 1),
    ("revoke ci --yes", 0),
    ("revoke --token - --yes TOKEN", 0),
    ("verify - TOKEN", 5),
    ("config", 0),
    ("config check", 0),
    ("completions bash", 0),
    ("man", 0),
    ("man exec", 0),
    ("help", 0),
    ("nosuchcommand", 64),
];

/// What happened: the words of a command line, and how it ended.
pub(crate) struct Ended {
    pub(crate) line: String,
    pub(crate) expected: i32,
    pub(crate) run: Run,
}

impl Stand {
    /// Runs every command line with these flags in front.
    pub(crate) fn run_every_command(
        &self,
        flags: &[&str],
        issuer: &dyn KeyIssuer,
        field: &str,
    ) -> Vec<Ended> {
        self.write("keep.sh", "printf '%s\\n' \"$KEY\" >> sinks/exec\nexit ${1:-0}\n");
        self.write("leaky.sh", "tee -a sinks/leaky\ncat sinks/leaky >&2\nexit 1\n");
        self.run_lines(&LINES, flags, issuer, field, |_| {})
    }

    /// Runs command lines with these flags in front, and calls a function after each of them.
    pub(crate) fn run_lines(
        &self,
        lines: &[(&str, i32)],
        flags: &[&str],
        issuer: &dyn KeyIssuer,
        field: &str,
        mut after: impl FnMut(&Ended),
    ) -> Vec<Ended> {
        let given = self.issue(issuer, ScopeRequest::reader());
        self.write_private("given.json", &stored(&given));
        std::fs::create_dir_all(self.home().join(SINKS)).expect("a folder");
        let ended = |&(line, expected): &(&str, i32)| {
            let (line, stdin) = match line.rsplit_once(' ') {
                Some((line, "TOKEN")) => (line, stored(&given)),
                Some((line, "NOISE")) => (line, format!("{}\n\u{1b}[2J", stored(&given))),
                _ => (line, String::new()),
            };
            let words = flags.iter().copied().chain(line.split(' '));
            let words = words.map(|word| word.replace('|', " ").replace("FIELD", field));
            let mut command = self.command(words);
            // The emulator has no limit that would have to be kept to.
            command.env("PINNING_KEYS_REQUESTS_PER_MINUTE", "60000");
            let run = super::run_with_stdin(&mut command, &stdin);
            let ended = Ended { line: format!("{} {line}", flags.join(" ")), expected, run };
            after(&ended);
            ended
        };
        lines.iter().map(ended).collect()
    }
}
