//! How the status is printed.

use std::time::SystemTime;

use pinning_keys_lifecycle::{AccountStatus, KeyState, Status};
use serde::Serialize;

use crate::keys::age::Age;
use crate::keys::view::moment;
use crate::managed::Managed;
use crate::output::Output;
use crate::output::table::{Cell, Labels, Table};
use crate::output::time::rfc3339;
use crate::output::tone::Tone;

use super::concern::Concern;

/// The status for programs. Without a store, everything is empty.
#[derive(Default, Serialize)]
pub(super) struct StatusObject<'a> {
    store: Option<&'a str>,
    #[serde(serialize_with = "rfc3339")]
    now: Option<SystemTime>,
    #[serde(serialize_with = "rfc3339")]
    worker_seen_at: Option<SystemTime>,
    accounts: Vec<AccountObject<'a>>,
    concerns: &'a [Concern],
}

#[derive(Serialize)]
struct AccountObject<'a> {
    name: &'a str,
    provider: &'a str,
    keys: Keys,
    overdue: u64,
    missing: u64,
    strays: u64,
    unproven: u64,
    different: u64,
    held: u64,
    #[serde(serialize_with = "rfc3339")]
    closed_until: Option<SystemTime>,
    closed_because: Option<&'a str>,
}

/// The number of keys in each state.
#[derive(Serialize)]
struct Keys {
    intended: u64,
    in_doubt: u64,
    closed: u64,
    undelivered: u64,
    live: u64,
    revoking: u64,
    revoked: u64,
    forgotten: u64,
}

impl<'a> StatusObject<'a> {
    pub(super) fn of(status: &'a Status, managed: &'a Managed, concerns: &'a [Concern]) -> Self {
        Self {
            store: Some(managed.place()),
            now: Some(status.now().into()),
            worker_seen_at: status.worker_seen_at().map(Into::into),
            accounts: status.accounts().map(AccountObject::of).collect(),
            concerns,
        }
    }
}

impl<'a> AccountObject<'a> {
    fn of(account: AccountStatus<'a>) -> Self {
        Self {
            name: account.name(),
            provider: account.provider(),
            keys: Keys::of(&account),
            overdue: account.overdue(),
            missing: account.missing(),
            strays: account.adopted(),
            unproven: account.unproven(),
            different: account.different(),
            held: account.held(),
            closed_until: account.closed().map(|(until, _)| until.into()),
            closed_because: account.closed().map(|(_, why)| why),
        }
    }
}

impl Keys {
    fn of(account: &AccountStatus<'_>) -> Self {
        Self {
            intended: account.count(KeyState::Intended),
            in_doubt: account.count(KeyState::InDoubt),
            closed: account.count(KeyState::Closed),
            undelivered: account.count(KeyState::Undelivered),
            live: account.count(KeyState::Live),
            revoking: account.count(KeyState::Revoking),
            revoked: account.count(KeyState::Revoked),
            forgotten: account.count(KeyState::Forgotten),
        }
    }
}

/// Prints the status for people.
pub(super) fn print(status: &Status, managed: &Managed, concerns: &[Concern], output: &Output) {
    let mut labels = Labels::default();
    labels.push("store", managed.place());
    labels.push("worker", worker(status));
    output.labels(&labels);
    if status.accounts().next().is_some() {
        output.line("");
        output.table(&table(status));
    }
    output.line("");
    if concerns.is_empty() {
        output.line(Tone::Good.paint("nothing needs attention"));
        return;
    }
    let mut labels = Labels::default();
    for concern in concerns {
        let tone = if concern.is_overdue() { Tone::Bad } else { Tone::Notable };
        labels.push(&concern.label(), Cell::of_escaped(concern.text()).with_tone(tone));
        for line in concern.next() {
            labels.push("", Cell::of_escaped(format!("  {line}")));
        }
    }
    output.labels(&labels);
}

fn worker(status: &Status) -> String {
    let seen = status.worker_seen_at().map(SystemTime::from);
    let Some((at, time)) = seen.and_then(|at| Some((at, moment(at)?))) else {
        return "never ran".to_owned();
    };
    format!("ran {time}, {}", Age::since(at).ago())
}

fn table(status: &Status) -> Table {
    let header =
        ["account", "provider", "live", "issuing", "in doubt", "ending", "ended", "forgotten"];
    let mut table = Table::new(header);
    for account in status.accounts() {
        let count = |states: &[KeyState]| -> Cell {
            let count: u64 = states.iter().map(|state| account.count(*state)).sum();
            Cell::new(count.to_string())
        };
        table.push([
            Cell::new(account.name()),
            Cell::new(account.provider()),
            count(&[KeyState::Live]),
            count(&[KeyState::Intended, KeyState::Undelivered]),
            count(&[KeyState::InDoubt]),
            count(&[KeyState::Revoking]),
            count(&[KeyState::Closed, KeyState::Revoked]),
            count(&[KeyState::Forgotten]),
        ]);
    }
    table
}
