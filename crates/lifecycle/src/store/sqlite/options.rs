use std::sync::Arc;
use std::time::Duration;

use crate::{Clock, SystemClock};

/// How to open a [`SqliteStore`](crate::SqliteStore).
///
/// ```
/// use pinning_keys_lifecycle::SqliteStore;
///
/// let options = SqliteStore::options().in_app_file();
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct SqliteOptions {
    pub(super) in_app_file: bool,
    pub(super) elsewhere: Elsewhere,
    pub(super) lock_timeout: Duration,
    pub(super) clock: Arc<dyn Clock>,
}

/// What to do if the file is not at the recorded path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// A person must decide.
    Unclear,
    Moved,
    Copied,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            in_app_file: false,
            elsewhere: Elsewhere::Unclear,
            lock_timeout: Duration::from_secs(5),
            clock: Arc::new(SystemClock),
        }
    }
}

impl SqliteOptions {
    /// Keeps the store in a file that belongs to the app, next to the app's own tables.
    ///
    /// The names of all its tables begin with `pinning_keys_`. The journal mode of the file is not
    /// changed. The app can then confirm a delivery in its own transactions.
    ///
    /// ```
    /// use pinning_keys_lifecycle::SqliteStore;
    ///
    /// let options = SqliteStore::options().in_app_file();
    /// # let _ = options;
    /// ```
    #[must_use]
    pub const fn in_app_file(mut self) -> Self {
        self.in_app_file = true;
        self
    }

    /// Accepts that the file was moved. It is the same store as before.
    ///
    /// It has no effect if the file is at the recorded path.
    ///
    /// ```
    /// use pinning_keys_lifecycle::SqliteStore;
    ///
    /// let options = SqliteStore::options().moved();
    /// # let _ = options;
    /// ```
    #[must_use]
    pub const fn moved(mut self) -> Self {
        self.elsewhere = Elsewhere::Moved;
        self
    }

    /// Accepts that the file is a copy, and that the original is still in use.
    ///
    /// The copy becomes a separate store with its own label. It forgets the keys of the original,
    /// which goes on managing them. It has no effect if the file is at the recorded path.
    ///
    /// ```
    /// use pinning_keys_lifecycle::SqliteStore;
    ///
    /// let options = SqliteStore::options().copied();
    /// # let _ = options;
    /// ```
    #[must_use]
    pub const fn copied(mut self) -> Self {
        self.elsewhere = Elsewhere::Copied;
        self
    }

    /// Sets how long a transaction waits while another program keeps the file locked (default: 5
    /// s).
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::SqliteStore;
    ///
    /// let options = SqliteStore::options().lock_timeout(Duration::from_secs(2));
    /// # let _ = options;
    /// ```
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }

    /// Sets the clock, for tests (default: the clock of the machine).
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use pinning_keys_lifecycle::{ManualClock, SqliteStore};
    ///
    /// let options = SqliteStore::options().clock(ManualClock::at(UNIX_EPOCH));
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}
