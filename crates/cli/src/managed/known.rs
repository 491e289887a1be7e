//! What the store knows about the keys that the account lists.

use std::borrow::Cow;
use std::collections::HashMap;

use pinning_keys::{KeyRecord, KeyRef};
use pinning_keys_lifecycle::{
    Error, ErrorKind, KeyFilter, KeyId, KeyManager, KeyState, Label, ManagedKey, Suffix,
};

use crate::command_line::{command, command_in, with_key};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::lookup::by_reference;
use crate::keys::state::State;
use crate::nearest::nearest;
use crate::output::escape::escaped;

use super::Managed;
use super::joined::{JoinedKey, Ownership};
use super::rows::{OPEN, all, all_of, base_name, by_id, is_named};

/// The rows of one account, by what a listing shows of their keys.
pub(crate) struct Known {
    manager: KeyManager,
    account: String,
    label: Label,
    /// Sorted by id.
    rows: Vec<ManagedKey>,
    by_reference: HashMap<KeyRef, usize>,
}

impl Known {
    /// Reads the rows of the account that the settings select.
    pub(crate) async fn read(managed: &Managed) -> Result<Self, Failure> {
        let account = managed.selected().name.clone();
        let label = managed.manager().status().await?.label().clone();
        let filter = KeyFilter { account: Some(account.clone()), ..KeyFilter::default() };
        let mut rows = all(managed, &filter).await?;
        rows.sort_unstable_by(|one, other| one.id().cmp(other.id()));
        let references = |(at, row): (usize, &ManagedKey)| {
            row.key_refs().into_iter().map(move |key_ref| (key_ref, at))
        };
        let by_reference = rows.iter().enumerate().flat_map(references).collect();
        Ok(Self { manager: managed.manager().clone(), account, label, rows, by_reference })
    }

    pub(crate) fn rows(&self) -> &[ManagedKey] {
        &self.rows
    }

    /// Whose key this is, and its row.
    pub(crate) fn owner(&self, record: &KeyRecord) -> (Ownership, Option<&ManagedKey>) {
        let by_reference =
            self.by_reference.get(record.key_ref()).and_then(|at| self.rows.get(*at));
        let suffix = self.suffix(record);
        let by_name = || {
            let row = self.row(suffix.as_ref()?.id())?;
            // Another key of this name is a twin, which is not the row's key.
            row.key_refs().is_empty().then_some(row)
        };
        match by_reference.or_else(by_name) {
            Some(row) => {
                let ownership = Ownership::of(row);
                (ownership, Some(row).filter(|_| ownership != Ownership::Foreign))
            }
            None if suffix.is_some() => (Ownership::Stray, None),
            None => (Ownership::Foreign, None),
        }
    }

