//! The keys that a file declares.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys::{KeyName, KeyRequest, ScopeRequest};
use pinning_keys_lifecycle::Lease;
use pinning_keys_sinks::SinkSpec;

use crate::failure::Failure;

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
    /// Whether a program gets the secret on stdin.
    pub(crate) is_command: bool,
}

impl DeclaredKey {
    /// What is requested of the provider.
    pub(crate) fn request(&self) -> Result<KeyRequest, Failure> {
        let request = KeyRequest::new(self.name.clone(), self.scope.clone())?;
        Ok(self.max_uses.into_iter().fold(request, KeyRequest::with_max_uses))
    }

    pub(crate) fn lease(&self) -> Lease {
        match (self.lease, self.max_lease) {
            (None, _) => Lease::none(),
            (Some(length), None) => Lease::of(length),
            (Some(length), Some(max)) => Lease::of(length).renewable_until(max),
        }
    }
}

/// The profiles of keys, each once.
pub(crate) fn profiles(keys: &[DeclaredKey]) -> Vec<&str> {
    let profiles: BTreeSet<&str> = keys.iter().map(|key| key.profile.as_str()).collect();
    profiles.into_iter().collect()
}
