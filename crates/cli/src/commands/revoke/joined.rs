//! Which keys are revoked, if a store knows some of them.

use std::collections::HashSet;

use pinning_keys::{Discrepancies, KeyQuery, KeyRecord};
use pinning_keys_lifecycle::{KeyId, KeyState, ManagedKey};

use crate::account::Account;
use crate::failure::Failure;
use crate::keys::listing::{Broken, Listing, collect, unless_doubtful};
use crate::keys::lookup::none_named;
use crate::keys::selector::Selector;
use crate::keys::state::State;
use crate::managed::joined::Ownership;
use crate::managed::known::{Known, several_named};
use crate::managed::rows::{OPEN, base_name};
use crate::output::Output;

use super::choice::{Choice, Reason};
use super::filters::{Chosen, Wanted};
use super::target::Target;

/// What the keys are chosen from.
pub(super) struct Joined<'a> {
    pub(super) known: &'a Known,
    pub(super) account: &'a Account,
    pub(super) output: &'a Output,
}

impl Joined<'_> {
    pub(super) async fn choose(&self, wanted: &Wanted) -> Result<Choice, Failure> {
        match wanted {
            Wanted::Named(selectors) => self.named(selectors).await,
            Wanted::Filtered { chosen, with_foreign } => self.filtered(chosen, *with_foreign).await,
        }
    }

    /// The keys that were named. A name is that of all keys that the store knows by it and that
    /// have not ended, as during a rotation. They are revoked even if the list cannot be read.
    async fn named(&self, selectors: &[Selector]) -> Result<Choice, Failure> {
        let names: Vec<_> = selectors.iter().filter_map(Selector::name).collect();
        let Listing { records, doubts } = self.listed(&names).await?;
        let mut choice = Choice { doubts, ..Choice::default() };
        for selector in selectors {
            match selector {
                Selector::Reference(key_ref) => {
                    let row = self.known.referenced(key_ref).filter(|row| is_open(row));
                    let target = if let Some(row) = row {
                        Target::managed(row.clone(), None)
                    } else {
                        self.known.refuse_elsewhere(key_ref, "revoke").await?;
                        Target::Referenced(key_ref.clone())
                    };
                    choice.targets.push(target);
                }
                Selector::Name(name) => {
                    self.add_named(&mut choice, name, &records)?;
                    let also = self.known.also_elsewhere(name, "revoke").await;
                    if let Some(next) = also.filter(|_| !choice.missing.contains(name)) {
                        self.output.warn(format_args!(
                            "a key of another account has this name, too:  {next}"
                        ));
                    }
                }
            }
        }
        if let Some(name) = choice.only_missing() {
            let none = none_named(self.account, self.output, name, "revoke").await;
            return Err(unless_doubtful(doubts, self.known.suggest(none, name, "revoke").await));
        }
        choice.without_repetition().with_own(self.account).await
    }

    /// The keys of these names, and those of the rows that have them.
    async fn listed(&self, names: &[&str]) -> Result<Listing, Failure> {
        let rows = names.iter().flat_map(|name| self.known.named(name));
        let ids: HashSet<_> = rows.map(ManagedKey::id).collect();
        match self.records(names, &ids).await {
            Ok(listing) => Ok(listing),
            Err(broken) if names.iter().any(|name| self.open(name).is_empty()) => {
                Err(broken.into())
            }
            Err(broken) => {
                self.output.warn(format_args!(
                    "cannot look for keys of the same name that the store does not manage: {}",
                    Failure::from(broken).message()
                ));
                Ok(Listing { records: Vec::new(), doubts: Discrepancies::default() })
            }
        }
    }

    async fn records(&self, names: &[&str], ids: &HashSet<&KeyId>) -> Result<Listing, Broken> {
        let is_wanted = |record: &KeyRecord| {
            let row = self.known.owner(record).1;
            names.contains(&record.name()) || row.is_some_and(|row| ids.contains(row.id()))
        };
        let read = |query| collect(self.account, self.output, query, is_wanted);
        let mut found = Listing { records: Vec::new(), doubts: Discrepancies::default() };
        if names.is_empty() {
            return Ok(found);
        }
        if !self.account.issuer().profile().filters().name() {
            return read(KeyQuery::new()).await;
        }
        for name in names {
            // The full name of a key contains its id, too.
            let of_name = read(KeyQuery::new().with_name_containing(*name)).await?;
            found.records.extend(of_name.records);
            found.doubts.merge(of_name.doubts);
        }
        Ok(found)
    }

    /// The rows of a name whose keys have not ended.
    fn open(&self, name: &str) -> Vec<&ManagedKey> {
        let mut rows = self.known.named(name);
        rows.retain(|row| is_open(row));
        // Nobody has the secret of a key in doubt, which ends by itself.
        if rows.iter().any(|row| row.state() != KeyState::InDoubt) {
            rows.retain(|row| row.state() != KeyState::InDoubt);
        }
        rows
    }

    fn add_named(
        &self,
        choice: &mut Choice,
        name: &str,
        records: &[KeyRecord],
    ) -> Result<(), Failure> {
        let rows = self.open(name);
        let of_name = records.iter().filter(|record| record.name() == name);
        if rows.is_empty() {
            return self.add_without_row(choice, name, of_name.collect(), records);
        }
        let is_live = |record: &&KeyRecord| State::of(record) != State::Revoked;
        let is_other = |record: &&KeyRecord| !rows.iter().any(|row| self.is_of(record, row.id()));
        let others: Vec<_> = of_name.filter(is_live).filter(is_other).collect();
        if !others.is_empty() {
            return Err(several_named(name, &rows, &others, "revoke"));
        }
        for row in rows {
            let record = records.iter().find(|record| self.is_of(record, row.id()));
            choice.targets.push(Target::managed(row.clone(), record.cloned()));
        }
        Ok(())
    }

    /// Adds what has a name that is none of an open row. A key whose row has ended may be listed
    /// as live.
    fn add_without_row<'r>(
        &self,
        choice: &mut Choice,
        name: &str,
        mut of_name: Vec<&'r KeyRecord>,
        records: &'r [KeyRecord],
    ) -> Result<(), Failure> {
        let ended = self.known.named(name);
        let is_ended = |record: &&KeyRecord| {
            record.name() != name && ended.iter().any(|row| self.is_of(record, row.id()))
        };
        of_name.extend(records.iter().filter(is_ended));
        let is_live = of_name.iter().any(|record| State::of(record) != State::Revoked);
        let revoked = ended.into_iter().filter(|row| row.state() == KeyState::Revoked);
        match revoked.max_by_key(|row| row.created_at()).filter(|_| !is_live) {
            Some(row) => choice.gone.push(Target::managed(row.clone(), None)),
            None => choice.add_only(name, &of_name)?,
        }
        Ok(())
    }

    fn is_of(&self, record: &KeyRecord, id: &KeyId) -> bool {
        self.known.owner(record).1.is_some_and(|row| row.id() == id)
    }

    /// The keys that match the filters, and are neither revoked nor excluded. Those that the store
    /// does not manage are only counted, unless they are wanted.
    async fn filtered(&self, chosen: &Chosen, with_foreign: bool) -> Result<Choice, Failure> {
        let Self { known, account, output } = self;
        let is_wanted = |record: &KeyRecord| {
            let row = known.owner(record).1;
            chosen.admits(record, row.map_or(record.name(), base_name))
        };
        let query = chosen.query(account.issuer().profile());
        let Listing { records, doubts } = collect(account, output, query, is_wanted).await?;
        let mut choice = Choice { doubts, ..Choice::default() };
        for record in records {
            let (target, ownership) = target(known, record).await?;
            match ownership {
                Ownership::Foreign if !with_foreign => choice.foreign += 1,
                Ownership::Stray => choice.excluded.push((target, Reason::Stray)),
                Ownership::Managed | Ownership::Foreign => choice.add(target, account).await?,
            }
        }
        choice.unless_nothing(chosen, account)
    }
}

/// How a listed key is revoked, and whose it is. A key whose row has ended is revoked without the
/// store, which has nothing left to do.
pub(super) async fn target(
    known: &Known,
    record: KeyRecord,
) -> Result<(Target, Ownership), Failure> {
    let joined = known.joined(record.clone()).await?;
    let ownership = joined.ownership;
    let target = match joined.into_key() {
        Some(row) if is_open(&row) => Target::managed(row, Some(record)),
        _ => Target::listed(record),
    };
    Ok((target, ownership))
}

fn is_open(row: &ManagedKey) -> bool {
    OPEN.contains(&row.state())
}
