//! What every command works with.

use crate::account::Account;
use crate::failure::Failure;
use crate::output::Output;
use crate::scope_args::TargetArgs;
use crate::settings::Settings;

pub(crate) struct Session {
    pub(crate) output: Output,
    pub(crate) settings: Settings,
}

impl Session {
    pub(crate) fn new(output: Output, settings: Settings) -> Self {
        Self { output, settings }
    }

    /// The account that the settings select. Nothing is sent yet.
    pub(crate) fn account(&self, target: &TargetArgs) -> Result<Account, Failure> {
        Account::new(&self.settings, target)
    }
}
