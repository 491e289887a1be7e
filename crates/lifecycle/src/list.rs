//! Rows as people read them, with what their accounts say about them.

use std::collections::BTreeMap;

use crate::ManagedKey;
use crate::inner::Inner;
use crate::store::{KeyRow, Scope, Tx};
use crate::{Error, Timestamp};

/// The keys of these rows.
pub(crate) async fn seen(inner: &Inner, rows: Vec<KeyRow>) -> Result<Vec<ManagedKey>, Error> {
    let mut accounts = BTreeMap::new();
    for row in &rows {
        if !accounts.contains_key(&row.account) {
            let scope = Scope { account: Some(row.account.clone()), ..Scope::default() };
            let read = |tx: &mut Tx| Ok((tx.now, tx.account.clone()));
            accounts.insert(row.account.clone(), inner.transact(scope, read).await?);
        }
    }
    let key = |row: KeyRow| {
        let (now, account) = match accounts.get(&row.account) {
            Some((now, account)) => (*now, account.as_ref()),
            None => (Timestamp::default(), None),
        };
        ManagedKey::new(row, now, account)
    };
    Ok(rows.into_iter().map(key).collect())
}
