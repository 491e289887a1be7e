//! The stores on real databases.

mod agree;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;
