//! The stores on real databases.

mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;
