//! How long an issued key works: what was requested, and what the provider reported.

use std::time::{Duration, SystemTime};

use crate::KeyRequest;

/// How far clocks and the time that a call takes may move an expiry without it counting as another
/// one.
const TOLERANCE: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub(crate) struct Lifetime {
    pub(crate) requested: Option<SystemTime>,
    pub(crate) reported: Option<SystemTime>,
    tolerance: Duration,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self { requested: None, reported: None, tolerance: TOLERANCE }
    }
}

impl Lifetime {
    /// The lifetime of a key that was issued just now; `None` if the request has no expiry.
    #[inline]
    pub(crate) fn requested_by(request: &KeyRequest) -> Option<Self> {
        let (expiry, now) = (request.expiry()?, SystemTime::now());
        // Of a short lifetime, a minute would be too much.
        let tolerance = TOLERANCE.min(expiry.remaining(now).unwrap_or_default() / 2);
        Some(Self { requested: expiry.instant(now), reported: None, tolerance })
    }

    /// What the key was issued with.
    pub(crate) fn issued(&self) -> Option<SystemTime> {
        self.requested.or(self.reported)
    }

    /// Whether the key ends earlier at one time than at another; `None` is never.
    pub(crate) fn is_earlier(&self, one: Option<SystemTime>, other: Option<SystemTime>) -> bool {
        match (one, other) {
            (Some(one), Some(other)) => {
                other.duration_since(one).is_ok_and(|gap| gap > self.tolerance)
            }
            (one, other) => one.is_some() && other.is_none(),
        }
    }
}
