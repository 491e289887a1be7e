//! What the store in memory looks up and counts.

use std::collections::BTreeMap;

use super::{
    AccountCounts, AccountRow, AuditFilter, AuditRow, KeyFilter, KeyRow, StatusQuery, Work,
};
use crate::{KeyId, KeyState, Timestamp};

pub(super) fn family_of(keys: &BTreeMap<KeyId, KeyRow>, id: &KeyId) -> Vec<KeyRow> {
    let replaced = keys.get(id).and_then(|row| row.replaces.as_ref());
    let is_family = |row: &&KeyRow| {
        row.id == *id
            || Some(&row.id) == replaced
            || row.replaces.as_ref() == Some(id)
            || replaced.is_some() && row.replaces.as_ref() == replaced
    };
    keys.values().filter(is_family).cloned().collect()
}

/// The rows of an account that are due and unclaimed, the most urgent first.
pub(super) fn due_rows<'a>(
    keys: impl Iterator<Item = &'a KeyRow>,
    account: &str,
    work: Work,
    now: Timestamp,
) -> Vec<KeyRow> {
    let mut rows: Vec<_> = keys
        .filter(|row| row.account == account && work.states().contains(&row.state))
        .filter(|row| row.due_at.is_some_and(|at| at <= now))
        .filter(|row| row.claimed_until.is_none_or(|until| until <= now))
        .cloned()
        .collect();
    rows.sort_by(|a, b| (!a.by_hand, a.due_at, &a.id).cmp(&(!b.by_hand, b.due_at, &b.id)));
    rows
}

pub(super) fn counts_of<'a>(
    account: &AccountRow,
    keys: impl Iterator<Item = &'a KeyRow>,
    query: StatusQuery,
) -> AccountCounts {
    let mut counts = AccountCounts { account: account.name.clone(), ..AccountCounts::default() };
    for row in keys {
        if let Some(at) = KeyState::ALL.iter().position(|state| *state == row.state) {
            counts.states[at] += 1;
        }
        let is_live = row.state == KeyState::Live;
        counts.overdue += u64::from(row.is_overdue(query.overdue_before));
        counts.missing += u64::from(row.is_missing(account));
        counts.adopted += u64::from(is_live && row.adopted);
        counts.unproven += u64::from(row.unproven);
        counts.different += u64::from(row.difference.is_some() && !row.state.is_tombstone());
    }
    counts
}

impl KeyRow {
    /// When the row can be claimed: when it is due, or when the present claim on it ends.
    pub fn free_at(&self) -> Option<Timestamp> {
        self.due_at.map(|due| self.claimed_until.map_or(due, |until| due.max(until)))
    }

    /// Whether the key was due to end before this time, and has not ended.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::KeyRow;
    /// use pinning_keys_lifecycle::Timestamp;
    ///
    /// fn overdue(rows: &[KeyRow], before: Timestamp) -> usize {
    ///     rows.iter().filter(|row| row.is_overdue(before)).count()
    /// }
    /// ```
    pub fn is_overdue(&self, before: Timestamp) -> bool {
        self.ends_at().is_some_and(|due| due < before)
    }

    /// When the key is or was due to end; `None` if it has no end, or has ended.
    pub(crate) fn ends_at(&self) -> Option<Timestamp> {
        self.end_due.or(self.due_at).filter(|_| Work::Ends.states().contains(&self.state))
    }

    /// Whether the key is live, existed when the last complete pass of its account began, and was
    /// not seen since.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{AccountRow, KeyRow};
    ///
    /// fn missing(rows: &[KeyRow], account: &AccountRow) -> usize {
    ///     rows.iter().filter(|row| row.is_missing(account)).count()
    /// }
    /// ```
    pub fn is_missing(&self, account: &AccountRow) -> bool {
        let Some(began) = account.full_pass_began else { return false };
        self.state == KeyState::Live
            && self.created_at < began
            && self.seen_at.is_none_or(|seen| seen < began)
    }
}

impl KeyRow {
    /// Whether the time of an ended row is over. A forgotten key may still work: its row also waits
    /// for a complete listing of its account that began then.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{AccountRow, KeyRow};
    /// use pinning_keys_lifecycle::Timestamp;
    ///
    /// fn is_over(row: &KeyRow, account: &AccountRow, now: Timestamp) -> bool {
    ///     row.state.is_tombstone() && row.may_be_pruned(Some(account), now)
    /// }
    /// ```
    pub fn may_be_pruned(&self, account: Option<&AccountRow>, now: Timestamp) -> bool {
        let Some(until) = self.keep_until.filter(|until| *until <= now) else { return false };
        let listed_at = || account.and_then(|account| account.full_pass_began);
        self.state != KeyState::Forgotten || listed_at().is_some_and(|began| began >= until)
    }
}

impl KeyFilter {
    /// Whether the filter admits this row.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{KeyFilter, KeyRow};
    ///
    /// fn matching(rows: &[KeyRow], filter: &KeyFilter) -> usize {
    ///     rows.iter().filter(|row| filter.admits(row)).count()
    /// }
    /// ```
    pub fn admits(&self, row: &KeyRow) -> bool {
        self.account.as_ref().is_none_or(|account| *account == row.account)
            && (self.states.is_empty() || self.states.contains(&row.state))
            && self.holder.as_ref().is_none_or(|holder| *holder == row.holder)
            && self.adopted.is_none_or(|adopted| adopted == row.adopted)
    }
}

impl AuditFilter {
    /// Whether the filter admits this line.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{AuditFilter, AuditRow};
    ///
    /// fn matching(lines: &[AuditRow], filter: &AuditFilter) -> usize {
    ///     lines.iter().filter(|line| filter.admits(line)).count()
    /// }
    /// ```
    pub fn admits(&self, line: &AuditRow) -> bool {
        self.key.as_ref().is_none_or(|key| *key == line.key)
            && self.account.as_ref().is_none_or(|account| *account == line.account)
            && self.since.is_none_or(|since| line.at >= since)
    }
}
