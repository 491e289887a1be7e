//! A store in a SQLite file.

mod confirm;
mod engine;
mod errors;
mod file;
mod open;
mod options;
mod store;

pub use options::SqliteOptions;
pub use store::SqliteStore;
