use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};

use pinning_keys_emulator::DEFAULT_SEED;

pub(crate) const HELP: &str = "\
The key APIs of Pinata and W3IPFS on this machine, with scopes enforced.

Usage: pinning-keys-emulator [--listen ADDRESS] [--seed NUMBER] [--json]

  --listen ADDRESS  address to listen on, loopback only; port 0 takes a free port
                    (default: 127.0.0.1:8787)
  --seed NUMBER     seed of all keys and identifiers; the same seed gives the same ones
                    (default: 1)
  --json            print the base URLs and credentials as one line of JSON
  --help            print this help

Prints the environment variables with which pinning-keys reaches each provider. Ctrl-C stops
the emulator and discards everything in it.
";

const DEFAULT_PORT: u16 = 8787;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(Args),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) listen: SocketAddr,
    pub(crate) seed: u64,
    pub(crate) json: bool,
}

/// Parses a command line without the program's name; `--name value` and `--name=value` are the
/// same.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut args = Args {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
        seed: DEFAULT_SEED,
        json: false,
    };
    let words: Vec<String> = words.into_iter().map(text).collect::<Result<_, _>>()?;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        let mut value = |example: &str| {
            let value = attached.clone().or_else(|| words.next());
            value.ok_or_else(|| format!("{name} needs a value, such as {example}"))
        };
        match name {
            "--listen" => args.listen = address(&value("127.0.0.1:8787")?)?,
            "--seed" => {
                let text = value("42")?;
                let wrong = |_| format!("seed {text:?} is not a whole number from 0 to 2^64-1");
                args.seed = text.parse().map_err(wrong)?;
            }
            "--json" | "--help" | "-h" if attached.is_some() => {
                return Err(format!("{name} takes no value"));
            }
            "--json" => args.json = true,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(format!("unknown argument {word:?}")),
        }
    }
    Ok(Command::Run(args))
}

fn text(word: OsString) -> Result<String, String> {
    word.into_string().map_err(|word| format!("argument {word:?} is not UTF-8"))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = text
        .strip_prefix("localhost:")
        .map_or_else(|| text.to_owned(), |port| format!("{}:{port}", Ipv4Addr::LOCALHOST));
    numeric.parse().map_err(|_| {
        format!("{text:?} is not an address with a port, such as 127.0.0.1:8787 or [::1]:0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn defaults_and_both_forms_are_read() {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8787));
        let defaults = Args { listen, seed: 1, json: false };
        assert_eq!(run(""), Ok(Command::Run(defaults)));
        let expected = Ok(Command::Run(Args { listen, seed: 9, json: true }));
        assert_eq!(run("--listen 127.0.0.1:8787 --seed 9 --json"), expected);
        assert_eq!(run("--json --listen=localhost:8787 --seed=9"), expected);
        assert_eq!(run("--json --help"), Ok(Command::Help));
    }

    #[test]
    fn misuse_is_explained() {
        for (line, part) in [
            ("--listen", "--listen needs a value"),
            ("--listen 8787", "is not an address with a port"),
            ("--listen localhost:abc", "\"localhost:abc\" is not an address"),
            ("--seed -1", "is not a whole number"),
            ("--json=yes", "takes no value"),
            ("--port 1", "unknown argument \"--port\""),
            ("serve", "unknown argument \"serve\""),
        ] {
            let error = run(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }

    #[test]
    fn help_shows_the_defaults() {
        assert!(HELP.contains(&format!("(default: {DEFAULT_SEED})")));
        assert!(HELP.contains(&format!("127.0.0.1:{DEFAULT_PORT}")));
    }
}
