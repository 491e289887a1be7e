use std::fmt;
use std::time::{Duration, SystemTime};

use crate::{Error, Timestamp};

/// The result of one pass of the worker; from [`KeyManager::run_due`](crate::KeyManager::run_due).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// # let store = MemoryStore::new(SystemClock)?;
/// # let manager = KeyManager::builder(store).account("main", issuer).build().await?;
/// let tick = manager.run_due(100).await?;
/// for (account, error) in tick.errors() {
///     eprintln!("{account}: {error:#}");
/// }
/// if tick.overdue() > 0 {
///     eprintln!("{} keys are overdue and may still work", tick.overdue());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Tick {
    pub(crate) revoked: usize,
    pub(crate) settled: usize,
    pub(crate) seen: usize,
    pub(crate) put_off: usize,
    pub(crate) overdue: u64,
    pub(crate) errors: Vec<(String, Error)>,
    pub(crate) served: Vec<String>,
    /// How long until then.
    pub(crate) wait: Duration,
    pub(crate) next: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
}

impl Tick {
    /// How many keys have ended.
    pub fn revoked(&self) -> usize {
        self.revoked
    }

    /// How many creates in doubt were settled.
    pub fn settled(&self) -> usize {
        self.settled
    }

    /// How many keys were looked at in listings.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// How many keys could not end yet and are tried again later.
    pub fn put_off(&self) -> usize {
        self.put_off
    }

    /// How many keys should have ended more than 15 minutes ago. They may still work.
    pub fn overdue(&self) -> u64 {
        self.overdue
    }

    /// The failures, with the names of their accounts. One account's failure does not stop the
    /// others, and what failed is tried again.
    pub fn errors(&self) -> &[(String, Error)] {
        &self.errors
    }

    /// The failures by value; see [`errors`](Self::errors).
    pub fn into_errors(self) -> Vec<(String, Error)> {
        self.errors
    }

    /// The accounts in which something was done and nothing failed. If an account failed in an
    /// earlier pass, this shows that it is served again.
    pub fn served(&self) -> impl Iterator<Item = &str> {
        self.served.iter().map(String::as_str)
    }

    /// When to call again, by this node's clock, at most 30 s later: other processes may add work at
    /// any time.
    pub fn next(&self) -> SystemTime {
        self.next.into()
    }

    /// When the first of the keys needs the worker again: when its lease ends, its delivery must be
    /// confirmed, its create is settled, or it is looked at again. `None` if no key does.
    ///
    /// In an account that is closed, this is when it is tried again.
    pub fn due_at(&self) -> Option<SystemTime> {
        self.due_at.map(Into::into)
    }

    /// Whether there was nothing to do.
    pub fn is_idle(&self) -> bool {
        self.revoked + self.settled + self.seen + self.put_off == 0 && self.errors.is_empty()
    }
}

/// One line, such as `2 revoked, 1 put off, 1 overdue`.
impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.revoked as u64, "revoked"),
            (self.settled as u64, "settled"),
            (self.seen as u64, "seen"),
            (self.put_off as u64, "put off"),
            (self.overdue, "overdue"),
            (self.errors.len() as u64, "failed"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let texts: Vec<_> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        f.pad(&if texts.is_empty() { "nothing to do".to_owned() } else { texts.join(", ") })
    }
}
