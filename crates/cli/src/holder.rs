//! The provider of a credential, for calls that are made with the credential itself.

use std::sync::Arc;

use pinning_keys::{Credential, KeyIssuer, KeyName, KeyRef};

use crate::failure::Failure;
use crate::given::Given;
use crate::scope_args::TargetArgs;
use crate::session::Session;

/// A credential, and the issuer to ask about it.
pub(crate) struct Holder {
    pub(crate) credential: Credential,
    /// The reference and the name that are stored beside the credential.
    pub(crate) key_ref: Option<KeyRef>,
    pub(crate) name: Option<KeyName>,
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    /// Whether the issuer has a credential of the account, so that it can list keys.
    pub(crate) has_account: bool,
}

impl Holder {
    /// Takes the address and the other settings from the account that is configured. If there is
    /// none, a credential that names its provider does without: it authenticates its own calls.
    pub(crate) fn new(given: Given, session: &Session) -> Result<Self, Failure> {
        let target = TargetArgs::default();
        let (config, has_account) = session.settings.holder_config(given.provider(), &target)?;
        let provider = config.provider();
        if let Some(other) = given.provider().filter(|named| *named != provider) {
            // Its shape was checked, so it holds nothing that must not be shown.
            return Err(Failure::configuration(format!(
                "the credential belongs to {other}, and the configured account to {provider}"
            ))
            .with_next(format!("select a profile of {other}: --profile NAME")));
        }
        let (credential, key_ref, name) = given.into_parts(provider)?;
        Ok(Self { credential, key_ref, name, issuer: config.build()?, has_account })
    }

    /// Makes the calls for a key of another table.
    pub(crate) fn use_table(&mut self, table: &str, session: &Session) -> Result<(), Failure> {
        if self.issuer.profile().table().name() != table {
            let target = TargetArgs { table: Some(table.to_owned()), ..TargetArgs::default() };
            let provider = Some(self.credential.provider());
            self.issuer = session.settings.holder_config(provider, &target)?.0.build()?;
        }
        Ok(())
    }
}
