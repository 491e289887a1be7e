use super::engine::Session;
use super::statements::Sql;
use super::store_facts::Facts;
use super::table::{decode, names};
use super::value::{Field, Value};
use super::works::in_states;
use crate::store::{AccountCounts, AccountRow, Snapshot, StatusQuery, StoreError, Work};
use crate::{KeyState, Timestamp};

/// Counts what there is, in one pass over all rows.
pub(in crate::store) async fn status(
    session: &mut dyn Session,
    sql: &Sql,
    facts: Facts,
    query: StatusQuery,
) -> Result<Snapshot, StoreError> {
    let accounts =
        format!("SELECT {} FROM {}accounts ORDER BY name", names::<AccountRow>(), sql.prefix);
    let accounts = session.fetch(&accounts.into(), Vec::new()).await?.into_iter().map(decode);
    let accounts: Result<Vec<AccountRow>, StoreError> = accounts.collect();
    let with_counts = |account: AccountRow| {
        let counts = AccountCounts { account: account.name.clone(), ..AccountCounts::default() };
        (account, counts)
    };
    let mut accounts: Vec<_> = accounts?.into_iter().map(with_counts).collect();
    let mut unknown = 0;
    let values = vec![query.overdue_before.put()];
    for row in session.fetch(&counted(sql).into(), values).await? {
        let mut row = row.into_iter();
        let (name, state) = (row.next(), row.next());
        let (Some(name), Some(state)) = (name.and_then(String::take), state) else { continue };
        let account = accounts.iter_mut().find(|(account, _)| account.name == name);
        let state = KeyState::take(state);
        let rows = row.next().map_or(0, count);
        match (account, state) {
            (Some((_, counts)), Some(state)) => add(counts, state, rows, row),
            (_, None) => unknown += rows,
            (None, Some(_)) => {}
        }
    }
    for row in held(session, sql, facts.now).await? {
        let mut row = row.into_iter();
        let name = row.next().and_then(String::take);
        if let Some((_, counts)) = accounts.iter_mut().find(|it| Some(&it.0.name) == name.as_ref())
        {
            counts.held = row.next().map_or(0, count);
        }
    }
    Ok(Snapshot { now: facts.now, store: facts.store, accounts, unknown })
}

/// The counts of each account and state. `$1`: what was due before it is overdue.
fn counted(sql: &Sql) -> String {
    let prefix = sql.prefix;
    let ends = in_states(Work::Ends.states());
    let ended = in_states(Work::Watch.states());
    let count = |condition: &str| format!("SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)");
    let columns = [
        count(&format!("{ends} AND COALESCE(end_due, due_at) < $1")),
        count(
            "state = 'live' AND created_at < full_pass_began \
             AND (seen_at IS NULL OR seen_at < full_pass_began)",
        ),
        count("state = 'live' AND adopted"),
        count("unproven"),
        count(&format!("difference IS NOT NULL AND NOT {ended}")),
    ];
    format!(
        "SELECT key.account, state, COUNT(*), {} FROM {prefix}keys key \
         LEFT JOIN {prefix}accounts account ON account.name = key.account \
         GROUP BY key.account, state",
        columns.join(", ")
    )
}

/// The most rows that [`held`] tries to lock.
const HELD: usize = 1000;

/// How many of the rows that are longest due somebody else holds, by account.
async fn held(
    session: &mut dyn Session,
    sql: &Sql,
    now: Timestamp,
) -> Result<Vec<Vec<Value>>, StoreError> {
    // A transaction that writes to SQLite holds the whole file.
    let Some(free) = sql.for_share_free else { return Ok(Vec::new()) };
    let keys = format!("{}keys", sql.prefix);
    let known = in_states(KeyState::ALL);
    let text = format!(
        "WITH due AS (SELECT id, account FROM {keys} WHERE {known} AND due_at <= $1 \
         ORDER BY due_at LIMIT {HELD}), \
         free AS (SELECT id FROM {keys} WHERE id IN (SELECT id FROM due){free}) \
         SELECT account, COUNT(*) FROM due WHERE id NOT IN (SELECT id FROM free) GROUP BY account"
    );
    session.fetch(&text.into(), vec![now.put()]).await
}

fn add(
    counts: &mut AccountCounts,
    state: KeyState,
    rows: u64,
    mut row: impl Iterator<Item = Value>,
) {
    if let Some(at) = KeyState::ALL.iter().position(|it| *it == state) {
        counts.states[at] += rows;
    }
    let mut next = || row.next().map_or(0, count);
    counts.overdue += next();
    counts.missing += next();
    counts.adopted += next();
    counts.unproven += next();
    counts.different += next();
}

fn count(value: Value) -> u64 {
    i64::take(value).and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}
