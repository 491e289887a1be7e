//! What the command line asks for.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) const USAGE: &str = "\
Issues a key for each user of a list, and finishes what an interrupted run left.

Usage: cargo run --example bulk_issue --features bulk [-- --live USERS --into FOLDER ...]

  --live USERS             the users of this file, one a line, with the account that the
                           environment configures (PINNING_KEYS_* or PINATA_JWT); without it,
                           a thousand users on the built-in emulator
  --into FOLDER            where secrets and journal are kept; the same folder goes on where
                           the last run ended. One run at a time
  --stop-after N           end after N keys, as by Ctrl-C
  --lag SECONDS            how long a new key may be missing from the provider's list, where it
                           is not what the library assumes. A run that finds names in doubt
                           waits so long before it looks for their keys
  --requests-a-minute N    the provider's limit, where it is not the documented one (of
                           Pinata's plans, \"Free\")
  --help                   print this

Ctrl-C starts nothing new, and waits for what is under way; a second one does not wait.";

pub(crate) enum Command {
    Help,
    Sample,
    Live(Live),
}

pub(crate) struct Live {
    pub(crate) users: PathBuf,
    pub(crate) into: PathBuf,
    pub(crate) stop_after: Option<usize>,
    pub(crate) lag: Option<Duration>,
    pub(crate) requests_a_minute: Option<NonZeroU32>,
}

pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let (mut users, mut into) = (None, None);
    let (mut stop_after, mut lag, mut requests_a_minute) = (None, None, None);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--live" => users = Some(PathBuf::from(value()?)),
            "--into" => into = Some(PathBuf::from(value()?)),
            "--stop-after" => stop_after = Some(number(&word, &value()?)?),
            "--lag" => lag = Some(Duration::from_secs(number(&word, &value()?)?)),
            "--requests-a-minute" => requests_a_minute = Some(number(&word, &value()?)?),
            _ => return Err(format!("unknown argument {word}")),
        }
    }
    match (users, into) {
        (Some(users), Some(into)) => {
            Ok(Command::Live(Live { users, into, stop_after, lag, requests_a_minute }))
        }
        (None, None) if stop_after.is_none() && lag.is_none() && requests_a_minute.is_none() => {
            Ok(Command::Sample)
        }
        _ => Err("--live and --into go together, and the other options with them".to_owned()),
    }
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{name} {text} is not a whole number that can be meant"))
}
