use super::engine::Session;
use super::statements::Sql;
use super::store_facts::Facts;
use super::table::{Table, unreadable};
use super::value::{Field, Value};
use crate::Timestamp;
use crate::store::{AccountRow, Agenda, Agendas, StatusQuery, StoreError};

/// When the accounts next need a worker, from the indexes of what is due.
pub(in crate::store) async fn agenda(
    session: &mut dyn Session,
    sql: &Sql,
    facts: Facts,
    query: StatusQuery,
) -> Result<Agendas, StoreError> {
    let values = vec![facts.now.put(), query.overdue_before.put()];
    let rows = session.fetch(&sql.agenda, values).await?;
    let accounts = rows.into_iter().map(|row| decoded(row.into_iter()));
    Ok(Agendas {
        now: facts.now,
        store: facts.store,
        accounts: accounts.collect::<Result<_, _>>()?,
    })
}

fn decoded(mut row: impl Iterator<Item = Value>) -> Result<Agenda, StoreError> {
    let unreadable = || unreadable(AccountRow::NAME);
    let account = AccountRow::from_values(&mut row).ok_or_else(unreadable)?;
    let overdue = row.next().and_then(i64::take).and_then(|rows| u64::try_from(rows).ok());
    let due_at = row.filter_map(Timestamp::take).min();
    Ok(Agenda { account, due_at, overdue: overdue.ok_or_else(unreadable)? })
}
