//! The account at a provider that a command works with.

use std::sync::Arc;

use pinning_keys::KeyIssuer;
use pinning_keys::bulk::Throttled;

use crate::failure::Failure;
use crate::scope_args::TargetArgs;
use crate::settings::Settings;

pub(crate) struct Account {
    direct: Arc<dyn KeyIssuer>,
    issuer: Arc<dyn KeyIssuer>,
    secret_variables: Vec<String>,
}

impl Account {
    pub(crate) fn new(settings: &Settings, target: &TargetArgs) -> Result<Self, Failure> {
        let effective = settings.effective(target)?;
        let (limits, secret_variables) = (effective.limits, effective.secret_variables());
        let direct = effective.build()?;
        let issuer = Arc::new(Throttled::new(Arc::clone(&direct), limits));
        Ok(Self { direct, issuer, secret_variables })
    }

    /// The issuer for many calls, which take turns to stay within the provider's rate limit.
    pub(crate) fn issuer(&self) -> &Arc<dyn KeyIssuer> {
        &self.issuer
    }

    /// The issuer for a few calls, which are made at once.
    pub(crate) fn direct(&self) -> &Arc<dyn KeyIssuer> {
        &self.direct
    }

    /// The variables that the account's secrets are read from because a setting names them.
    pub(crate) fn secret_variables(&self) -> &[String] {
        &self.secret_variables
    }
}
