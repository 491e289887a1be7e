//! Rows of keys, made from one that was issued.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result};
use pinning_keys_lifecycle::KeyId;
use pinning_keys_lifecycle::store::{KeyRow, Scope, Select, Store, Tx, Verdict};

use crate::provider::{Provider, Which};

/// How many rows a transaction inserts.
const AT_ONCE: usize = 1_000;

/// A row like `template`, but of another key and another holder for each number.
pub(crate) fn like(template: &KeyRow, which: Which, number: u64) -> Result<KeyRow> {
    let id: KeyId = id_text(number).parse()?;
    let holder = format!("holder-{number}");
    Ok(KeyRow {
        name: template.name.replace(template.id.as_str(), id.as_str()),
        open_holder: template.open_holder.is_some().then(|| holder.clone()),
        references: format!(r#"["v1:{}:{}:{}"]"#, which.id(), api_key(number), key_id(number)),
        holder,
        id,
        ..template.clone()
    })
}

/// The id of the row of this number.
pub(crate) fn id_text(number: u64) -> String {
    format!("{number:013}")
}

/// The public half of the key of this number.
pub(crate) fn api_key(number: u64) -> String {
    format!("c2FtcGxl{number:012}")
}

/// The provider's id of the key of this number.
pub(crate) fn key_id(number: u64) -> String {
    format!("{number:08}-0000-4000-8000-000000000000")
}

/// The row of a key.
pub(crate) async fn find(store: &dyn Store, id: &KeyId) -> Result<KeyRow> {
    let rows = store.find(std::slice::from_ref(id)).await?;
    rows.into_iter().next().context("the key has no row")
}

/// Inserts rows.
pub(crate) async fn insert(
    store: &dyn Store,
    rows: impl IntoIterator<Item = Result<KeyRow>>,
) -> Result<()> {
    let mut rows = rows.into_iter();
    loop {
        let page: Vec<KeyRow> = rows.by_ref().take(AT_ONCE).collect::<Result<_>>()?;
        if page.is_empty() {
            return Ok(());
        }
        change(store, Select::Nothing, move |tx| tx.rows.clone_from(&page)).await?;
    }
}

/// Changes rows, behind the manager's back.
pub(crate) async fn change(
    store: &dyn Store,
    keys: Select,
    change: impl Fn(&mut Tx) + Send + Sync + 'static,
) -> Result<()> {
    let decide = move |tx: &mut Tx| {
        change(tx);
        Verdict::Commit
    };
    store.transact(Scope { keys, ..Scope::default() }, Arc::new(decide)).await?;
    Ok(())
}

/// Makes keys at the emulated Pinata for the rows of these numbers, and lets their leases end now.
pub(crate) async fn make_due(
    store: &dyn Store,
    provider: &Provider,
    numbers: Range<u64>,
) -> Result<()> {
    let ids: Vec<KeyId> =
        numbers.map(|number| id_text(number).parse()).collect::<Result<_, _>>()?;
    let rows = store.find(&ids).await?;
    let keys: BTreeMap<KeyId, String> = rows
        .into_iter()
        .map(|row| {
            let made = provider.emulator.pinata().create_key(&row.name, "{}");
            (row.id, format!(r#"["v1:pinata:{}"]"#, made.key))
        })
        .collect();
    change(store, Select::Ids(ids), move |tx| {
        let now = tx.now;
        for row in &mut tx.rows {
            row.references.clone_from(&keys[&row.id]);
            row.expires_at = Some(now);
            row.due_at = Some(now);
        }
    })
    .await
}

/// Lets the leases of these keys end now.
pub(crate) async fn expire(store: &dyn Store, ids: Vec<KeyId>) -> Result<()> {
    change(store, Select::Ids(ids), |tx| {
        let now = tx.now;
        for row in &mut tx.rows {
            row.expires_at = Some(now);
            row.due_at = Some(now);
        }
    })
    .await
}
