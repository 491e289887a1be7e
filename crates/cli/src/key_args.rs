//! The arguments that describe a key to issue.

use std::ffi::OsString;
use std::num::NonZeroU64;

use pinning_keys::{KeyName, KeyRequest, KeyScope, PermissionSet};

use crate::failure::Failure;
use crate::keys::selector::is_reference;
use crate::scope_args::{ScopeArgs, TargetArgs};
use crate::secret_words::refuse_secret;

#[derive(clap::Args)]
pub(crate) struct KeyArgs {
    /// The name of the key, which no other live key of the account has
    name: OsString,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How many requests the key may be used for (default: without limit)
    #[arg(long, value_name = "N", help_heading = "Scope", value_parser = uses)]
    max_uses: Option<NonZeroU64>,
}

impl KeyArgs {
    /// The request that the arguments describe.
    pub(crate) fn request(&self) -> Result<KeyRequest, Failure> {
        let request = KeyRequest::new(self.name()?, self.scope.request()?)?;
        Ok(match self.max_uses {
            Some(uses) => request.with_max_uses(uses),
            None => request,
        })
    }

    fn name(&self) -> Result<KeyName, Failure> {
        let Some(name) = self.name.to_str() else {
            return Err(Failure::usage("the name of the key is not UTF-8"));
        };
        refuse_secret("the name of the key", name)?;
        if is_reference(name) {
            let message = "the name of the key looks like a key reference (\"v1:…\"), so no command \
                           could find the key by it";
            return Err(Failure::usage(message));
        }
        Ok(KeyName::new(name)?)
    }
}

pub(crate) fn uses(text: &str) -> Result<NonZeroU64, &'static str> {
    text.parse().map_err(|_| "expected a whole number of at least 1")
}

/// What to ask before a key of this scope is issued, if its holder could get more than the scope
/// says.
pub(crate) fn question(name: &KeyName, granted: KeyScope) -> Option<String> {
    power(granted).map(|power| format!("Issue \"{name}\", which {power}?"))
}

/// What the holder of a key could do beyond what its scope says.
pub(crate) fn power(granted: KeyScope) -> Option<String> {
    let granted = granted.permissions();
    let escalating = granted.unwrap_or_default() & PermissionSet::ESCALATING;
    match granted {
        None => Some("may do everything, including issuing other keys".to_owned()),
        Some(_) if escalating.is_empty() => None,
        Some(_) => Some(format!("may {escalating}, and so issue keys with more permissions")),
    }
}
