//! Records what a listing shows.

use std::collections::{BTreeMap, BTreeSet};

use pinning_keys_core::KeyRecord;
use tracing::warn;

use crate::adoption::{adopted, mark_rolled_back};
use crate::inner::{Account, Inner, audit};
use crate::recognition::{Recognition, is_alive};
use crate::sight::{Listing, see};
use crate::store::{KeyFilter, KeyRow, Scope, Select, Tx};
use crate::{Error, KeyId, KeyState, Label, Suffix, Timestamp};

/// How many rows are compared with names that have no suffix. More rows are in doubt at once only
/// after an outage, and the look for them compares all of them.
const UNSETTLED: usize = 1_000;

/// The changes caused by a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    /// Rows that a record has changed.
    pub(crate) changed: usize,
    /// Keys that got a row.
    pub(crate) adopted: usize,
}

/// Records a page of the account's listing, requested at `began`.
///
/// Keys with the store's label and no row are adopted.
pub(crate) async fn observe(
    inner: &Inner,
    account: &Account,
    records: &[KeyRecord],
    began: Timestamp,
) -> Result<Observed, Error> {
    let rows = candidates(inner, account, records).await?;
    let known = Recognition::of(&rows);
    let (mut sights, mut strays) = (Sights::new(), Vec::new());
    for record in records {
        let of = known.rows_of(record);
        for row in &of {
            sights.entry(row.id.clone()).or_default().push(record.clone());
        }
        if let (true, Some(suffix)) = (of.is_empty(), Suffix::of_name(record.name())) {
            strays.push((suffix, record.clone()));
        }
    }
    if !strays.is_empty() {
        // Keys of other stores do not concern this one.
        let label = label(inner).await?;
        strays.retain(|(suffix, _)| *suffix.label() == label);
    }
    note(inner, account, &rows, sights, strays, began).await
}

/// Records what a look for these rows found, which began at `began`.
pub(crate) async fn observe_found(
    inner: &Inner,
    account: &Account,
    rows: &[KeyRow],
    records: &[(KeyId, KeyRecord)],
    began: Timestamp,
) -> Result<Observed, Error> {
    let mut sights = Sights::new();
    for (id, record) in records {
        sights.entry(id.clone()).or_default().push(record.clone());
    }
    note(inner, account, rows, sights, Vec::new(), began).await
}

/// The records that were seen for each row.
type Sights = BTreeMap<KeyId, Vec<KeyRecord>>;

/// The rows that the records may concern.
async fn candidates(
    inner: &Inner,
    account: &Account,
    records: &[KeyRecord],
) -> Result<Vec<KeyRow>, Error> {
    let suffixes = records.iter().map(|record| Suffix::of_name(record.name()));
    let mut ids = BTreeSet::new();
    let mut all_have_one = true;
    for suffix in suffixes {
        all_have_one &= suffix.is_some();
        ids.extend(suffix.map(|suffix| suffix.id().clone()));
    }
    let ids: Vec<KeyId> = ids.into_iter().collect();
    let mut rows = if ids.is_empty() { Vec::new() } else { inner.store.find(&ids).await? };
    if !all_have_one {
        let unsettled = KeyFilter {
            account: Some(account.name.clone()),
            states: vec![KeyState::Intended, KeyState::InDoubt, KeyState::Undelivered],
            ..KeyFilter::default()
        };
        rows.extend(inner.store.keys(&unsettled, None, UNSETTLED).await?);
    }
    Ok(rows)
}

async fn label(inner: &Inner) -> Result<Label, Error> {
    inner.transact(Scope::default(), |tx| Ok(tx.store.label.clone())).await
}

/// Changes the rows in one transaction. If nothing is new, there is none.
async fn note(
    inner: &Inner,
    account: &Account,
    rows: &[KeyRow],
    mut sights: Sights,
    strays: Vec<(Suffix, KeyRecord)>,
    began: Timestamp,
) -> Result<Observed, Error> {
    let propagation = account.timing.propagation;
    // What it would change matters here, and not into what.
    let listing = Listing { account: &account.name, began, propagation, rolled_back_at: None };
    sights.retain(|id, records| {
        let row = rows.iter().find(|row| row.id == *id);
        row.is_none_or(|row| {
            let mut seen = row.clone();
            see(&mut seen, records, listing, began);
            seen != *row
        })
    });
    if sights.is_empty() && strays.is_empty() {
        return Ok(Observed::default());
    }
    let ids: BTreeSet<KeyId> =
        sights.keys().chain(strays.iter().map(|(suffix, _)| suffix.id())).cloned().collect();
    let scope = Scope { keys: Select::Ids(ids.into_iter().collect()), ..Scope::default() };
    let (name, actor) = (account.name.clone(), inner.actor.clone());
    let decide = move |tx: &mut Tx| {
        let rolled_back_at = tx.store.rolled_back_at;
        let listing = Listing { account: &name, began, propagation, rolled_back_at };
        let mut observed = Observed::default();
        for (id, records) in &sights {
            observed.changed += usize::from(see_row(tx, &actor, id, records, listing));
        }
        for (suffix, record) in &strays {
            if tx.row(suffix.id()).is_some() {
                // Another key of the id, or another node, was first.
                let records = std::slice::from_ref(record);
                observed.changed += usize::from(see_row(tx, &actor, suffix.id(), records, listing));
            } else if is_alive(record, tx.now) {
                adopt(tx, &actor, &name, suffix, record);
                observed.adopted += 1;
            }
        }
        Ok(observed)
    };
    inner.transact(scope, decide).await
}

/// Applies the records to a row. Returns whether it has changed.
fn see_row(
    tx: &mut Tx,
    actor: &str,
    id: &KeyId,
    records: &[KeyRecord],
    listing: Listing<'_>,
) -> bool {
    let now = tx.now;
    let Some(row) = tx.row_mut(id) else { return false };
    let before = row.clone();
    see(row, records, listing, now);
    let after = row.clone();
    if after == before {
        return false;
    }
    if let Some((action, text)) = noteworthy(&before, &after) {
        warn!(account = listing.account, key = %id, "{action}: {}", text.as_deref().unwrap_or("-"));
        let mut line = audit(tx, actor, &after, action, Some(before.state));
        line.text = text;
        tx.audit.push(line);
    }
    true
}

/// What the audit trail says about a change.
fn noteworthy(before: &KeyRow, after: &KeyRow) -> Option<(&'static str, Option<String>)> {
    if before.state != after.state {
        return Some(("see", after.evidence.clone()));
    }
    if before.difference != after.difference {
        let none = || "it is as recorded again".to_owned();
        return Some(("differ", Some(after.difference.clone().unwrap_or_else(none))));
    }
    let twins = || format!("further keys with its id: {}", after.twins);
    (before.twins != after.twins).then(|| ("see twins", Some(crate::text::scrubbed(&twins()))))
}

/// Makes a row for a key that the store has lost.
fn adopt(tx: &mut Tx, actor: &str, account: &str, suffix: &Suffix, record: &KeyRecord) {
    let row = adopted(account, suffix, record, tx.now);
    warn!(account, key = %row.id, "adopted a key that had no row");
    mark_rolled_back(&mut tx.store, tx.now, &row);
    let line = audit(tx, actor, &row, "adopt", None);
    tx.audit.push(line);
    tx.rows.push(row);
}
