use std::sync::Arc;
use std::time::Duration;

use crate::Clock;

/// How to connect to a [`PostgresStore`](crate::PostgresStore).
///
/// ```
/// use pinning_keys_lifecycle::PostgresStore;
///
/// let options = PostgresStore::options().max_connections(4);
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct PostgresOptions {
    pub(super) max_connections: u32,
    pub(super) connect_timeout: Duration,
    pub(super) lock_timeout: Duration,
    pub(super) clock: Option<Arc<dyn Clock>>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            max_connections: 10,
            connect_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            clock: None,
        }
    }
}

impl PostgresOptions {
    /// Sets the maximum number of connections of this process (default: 10).
    ///
    /// ```
    /// use pinning_keys_lifecycle::PostgresStore;
    ///
    /// let options = PostgresStore::options().max_connections(4);
    /// # let _ = options;
    /// ```
    #[must_use]
    pub const fn max_connections(mut self, most: u32) -> Self {
        self.max_connections = most;
        self
    }

    /// Sets how long a transaction waits for a connection (default: 10 s).
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::PostgresStore;
    ///
    /// let options = PostgresStore::options().connect_timeout(Duration::from_secs(3));
    /// # let _ = options;
    /// ```
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long a statement waits for rows that another transaction has locked (default: 5 s).
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::PostgresStore;
    ///
    /// let options = PostgresStore::options().lock_timeout(Duration::from_secs(2));
    /// # let _ = options;
    /// ```
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// Sets the clock, for tests (default: the clock of the server).
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use pinning_keys_lifecycle::{ManualClock, PostgresStore};
    ///
    /// let options = PostgresStore::options().clock(ManualClock::at(UNIX_EPOCH));
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }
}
