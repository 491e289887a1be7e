//! Opens a store: a file of SQLite, or a database of PostgreSQL.

use pinning_keys_lifecycle::store::Store;
use pinning_keys_lifecycle::{SqliteStore, StoreError};

use crate::clock::SharedClock;

/// Opens the store at a path or a URL.
pub(crate) async fn open(place: &str, clock: &SharedClock) -> Result<Box<dyn Store>, StoreError> {
    #[cfg(feature = "postgres")]
    if place.starts_with("postgres:") {
        let options = pinning_keys_lifecycle::PostgresStore::options().clock(clock.clone());
        return Ok(Box::new(options.connect(place).await?));
    }
    let options = SqliteStore::options().clock(clock.clone());
    let options = match place.split_once('?') {
        Some((_, "moved")) => options.moved(),
        Some((_, "copied")) => options.copied(),
        _ => options,
    };
    let path = place.split('?').next().unwrap_or_default();
    Ok(Box::new(options.open(path).await?))
}
