use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use http::header::RETRY_AFTER;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::routing::path_fits;
use crate::w3ipfs;

/// A limit on the requests in a window of time; for
/// [`EmulatorBuilder::rate_limit`](crate::EmulatorBuilder::rate_limit).
///
/// A window opens with the first request after the last one closed. A request beyond the limit
/// gets 429 in the form of the provider, counts as a request, and has no effect. No source says how
/// the real services count; the headers that Pinata was seen to send belong to a limiter that works
/// like this.
///
/// ```
/// use std::time::Duration;
///
/// use pinning_keys_emulator::{Emulator, RateLimit};
///
/// let minute = Duration::from_secs(60);
/// let emulator = Emulator::builder()
///     .rate_limit(RateLimit::new(30, minute).path("/data/*"))
///     .rate_limit(RateLimit::new(60, minute).path("/v3/*"))
///     .in_memory();
/// assert_eq!(emulator.rate_limited(), 0);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RateLimit {
    requests: u32,
    window: Duration,
    path: Option<String>,
    sends_retry_after: bool,
}

impl RateLimit {
    /// Allows this many requests in each window, whatever they are for. The time is Tokio's, so a
    /// paused clock stops it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_emulator::RateLimit;
    ///
    /// let limit = RateLimit::new(60, Duration::from_secs(60));
    /// ```
    pub fn new(requests: u32, window: Duration) -> Self {
        Self { requests, window, path: None, sends_retry_after: true }
    }

    /// Counts only requests for this path; patterns are those of
    /// [`FaultRule::path`](crate::FaultRule::path).
    pub fn path(mut self, pattern: impl Into<String>) -> Self {
        self.path = Some(pattern.into());
        self
    }

    /// Sets whether `Retry-After` of a refusal has the seconds until the window closes (default:
    /// `true`). Pinata's legacy stack was seen to send the header; for W3IPFS no source has it.
    pub fn retry_after(mut self, sent: bool) -> Self {
        self.sends_retry_after = sent;
        self
    }
}

/// The limits of one emulator, and what they refused.
#[derive(Clone, Default)]
pub(crate) struct RateLimits {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    limits: Vec<(RateLimit, Mutex<Option<Window>>)>,
    refused: AtomicU64,
}

struct Window {
    end: Instant,
    left: u32,
}

impl RateLimits {
    pub(crate) fn new(limits: Vec<RateLimit>) -> Self {
        let limits = limits.into_iter().map(|limit| (limit, Mutex::default())).collect();
        Self { shared: Arc::new(Shared { limits, refused: AtomicU64::new(0) }) }
    }

    /// Returns how many requests were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// Counts a request against the first limit that its path matches; returns the refusal if it
    /// is beyond the limit.
    pub(crate) fn refuse(&self, path: &str) -> Option<Answer> {
        let fits = |limit: &RateLimit| limit.path.as_ref().is_none_or(|it| path_fits(it, path));
        let (limit, window) = self.shared.limits.iter().find(|(limit, _)| fits(limit))?;
        let left = limit.count(&mut window.lock().unwrap_or_else(PoisonError::into_inner))?;
        self.shared.refused.fetch_add(1, Ordering::Relaxed);
        Some(limit.refusal(path, left))
    }
}

impl RateLimit {
    /// Counts a request; returns how long the window still lasts if the request is beyond the limit.
    fn count(&self, window: &mut Option<Window>) -> Option<Duration> {
        let now = Instant::now();
        if window.as_ref().is_none_or(|window| window.end <= now) {
            // A window too long for an `Instant` is treated as none.
            let end = now.checked_add(self.window).unwrap_or(now);
            *window = Some(Window { end, left: self.requests });
        }
        let window = window.as_mut()?;
        match window.left.checked_sub(1) {
            Some(left) => {
                window.left = left;
                None
            }
            None => Some(window.end.saturating_duration_since(now)),
        }
    }

    fn refusal(&self, path: &str, window_left: Duration) -> Answer {
        let answer = if path == "/api" || path.starts_with("/api/") {
            w3ipfs::too_many_requests()
        } else {
            Answer::too_many_requests(path)
        };
        if !self.sends_retry_after {
            return answer;
        }
        let seconds = window_left.as_secs() + u64::from(window_left.subsec_nanos() > 0);
        answer.with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }
}
