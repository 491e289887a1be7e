//! The effective settings: flags, environment, files.

use pinning_keys::IssuerConfig;

use crate::cli::Global;
use crate::failure::Failure;
use crate::scope_args::TargetArgs;

pub(crate) struct Settings {}

impl Settings {
    /// Reads and checks everything that the program is configured with.
    pub(crate) fn load(_global: &Global) -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// The configuration of the account's issuer.
    pub(crate) fn issuer_config(&self, _target: &TargetArgs) -> Result<IssuerConfig, Failure> {
        Ok(IssuerConfig::from_env()?)
    }
}
