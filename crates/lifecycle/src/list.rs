//! Rows as people read them, with what their accounts say about them.

use crate::inner::Inner;
use crate::store::{Agenda, Agendas, KeyRow, StatusQuery};
use crate::{Error, ManagedKey, Timestamp};

/// The keys of these rows.
pub(crate) async fn seen(inner: &Inner, rows: Vec<KeyRow>) -> Result<Vec<ManagedKey>, Error> {
    // All accounts, without waiting for whoever holds one.
    let query = StatusQuery { overdue_before: Timestamp::default() };
    let Agendas { now, accounts, .. } = inner.store.agenda(query).await?;
    let key = |row: KeyRow| {
        let mut of = accounts.iter().map(|Agenda { account, .. }| account);
        let account = of.find(|account| account.name == row.account);
        ManagedKey::new(row, now, account)
    };
    Ok(rows.into_iter().map(key).collect())
}
