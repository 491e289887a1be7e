use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The counters of a rule; from [`Faults::add`](super::Faults::add). They remain readable after
/// the plan was cleared.
///
/// ```
/// use pinning_keys_emulator::{Emulator, Fault, FaultRule};
///
/// let emulator = Emulator::in_memory();
/// let refused = emulator.faults().add(FaultRule::new(Fault::RefuseConnection).first(3));
/// assert_eq!((refused.requests(), refused.hits()), (0, 0));
/// ```
#[derive(Clone, Debug)]
pub struct FaultTally {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    hits: AtomicU64,
    body_bytes: AtomicU64,
}

impl FaultTally {
    pub(super) fn new() -> Self {
        Self { counts: Arc::default() }
    }

    /// Returns how many requests matched the rule, whether or not its fault was due.
    pub fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// Returns how many requests the fault happened to.
    pub fn hits(&self) -> u64 {
        self.counts.hits.load(Ordering::Relaxed)
    }

    /// Returns how many bytes were taken of the bodies that the rule replaced or cut short; 0 for
    /// other faults.
    ///
    /// It shows how much a client reads of an endless body. In memory these are the bytes that the
    /// transport read. Over TCP they are the bytes handed to the connection, whose buffers hold
    /// more than the client has read.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use bytes::Bytes;
    /// use http::Request;
    /// use pinning_keys_emulator::{BodyFault, Emulator, Fault, FaultRule};
    /// use pinning_keys_http::{Limits, Transport as _};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = Emulator::in_memory();
    /// let endless = emulator.faults().add(FaultRule::new(Fault::Body(BodyFault::Endless)));
    ///
    /// let request = Request::get(emulator.pinata().base_url()).body(Bytes::new())?;
    /// let limits = Limits::new(Duration::from_secs(5), 64 * 1024);
    /// assert!(emulator.transport().send(request, limits).await.is_err());
    /// assert!(endless.body_bytes() < 80 * 1024);
    /// # Ok(())
    /// # }
    /// ```
    pub fn body_bytes(&self) -> u64 {
        self.counts.body_bytes.load(Ordering::Relaxed)
    }

    /// Counts a matching request and returns its number, from 1.
    pub(super) fn count_request(&self) -> u64 {
        self.counts.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn count_hit(&self) {
        self.counts.hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_body_bytes(&self, bytes: u64) {
        self.counts.body_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
