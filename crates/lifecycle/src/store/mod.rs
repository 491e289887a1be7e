//! Where the state of keys is kept: the trait [`Store`], its rows, and the stores of this crate.

mod account_row;
mod audit_row;
mod contract;
mod copy;
mod filter;
mod key_row;
mod memory;
mod memory_count;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store_error;
mod store_row;
mod tx;

pub use account_row::AccountRow;
pub use audit_row::AuditRow;
pub use contract::Store;
pub use copy::{Copied, copy};
pub use filter::{
    AccountCounts, Agenda, Agendas, AuditFilter, KeyFilter, KeyPosition, Prune, Snapshot,
    StatusQuery,
};
pub use key_row::KeyRow;
pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub(crate) use postgres::postgres_error;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "postgres")]
pub(crate) use sql::UNKNOWN_KEY;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOptions, SqliteStore};
pub use store_error::{StoreError, StoreErrorKind};
pub use store_row::StoreRow;
pub use tx::{Counts, Decide, Scope, Select, Tx, Verdict, Work};