    /// A listed key with its row, which is read again if none was known: the key may have been
    /// issued after the rows were read.
    pub(crate) async fn joined(&self, record: KeyRecord) -> Result<JoinedKey<'_>, Failure> {
        let (ownership, key) = self.owner(&record);
        if let (Ownership::Stray, None, Some(suffix)) = (ownership, key, self.suffix(&record)) {
            let row = match self.row(suffix.id()) {
                // It is a twin.
                Some(_) => None,
                None => self.now(suffix.id()).await?,
            };
            if let Some(row) = row.filter(|row| row.account() == self.account) {
                return Ok(JoinedKey::listed(record, Ownership::of(&row), Some(Cow::Owned(row))));
            }
        }
        Ok(JoinedKey::listed(record, ownership, key.map(Cow::Borrowed)))
    }

    /// The row as it is now; `None` if it is gone.
    pub(crate) async fn now(&self, id: &KeyId) -> Result<Option<ManagedKey>, Failure> {
        match self.manager.get(id).await {
            Ok(row) => Ok(Some(row)),
            Err(error) if is_unknown(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The rows that a name selects: the one with this id or full name, or else those with this name
    /// before the store's suffix.
    pub(crate) fn named(&self, name: &str) -> Vec<&ManagedKey> {
        let managed = || self.rows.iter().filter(|row| row.state() != KeyState::Forgotten);
        match managed().find(|row| row.id().as_str() == name || row.name() == name) {
            Some(only) => vec![only],
            None => managed().filter(|row| base_name(row) == name).collect(),
        }
    }

    /// The row of the key of this reference.
    pub(crate) fn referenced(&self, key_ref: &KeyRef) -> Option<&ManagedKey> {
        let row = self.by_reference.get(key_ref).and_then(|at| self.rows.get(*at));
        row.filter(|row| row.state() != KeyState::Forgotten)
    }

    /// Adds a suggestion to the failure to find a name: the command for the account that has a key
    /// with this name, or the most similar name in the store.
    pub(crate) async fn suggest(&self, failure: Failure, name: &str, verb: &str) -> Failure {
        if let Some(row) = self.elsewhere(|row| is_named(row, name)).await {
            return failure.with_next(in_its_account(&row, name, verb));
        }
        let open = self.rows.iter().filter(|row| OPEN.contains(&row.state()));
        match nearest(name, open.map(base_name)) {
            Some(meant) => {
                failure.with_next(format!("did you mean:  {}", command(&with_key(verb, meant))))
            }
            None => failure,
        }
    }

    /// The command for a key of this name in another account, as during the overlap of a migration.
    pub(crate) async fn also_elsewhere(&self, name: &str, verb: &str) -> Option<String> {
        let (states, holder) = (OPEN.to_vec(), Some(name.to_owned()));
        let filter = KeyFilter { states, holder, ..KeyFilter::default() };
        let rows = all_of(&self.manager, &filter).await.ok()?;
        let row = rows.into_iter().find(|row| row.account() != self.account)?;
        Some(command_in(row.account(), &with_key(verb, name)))
    }

    /// Refuses a reference if the store has its key in another account, the only one that lists it.
    pub(crate) async fn refuse_elsewhere(
        &self,
        key_ref: &KeyRef,
        verb: &str,
    ) -> Result<(), Failure> {
        match self.elsewhere(|row| row.key_refs().contains(key_ref)).await {
            Some(row) => {
                let message = format!("the key is in the account {}", escaped(row.account()));
                Err(Failure::new(Exit::Failed, message)
                    .with_kind("nothing_matched")
                    .with_next(in_its_account(&row, &key_ref.to_string(), verb)))
            }
            None => Ok(()),
        }
    }

    /// A key of another account that has not ended. There is none if the store cannot be read.
    async fn elsewhere(&self, is_it: impl Fn(&ManagedKey) -> bool) -> Option<ManagedKey> {
        let filter = KeyFilter { states: OPEN.to_vec(), ..KeyFilter::default() };
        let rows = all_of(&self.manager, &filter).await.ok()?;
        rows.into_iter().find(|row| row.account() != self.account && is_it(row))
    }

    fn row(&self, id: &KeyId) -> Option<&ManagedKey> {
        let at = self.rows.binary_search_by(|row| row.id().cmp(id)).ok()?;
        self.rows.get(at)
    }

    /// The suffix of a key's name, if this store appended it.
    fn suffix(&self, record: &KeyRecord) -> Option<Suffix> {
        Suffix::of_name(record.name()).filter(|suffix| *suffix.label() == self.label)
    }
}

/// The command for a key of another account.
fn in_its_account(row: &ManagedKey, key: &str, verb: &str) -> String {
    format!("in its account:  {}", command_in(row.account(), &with_key(verb, key)))
}

/// The failure if a name belongs to managed and foreign keys, or to several keys that work.
pub(crate) fn several_named(
    name: &str,
    rows: &[&ManagedKey],
    others: &[&KeyRecord],
    verb: &str,
) -> Failure {
    let message = format!("{} keys are named \"{}\"", rows.len() + others.len(), escaped(name));
    let failure = Failure::new(Exit::Failed, message).with_kind("ambiguous_name");
    let managed =
        rows.iter().map(|row| format!("{}   managed, {}", by_id(verb, row.id()), row.state()));
    let foreign = others
        .iter()
        .map(|record| format!("{}   foreign, {}", by_reference(verb, record), State::of(record)));
    managed.chain(foreign).fold(failure, Failure::with_next)
}

fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound
}
