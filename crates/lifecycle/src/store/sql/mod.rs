//! What the stores on SQLite and PostgreSQL share: all of the SQL, and what reads and writes rows.

mod detached;
mod engine;
mod lists;
mod schema;
mod statements;
mod status;
mod store_facts;
mod table;
mod transact;
mod value;

pub(super) use detached::detached;
pub(super) use engine::{Engine, Session};
pub(super) use lists::{audit, find, keys, prune};
pub(super) use schema::{Fresh, prepare};
pub(super) use statements::Sql;
pub(super) use status::status;
pub(super) use store_facts::{Facts, HighMark, Observed, facts};
pub(super) use transact::transact;
pub(super) use value::{Field, Kind, Value};
