//! Pages of keys and of the audit trail.

use std::fmt::Write as _;

use super::engine::Session;
use super::statements::Sql;
use super::table::{decode, names};
use super::transact::json;
use super::value::{Field, Value};
use super::works::in_states;
use crate::KeyId;
use crate::store::{AuditFilter, AuditRow, KeyFilter, KeyPosition, KeyRow, StoreError};

/// A condition with numbered parameters.
struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition, in which `?` is the value.
    fn and(&mut self, condition: &str, value: Value) {
        self.values.push(value);
        let parameter = format!("${}", self.values.len());
        let condition = condition.replace('?', &parameter);
        // Writing to a string does not fail.
        let _ = write!(self.text, " AND {condition}");
    }
}

pub(in crate::store) async fn find(
    session: &mut dyn Session,
    sql: &Sql,
    ids: &[KeyId],
) -> Result<Vec<KeyRow>, StoreError> {
    let text = format!("{} AND id IN ({}) ORDER BY id", sql.keys_where, sql.elements);
    session.fetch(&text.into(), vec![json(ids)]).await?.into_iter().map(decode).collect()
}

pub(in crate::store) async fn keys(
    session: &mut dyn Session,
    sql: &Sql,
    filter: &KeyFilter,
    after: Option<&KeyPosition>,
    limit: usize,
) -> Result<Vec<KeyRow>, StoreError> {
    let mut conditions = Conditions { text: sql.keys_where.clone(), values: Vec::new() };
    if let Some(account) = &filter.account {
        conditions.and("account = ?", account.put());
    }
    if let Some(holder) = &filter.holder {
        conditions.and("holder = ?", holder.put());
    }
    match filter.adopted {
        // As the index has it.
        Some(true) => conditions.text += " AND adopted",
        Some(false) => conditions.text += " AND NOT adopted",
        None => {}
    }
    if !filter.states.is_empty() {
        let _ = write!(conditions.text, " AND {}", in_states(&filter.states));
    }
    if let Some(after) = after {
        conditions.values.push(after.created_at.put());
        let at = conditions.values.len();
        conditions.and(&format!("(created_at, id) > (${at}, ?)"), after.id.put());
    }
    conditions.text += " ORDER BY created_at, id";
    page(session, conditions, limit).await?.into_iter().map(decode).collect()
}

pub(in crate::store) async fn audit(
    session: &mut dyn Session,
    sql: &Sql,
    filter: &AuditFilter,
    after: i64,
    limit: usize,
) -> Result<Vec<AuditRow>, StoreError> {
    let text = format!("SELECT {} FROM {}audit WHERE number > $1", names::<AuditRow>(), sql.prefix);
    let mut conditions = Conditions { text, values: vec![Value::int(after)] };
    if let Some(key) = &filter.key {
        conditions.and("key_id = ?", key.put());
    }
    if let Some(account) = &filter.account {
        conditions.and("account = ?", account.put());
    }
    if let Some(since) = filter.since {
        conditions.and("at >= ?", since.put());
    }
    // A newer version may have states that this one does not know.
    let known = in_states(crate::KeyState::ALL);
    for column in ["from_state", "to_state"] {
        let known = known.replacen("state", column, 1);
        let _ = write!(conditions.text, " AND ({column} IS NULL OR {known})");
    }
    conditions.text += " ORDER BY number";
    page(session, conditions, limit).await?.into_iter().map(decode).collect()
}

async fn page(
    session: &mut dyn Session,
    mut conditions: Conditions,
    limit: usize,
) -> Result<Vec<Vec<Value>>, StoreError> {
    conditions.values.push(Value::int(i64::try_from(limit).unwrap_or(i64::MAX)));
    let _ = write!(conditions.text, " LIMIT ${}", conditions.values.len());
    session.fetch(&conditions.text.into(), conditions.values).await
}
