//! What is left for the worker.

use std::time::SystemTime;

use pinning_keys_lifecycle::{AccountStatus, KeyState, Status, Timestamp};
use serde::Serialize;

use super::rows::OPEN;
use crate::keys::age::Age;
use crate::keys::view::moment;

/// The keys of the store that the worker still has to deal with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Left {
    /// The numbers of keys in these states.
    revoking: u64,
    in_doubt: u64,
    undelivered: u64,
    /// The number of keys that should have ended more than 15 minutes ago.
    overdue: u64,
    /// When the first key needs the worker again.
    next_due_at: Option<String>,
    #[serde(skip)]
    due_at: Option<SystemTime>,
}

impl Left {
    pub(crate) fn of(status: &Status, due_at: Option<SystemTime>) -> Self {
        let count = |state| status.accounts().map(|account| account.count(state)).sum();
        Self {
            revoking: count(KeyState::Revoking),
            in_doubt: count(KeyState::InDoubt),
            undelivered: count(KeyState::Intended) + count(KeyState::Undelivered),
            overdue: status.accounts().map(|account| account.overdue()).sum(),
            next_due_at: due_at.map(|at| Timestamp::from(at).to_string()),
            due_at,
        }
    }

    /// Such as `1 to revoke, 2 in doubt`.
    pub(crate) fn text(&self) -> String {
        let counts = [
            (self.revoking, "to revoke"),
            (self.in_doubt, "in doubt"),
            (self.undelivered, "not delivered yet"),
            (self.overdue, "overdue"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let texts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
    }

    /// Such as `2026-03-02 08:15:00 UTC, in 22h`; `never` if no key needs the worker.
    pub(crate) fn next(&self) -> String {
        let next = self.due_at.and_then(|at| Some((moment(at)?, Age::until(at))));
        next.map_or_else(|| "never".to_owned(), |(moment, time)| format!("{moment}, in {time}"))
    }
}

/// The number of keys that have not ended.
pub(crate) fn not_ended(account: &AccountStatus<'_>) -> u64 {
    OPEN.iter().map(|state| account.count(*state)).sum()
}
