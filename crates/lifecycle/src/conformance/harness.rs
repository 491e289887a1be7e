use std::time::Duration;

use async_trait::async_trait;

use crate::store::Store;
use crate::{ManualClock, StoreError};

/// Any error of a harness or a database.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A separate database for one case, which is empty at first.
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
    /// It must start some years after 1970, because the suite sets it back by hours.
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
    /// Use a short time, such as 200 ms, because a case waits for it. `None` means that waiting for
    /// another decision cannot be bounded, as in a store within one process; that case is then
    /// skipped.
    fn lock_timeout(&self) -> Option<Duration> {
        None
    }

    /// A secret in the address of the database, and errors from databases at such addresses, for
    /// example one that does not exist and one that refuses the password (default: `None`).
    ///
    /// `None` means that the address contains no secret; that case is then skipped.
    async fn failures(&self) -> Option<(String, Vec<StoreError>)> {
        None
    }
}
