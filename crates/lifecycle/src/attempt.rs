//! One attempt to revoke the key of a row, after what a look at the listing has shown.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pinning_keys_core::{KeyRef, Revocation};

use crate::inner::{Account, Inner};
use crate::look::{Look, glance, look};
use crate::outcome::Outcome;
use crate::sight::LISTING;
use crate::slots::Class;
use crate::store::{KeyRow, Scope, Select, Tx};
use crate::{Error, KeyId, Timestamp};

/// The results of looks for rows that must end.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    /// Whether the listing was that of the right account.
    is_recognized: bool,
    keys: HashMap<KeyId, Sighting>,
}

/// The result of a look for one row.
#[derive(Clone, Debug)]
enum Sighting {
    /// The references of the row that work, with their ids.
    Alive(Vec<KeyRef>),
    Revoked,
    Absent(Timestamp),
    Unclear,
}

impl Seen {
    /// Looks for the keys of these rows, and stores the ids that the listing shows, so that they
    /// are known before the calls that use them.
    pub(crate) async fn look_for(
        &mut self,
        inner: &Inner,
        account: &Account,
        rows: &[KeyRow],
        class: Class,
    ) -> Result<(), Error> {
        let look = look(inner, account, rows, class).await?;
        self.note(inner, account, rows, &look).await
    }

    /// Does the same with a single request, and returns the rows whose keys it has not found: they
    /// need a look.
    pub(crate) async fn glance_for(
        &mut self,
        inner: &Inner,
        account: &Account,
        rows: &[KeyRow],
        class: Class,
    ) -> Result<HashSet<KeyId>, Error> {
        let look = glance(inner, account, rows, class).await?;
        self.note(inner, account, rows, &look).await?;
        let is_known = account.identity.is_some() || self.is_recognized;
        let is_clear =
            |id: &KeyId| is_known && !matches!(self.keys.get(id), None | Some(Sighting::Unclear));
        Ok(rows.iter().map(|row| &row.id).filter(|id| !is_clear(id)).cloned().collect())
    }

    async fn note(
        &mut self,
        inner: &Inner,
        account: &Account,
        rows: &[KeyRow],
        look: &Look,
    ) -> Result<(), Error> {
        self.is_recognized |= look.is_recognized;
        for row in rows {
            self.keys.insert(row.id.clone(), Sighting::of(row, look));
        }
        store_ids(inner, account, look).await
    }

    /// The rows that were looked for.
    pub(crate) fn ids(&self) -> HashSet<KeyId> {
        self.keys.keys().cloned().collect()
    }
}

impl Sighting {
    fn of(row: &KeyRow, look: &Look) -> Self {
        let known = row.key_refs();
        // Other keys of the same name are reported, and left alone.
        let own: Vec<_> =
            look.records_of(&row.id).filter(|record| known.contains(record.key_ref())).collect();
        let alive = own.iter().filter(|record| record.is_revoked() != Some(true));
        let alive: Vec<_> = alive.map(|record| record.key_ref().clone()).collect();
        if !alive.is_empty() {
            Self::Alive(alive)
        } else if !own.is_empty() && own.len() == known.len() {
            Self::Revoked
        } else if look.is_flawless {
            Self::Absent(look.began)
        } else {
            Self::Unclear
        }
    }
}

/// Stores the ids that a look has shown of known references.
async fn store_ids(inner: &Inner, account: &Account, look: &Look) -> Result<(), Error> {
    let shown = look.records.iter().filter(|(_, record)| record.is_revoked() != Some(true));
    let shown: Vec<_> = shown.map(|(id, record)| (id.clone(), record.key_ref().clone())).collect();
    let ids = shown.iter().map(|(id, _)| id.clone()).collect();
    let scope = Scope { keys: Select::Ids(ids), ..account.scope() };
    let began = look.began;
    let decide = move |tx: &mut Tx| {
        for (id, key) in &shown {
            let Some(row) = tx.row_mut(id).filter(|row| row.key_refs().contains(key)) else {
                continue;
            };
            row.add_reference(key);
            row.seen(began, LISTING);
        }
        Ok(())
    };
    inner.transact(scope, decide).await
}

/// Revokes the key of a row, or every key of its name if its create was in doubt.
pub(crate) async fn attempt(
    inner: &Inner,
    account: &Account,
    row: &KeyRow,
    seen: &Seen,
) -> Outcome {
    let mut keys = row.key_refs();
    let sighting = seen.keys.get(&row.id);
    let is_proven = account.identity.is_some() || seen.is_recognized;
    match sighting {
        Some(Sighting::Revoked) => {
            return Outcome::Ended { evidence: "a listing shows it as revoked", is_proven };
        }
        Some(Sighting::Absent(began)) if row.first_look.is_some() => {
            return Outcome::Absent { began: *began, is_proven };
        }
        Some(Sighting::Alive(alive)) => {
            for key in &mut keys {
                if let Some(alive) = alive.iter().find(|alive| *alive == key) {
                    key.clone_from(alive);
                }
            }
        }
        Some(Sighting::Absent(_) | Sighting::Unclear) | None => {}
    }
    if keys.is_empty() {
        return Outcome::Stuck("the store has no readable reference to the key");
    }
    if account.issuer.profile().revokes_by_id() && keys.iter().any(|key| key.id().is_none()) {
        // Without the id, the call would read the whole listing again.
        return match sighting {
            Some(Sighting::Absent(began)) => Outcome::NotFound(Some(*began)),
            _ => Outcome::Stuck("the key's id is not known, and no complete listing showed it"),
        };
    }
    let (mut is_gone, mut is_missing) = (false, false);
    for key in &keys {
        match inner.answer(account, account.issuer.revoke(key)).await {
            Ok(Revocation::Revoked) => {}
            Ok(Revocation::AlreadyGone) => is_gone = true,
            Ok(_) => is_missing = true,
            Err(error) => return Outcome::Failed(Arc::new(error)),
        }
    }
    match (is_missing, is_gone) {
        (true, _) => Outcome::NotFound(None),
        (false, true) => Outcome::Ended { evidence: "the provider says it is gone", is_proven },
        (false, false) => Outcome::Ended { evidence: "revoked by the provider", is_proven },
    }
}
