//! Reading the existing keys: the rows of the store, and the lists of the accounts.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use pinning_keys::{KeyQuery, KeyRecord, KeyRef};
use pinning_keys_lifecycle::{KeyId, Label, ManagedKey, Suffix};

use super::existing::Existing;
use super::facts::{Listed, Listing, Other, Row};
use super::rights::Rights;
use crate::failure::Failure;
use crate::keys::listing::{collect, doubtful};
use crate::keys::state::State;
use crate::keys::view::short_reference;
use crate::managed::ManagedAccount;
use crate::output::Output;

/// All rows of a store.
pub(crate) struct Rows {
    pub(crate) all: Vec<Row>,
    /// The time by the store's clock.
    pub(crate) now: SystemTime,
    by_id: HashMap<KeyId, usize>,
    by_reference: HashMap<KeyRef, usize>,
    labels: HashSet<Label>,
}

impl Rows {
    pub(crate) fn of_existing(existing: &Existing) -> Self {
        let row = |key: &ManagedKey| Row::of(key, existing.profile_of(key.account()));
        Self::new(existing.keys.iter().map(row).collect(), existing.now)
    }

    fn new(all: Vec<Row>, now: SystemTime) -> Self {
        let by_id = all.iter().enumerate().map(|(at, row)| (row.id.clone(), at)).collect();
        let references = all
            .iter()
            .enumerate()
            .flat_map(|(at, row)| row.key_refs.iter().map(move |key_ref| (key_ref.clone(), at)));
        let by_reference = references.collect();
        let labels = all.iter().filter_map(|row| Some(Suffix::of_name(&row.name)?.label().clone()));
        let labels = labels.collect();
        Self { all, now, by_id, by_reference, labels }
    }

    /// The rows of a holder.
    pub(crate) fn of(&self, holder: &str) -> Vec<&Row> {
        self.all.iter().filter(|row| row.holder == holder).collect()
    }

    /// The row of a key that a provider lists.
    fn row_of(&self, record: &KeyRecord) -> Option<&Row> {
        let by_name = Suffix::of_name(record.name())
            .filter(|suffix| self.labels.contains(suffix.label()))
            .and_then(|suffix| self.by_id.get(suffix.id()));
        let at = by_name.or_else(|| self.by_reference.get(record.key_ref()))?;
        self.all.get(*at)
    }

    /// Reads what an account lists of these keys, and of those that have a declared name.
    pub(crate) async fn listing(
        &self,
        account: &ManagedAccount,
        names: &HashSet<&str>,
        output: &Output,
    ) -> Result<Listing, Failure> {
        let is_wanted = |record: &KeyRecord| {
            self.row_of(record).is_some() || self.other(record, names).is_some()
        };
        let read = || collect(&account.account, output, KeyQuery::new(), is_wanted);
        let mut listing = read().await?;
        if !listing.doubts.is_empty() {
            // It has changed while it was read.
            listing = read().await?;
        }
        if !listing.doubts.is_empty() {
            return Err(doubtful(listing.doubts));
        }
        let propagation = account.account.issuer().profile().propagation();
        Ok(self.sort(&listing.records, names, propagation))
    }

    fn sort(&self, records: &[KeyRecord], names: &HashSet<&str>, propagation: Duration) -> Listing {
        let mut listing = Listing { propagation, ..Listing::default() };
        for record in records {
            match self.row_of(record) {
                Some(row) => {
                    let listed = listing.of_rows.entry(row.id.clone());
                    // Of several keys of one name, it is one that works.
                    let is_better = |it: &mut Listed| {
                        if it.is_revoked {
                            *it = Listed::of(record);
                        }
                    };
                    listed.and_modify(is_better).or_insert_with(|| Listed::of(record));
                }
                None => listing.others.extend(self.other(record, names)),
            }
        }
        listing
    }

    /// A key that is not managed, if it has a declared name and is not revoked.
    fn other(&self, record: &KeyRecord, names: &HashSet<&str>) -> Option<Other> {
        let name = record.name();
        let suffix = Suffix::of_name(name);
        let base = match &suffix {
            Some(_) => name.get(..name.len().checked_sub(Suffix::CHARS)?)?,
            None => name,
        };
        let is_revoked = State::of(record) == State::Revoked;
        (names.contains(base) && !is_revoked).then(|| Other {
            name: name.to_owned(),
            base: base.to_owned(),
            key_ref: short_reference(record.key_ref()),
            is_stray: suffix.is_some_and(|suffix| self.labels.contains(suffix.label())),
        })
    }
}

impl Listed {
    fn of(record: &KeyRecord) -> Self {
        let state = State::of(record);
        Self {
            rights: Rights::of_record(record),
            is_revoked: state == State::Revoked,
            is_used_up: state == State::UsedUp,
        }
    }
}
