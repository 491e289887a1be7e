//! The stores on real databases.

mod agree;
mod confirm;
#[cfg(all(target_os = "linux", feature = "sqlite"))]
mod disk;
mod numbers;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;
