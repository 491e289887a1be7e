//! What the stores on SQLite and PostgreSQL share: all of the SQL, and what reads and writes rows.

mod agenda;
mod agenda_statement;
mod confirm;
mod database;
mod detached;
mod engine;
mod lists;
mod prune;
mod schema;
mod statements;
mod status;
mod store_facts;
mod table;
mod transact;
mod value;
mod works;

pub(crate) use confirm::UNKNOWN_KEY;
pub(super) use confirm::{Names, OVER, refusals, statements};
pub(super) use database::{
    Database, agenda, audit, find, keys, prune, status, store_on_database, transact,
};
pub(super) use detached::detached;
pub(super) use engine::{Engine, Observed, Session};
pub(super) use schema::{Fresh, fresh_row, prepare};
pub(super) use statements::Sql;
pub(super) use store_facts::HighMark;
pub(super) use value::{Field, Kind, Value};
