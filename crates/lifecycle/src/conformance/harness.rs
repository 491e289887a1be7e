use std::time::Duration;

use async_trait::async_trait;

use crate::store::Store;
use crate::{ManualClock, StoreError};

/// What can go wrong around a store.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A database of its own for one case, which is empty at first.
///
/// ```
/// use pinning_keys_lifecycle::conformance::{BoxError, Harness, async_trait};
/// use pinning_keys_lifecycle::store::Store;
/// use pinning_keys_lifecycle::{ManualClock, MemoryStore};
///
/// struct InMemory {
///     clock: ManualClock,
///     store: MemoryStore,
/// }
///
/// #[async_trait]
/// impl Harness for InMemory {
///     fn clock(&self) -> &ManualClock {
///         &self.clock
///     }
///
///     async fn open(&self) -> Result<Box<dyn Store>, BoxError> {
///         Ok(Box::new(self.store.clone()))
///     }
/// }
/// ```
#[async_trait]
pub trait Harness: Send + Sync {
    /// The clock that every store of this harness has. The suite moves it.
    ///
    /// Let it begin some years after 1970: the suite sets it back by hours.
    fn clock(&self) -> &ManualClock;

    /// Opens the database, as another process would: nothing is shared with stores that were opened
    /// before, which stay open.
    ///
    /// # Errors
    ///
    /// The error of the database; the case fails.
    async fn open(&self) -> Result<Box<dyn Store>, BoxError>;

    /// How long a transaction waits for a lock (default: `None`).
    ///
    /// Set it short, such as 200 ms, because a case waits for it. `None`: no decision ever waits
    /// for another in a way that could be bounded, as in a store that lives in one process. Then
    /// that case is skipped.
    fn lock_timeout(&self) -> Option<Duration> {
        None
    }

    /// A secret in the address of the database, and errors of a database at such an address: one
    /// that does not exist, one that refuses the password (default: `None`).
    ///
    /// `None`: the address holds no secret. Then that case is skipped.
    async fn failures(&self) -> Option<(String, Vec<StoreError>)> {
        None
    }
}
