//! A store in a PostgreSQL database.

mod confirm;
mod engine;
mod errors;
mod open;
mod options;
mod store;

pub(crate) use errors::store_error as postgres_error;
pub use options::PostgresOptions;
pub use store::PostgresStore;
