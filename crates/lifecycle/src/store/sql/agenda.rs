use super::engine::Session;
use super::statements::{Sql, works};
use super::store_facts::Facts;
use super::table::{Table, names, unreadable};
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

/// The accounts, with what is overdue and some times of which the earliest counts. `$1`: now; `$2`:
/// what was due before it is overdue.
pub(super) fn statement(prefix: &str) -> String {
    let of_account = |what: &str, states: &str, condition: &str| {
        format!(
            "(SELECT {what} FROM {prefix}keys WHERE {states} AND account = owner.name \
             AND {condition})"
        )
    };
    let [(_, ends), ..] = works();
    let mut overdue = vec![of_account("COUNT(*)", &ends, "end_due IS NOT NULL AND end_due < $2")];
    let mut times = Vec::new();
    for by_hand in ["by_hand = FALSE", "by_hand = TRUE"] {
        let due = format!("{by_hand} AND due_at IS NOT NULL AND due_at");
        overdue.push(of_account("COUNT(*)", &ends, &format!("{due} < $2 AND end_due IS NULL")));
        for (_, states) in works() {
            // Ends at the first entry of the index that is free.
            let free = "(claimed_until IS NULL OR claimed_until <= $1) ORDER BY due_at, id LIMIT 1";
            let free = of_account("due_at", &states, &format!("{due} <= $1 AND {free}"));
            // Only if all that is due is claimed, which are few.
            let claimed = format!("{due} <= $1 AND claimed_until > $1");
            let claimed = of_account("MIN(claimed_until)", &states, &claimed);
            times.push(format!("COALESCE({free}, {claimed})"));
            times.push(of_account("MIN(due_at)", &states, &format!("{due} > $1")));
        }
    }
    let accounts = names::<AccountRow>();
    format!(
        "SELECT {accounts}, {}, {} FROM {prefix}accounts owner ORDER BY name",
        overdue.join(" + "),
        times.join(", ")
    )
}
