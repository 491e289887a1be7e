//! The columns of each table, listed once: from these lists follow the tables themselves, what is
//! read, and what is written.

use super::value::{Field, Kind, Value};
use crate::store::{AccountRow, AuditRow, KeyRow, StoreError, StoreErrorKind, StoreRow};

/// A row that is kept in a table.
pub(super) trait Table: Sized {
    /// The name of the table, without its prefix.
    const NAME: &'static str;
    const COLUMNS: &'static [Column];

    /// The values of all columns.
    fn values(&self) -> Vec<Value>;

    /// Takes as many values as there are columns. `None` if one is of no use.
    fn from_values(values: &mut impl Iterator<Item = Value>) -> Option<Self>;
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
}

/// The column of a field, whose type says the rest.
const fn column<R, F: Field>(name: &'static str, _: fn(&R) -> &F) -> Column {
    Column { name, kind: F::KIND, nullable: F::NULLABLE }
}

/// The names of all columns, separated by commas.
pub(super) fn names<T: Table>() -> String {
    let names: Vec<&str> = T::COLUMNS.iter().map(|column| column.name).collect();
    names.join(", ")
}

/// The row that was read.
pub(super) fn decode<T: Table>(values: Vec<Value>) -> Result<T, StoreError> {
    T::from_values(&mut values.into_iter()).ok_or_else(|| unreadable(T::NAME))
}

pub(super) fn unreadable(table: &str) -> StoreError {
    let message = format!("a row of the table {table} has values that cannot be read");
    StoreError::new(StoreErrorKind::Corrupt, message)
        .with_next_step("restore a backup, or repair what was changed by hand")
}

/// Lists the fields of a row. A column is named after its field, unless that is a word of SQL.
macro_rules! table {
    ($row:ident in $table:literal: $($field:ident $(as $name:literal)?),* $(,)?) => {
        impl Table for $row {
            const NAME: &'static str = $table;
            const COLUMNS: &'static [Column] =
                &[$(column(table!(@name $field $($name)?), |row: &$row| &row.$field)),*];

            fn values(&self) -> Vec<Value> {
                vec![$(self.$field.put()),*]
            }

            fn from_values(values: &mut impl Iterator<Item = Value>) -> Option<Self> {
                Some(Self { $($field: Field::take(values.next()?)?),* })
            }
        }
    };
    (@name $field:ident $name:literal) => { $name };
    (@name $field:ident) => { stringify!($field) };
}

table! { KeyRow in "keys":
    id, account, holder, name, state, version, request, granted, references as "key_references",
    twins, lease, expires_at, leased_at, max_until, send_by, settle_after, deliver_by,
    deliver_began, replaces, replaced_by, overlap, open_holder, open_successor, created_at,
    changed_at, due_at, claimed_until, by_hand, attempts, end_due, seen_at, seen_by, uses,
    first_look, watched, keep_until, evidence, unproven, adopted, difference, failure,
}

table! { AccountRow in "accounts":
    name, provider, identity, closed_until, closed_because, closures, strikes, slot_at, low_slot_at,
    pass_cursor, pass_began, pass_flawed, pass_claimed_until, pass_due_at, full_pass_began, changes,
}

table! { AuditRow in "audit":
    number, at, actor, account, key as "key_id", reference, action, from as "from_state",
    to as "to_state", effect, text,
}

table! { StoreRow in "meta":
    label, identity, rolled_back_at, rolled_back_because, acknowledged, last_tick_at, time_high,
    clock_confirmed_at, resumed_at,
}
