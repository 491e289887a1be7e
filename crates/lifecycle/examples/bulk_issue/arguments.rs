//! The command line.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

pub(crate) const USAGE: &str = "\
Issues a key for each user of a list, and finishes what an interrupted run left.

Usage: cargo run --example bulk_issue [-- --live USERS --into FOLDER ...]

  --live USERS             the users in this file, one on a line, with the account that the
                           environment configures (PINNING_KEYS_* or PINATA_JWT); without it,
                           a thousand users on the built-in emulator
  --into FOLDER            where secrets and the store are kept; another run with the same folder
                           continues. One run at a time
  --stop-after N           stop after N keys, as Ctrl-C does
  --requests-a-minute N    the provider's limit (default: 60, which W3IPFS documents, and Pinata
                           for its plan \"Free\")

Ctrl-C starts nothing new and waits for the requests in flight; a second one does not wait.";

pub(crate) struct Live {
    pub(crate) users: PathBuf,
    pub(crate) into: PathBuf,
    pub(crate) stop_after: Option<usize>,
    pub(crate) requests_a_minute: Option<NonZeroU32>,
}

/// A live run, or nothing if there is no argument.
pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Option<Live>, String> {
    let (mut users, mut into) = (None, None);
    let (mut stop_after, mut requests_a_minute) = (None, None);
    let mut words = words.into_iter().peekable();
    if words.peek().is_none() {
        return Ok(None);
    }
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--live" => users = Some(PathBuf::from(value)),
            "--into" => into = Some(PathBuf::from(value)),
            "--stop-after" => stop_after = Some(number(&word, &value)?),
            "--requests-a-minute" => requests_a_minute = Some(number(&word, &value)?),
            _ => return Err(format!("unknown argument {word}")),
        }
    }
    let (Some(users), Some(into)) = (users, into) else {
        return Err("--live and --into are needed".to_owned());
    };
    Ok(Some(Live { users, into, stop_after, requests_a_minute }))
}

fn number<T: FromStr>(name: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{name} {text} is not a valid number"))
}
