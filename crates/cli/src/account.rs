//! The account at a provider that a command works with.

use std::sync::Arc;

use pinning_keys::KeyIssuer;
use pinning_keys::bulk::{RateLimits, Throttled};

use crate::failure::Failure;
use crate::scope_args::TargetArgs;
use crate::settings::Settings;

pub(crate) struct Account {
    issuer: Arc<dyn KeyIssuer>,
}

impl Account {
    pub(crate) fn new(settings: &Settings, target: &TargetArgs) -> Result<Self, Failure> {
        let effective = settings.effective(target)?;
        let limits = effective.limits();
        Ok(Self::throttled(effective.build()?, limits))
    }

    /// The account of this issuer, within these limits.
    pub(crate) fn throttled(issuer: Arc<dyn KeyIssuer>, limits: RateLimits) -> Self {
        Self { issuer: Arc::new(Throttled::new(issuer, limits)) }
    }

    /// The issuer, whose calls stay within the provider's rate limit.
    pub(crate) fn issuer(&self) -> &Arc<dyn KeyIssuer> {
        &self.issuer
    }
}
