//! The keys that a file declares.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys::{KeyName, ScopeRequest};
use pinning_keys_sinks::SinkSpec;

/// A key that should exist.
#[derive(Clone, Debug)]
pub(crate) struct DeclaredKey {
    pub(crate) name: KeyName,
    pub(crate) profile: String,
    pub(crate) scope: ScopeRequest,
    pub(crate) max_uses: Option<NonZeroU64>,
    pub(crate) lease: Option<Duration>,
    /// Until when, counted from its issue, the lease can be renewed.
    pub(crate) max_lease: Option<Duration>,
    /// The age at which the key is replaced.
    pub(crate) rotate: Option<Duration>,
    /// How long the key continues to work after it is replaced.
    pub(crate) overlap: Duration,
    /// Where the secret goes, and which part of it.
    pub(crate) to: SinkSpec,
}
