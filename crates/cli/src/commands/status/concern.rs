//! What needs attention, and which command deals with it.

use std::time::SystemTime;

use pinning_keys_lifecycle::{AccountStatus, KeyFilter, KeyState, Status};
use serde::Serialize;

use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::age::Age;
use crate::keys::view::moment;
use crate::managed::{Managed, rows};
use crate::output::escape::escaped;

use super::kind::Kind;
use super::names::Names;

/// After this time without a pass, the worker counts as not running.
const SILENCE: u64 = 24;

/// Something that needs attention.
#[derive(Serialize)]
pub(super) struct Concern {
    /// A stable word for programs.
    #[serde(rename = "concern")]
    word: &'static str,
    /// `None` if it concerns the whole store.
    account: Option<String>,
    /// The number of keys; `None` if it concerns no single key.
    count: Option<u64>,
    message: String,
    next: Vec<String>,
}

impl Concern {
    fn new(word: &'static str, message: impl Into<String>) -> Self {
        Self { word, account: None, count: None, message: message.into(), next: Vec::new() }
    }

    /// Adds a line that says what to do.
    fn with_next(mut self, line: impl Into<String>) -> Self {
        self.next.push(line.into());
        self
    }

    pub(super) fn exit(&self) -> Exit {
        if self.is_overdue() { Exit::Overdue } else { Exit::Changes }
    }

    pub(super) fn is_overdue(&self) -> bool {
        self.word == Kind::Overdue.word()
    }

    /// Such as `in doubt`.
    pub(super) fn label(&self) -> String {
        self.word.replace('_', " ")
    }

    /// The message, after the name of the account.
    pub(super) fn text(&self) -> String {
        match &self.account {
            Some(account) => format!("{}: {}", escaped(account), self.message),
            None => self.message.clone(),
        }
    }

    pub(super) fn next(&self) -> &[String] {
        &self.next
    }
}

/// Everything that needs attention, the whole store first.
pub(super) async fn concerns(status: &Status, managed: &Managed) -> Result<Vec<Concern>, Failure> {
    let mut concerns: Vec<Concern> =
        [worker(status), restored(status), newer(status)].into_iter().flatten().collect();
    let mut wanted = Vec::new();
    for account in status.accounts() {
        let counts = Kind::ALL.into_iter().map(|kind| (kind, kind.count(&account)));
        let counts = counts.filter(|(_, count)| *count > 0);
        wanted.extend(counts.map(|(kind, count)| (account.name(), kind, count)));
        let unclear = unclear(&account, managed).await?;
        wanted.extend(Some((account.name(), Kind::Unclear, unclear)).filter(|(.., it)| *it > 0));
        concerns.extend(closed(&account));
    }
    let names = Names::read(managed, &wanted).await?;
    for (account, kind, count) in wanted {
        concerns.push(Concern {
            word: kind.word(),
            account: Some(account.to_owned()),
            count: Some(count),
            message: message(kind, count, &names.shown(account, kind, count)),
            next: kind.next(names.first(account, kind), account),
        });
    }
    Ok(concerns)
}

/// The number of rotations of the account that must be repeated.
async fn unclear(account: &AccountStatus<'_>, managed: &Managed) -> Result<u64, Failure> {
    if account.count(KeyState::Undelivered) == 0 {
        return Ok(0);
    }
    let filter = KeyFilter {
        account: Some(account.name().to_owned()),
        states: vec![KeyState::Undelivered],
        ..KeyFilter::default()
    };
    let keys = rows::all(managed, &filter).await?;
    Ok(keys.iter().filter(|key| Kind::Unclear.is_of(key)).count() as u64)
}

/// Such as `2 keys should have ended and may still work: ci-deploy, website`.
fn message(kind: Kind, count: u64, names: &str) -> String {
    let keys = if count == 1 { "key" } else { "keys" };
    let colon = if names.is_empty() { "" } else { ": " };
    format!("{count} {keys} {}{colon}{names}", kind.message())
}

fn worker(status: &Status) -> Option<Concern> {
    let now = status.now();
    let message = match status.worker_seen_at() {
        None => "no worker has run yet, so no lease ends".to_owned(),
        Some(at) if now.since(at).as_secs() > SILENCE * 60 * 60 => {
            format!("no worker has run for {}, so no lease ends", Age::since(at.into()))
        }
        Some(_) => return None,
    };
    Some(
        Concern::new("worker", message)
            .with_next(format!("{}   once a minute, from cron", command("run --once")))
            .with_next(format!("{}   as a service", command("run"))),
    )
}

fn restored(status: &Status) -> Option<Concern> {
    let (at, why) = status.rolled_back()?;
    let at = moment(at.into()).unwrap_or_default();
    let message = format!(
        "the store has forgotten something ({}), noticed {at}; leases granted before \
         then end at their maximum",
        escaped(why)
    );
    Some(
        Concern::new("restored", message)
            .with_next(format!("{}   shows the keys that it lost", command("strays")))
            .with_next(format!("{}   ends this reminder", command("status --acknowledge"))),
    )
}

fn newer(status: &Status) -> Option<Concern> {
    let count = Some(status.unknown()).filter(|count| *count > 0)?;
    let rows = if count == 1 { "row was" } else { "rows were" };
    let message = format!("{count} {rows} written by a newer version, and left alone");
    let concern = Concern { count: Some(count), ..Concern::new("newer_version", message) };
    Some(concern.with_next("install the newer version of pinning-keys"))
}

fn closed(account: &AccountStatus<'_>) -> Option<Concern> {
    let (until, why) = account.closed()?;
    let time = Age::until(SystemTime::from(until));
    let message = format!("no request is sent for {time}: {}", escaped(why));
    let concern = Concern::new("closed", message)
        .with_next(format!("{}   shows where the credential comes from", command("config")));
    Some(Concern { account: Some(account.name().to_owned()), ..concern })
}
