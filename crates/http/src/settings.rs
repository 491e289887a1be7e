//! The settings of a client.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use pinning_keys_core::{CredentialForm, Error};

use crate::credentials::{AccountCredential, CredentialSource};
use crate::misconfigured::misconfigured;
use crate::session_rules::SessionRules;
use crate::{Answer, BaseUrl, Failure, Transport};

/// What the builder of a client gathered.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) provider: &'static str,
    pub(crate) base_url: BaseUrl,
    pub(crate) credentials: Arc<dyn CredentialSource>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) deadline: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) bearer_only: bool,
    pub(crate) failure_reader: fn(&Answer) -> Failure,
    pub(crate) refuses_credential: fn(&Response<Bytes>) -> bool,
    pub(crate) sessions: SessionRules,
}

impl Settings {
    /// Refuses a credential of another account, and one that the provider's routes do not accept,
    /// before it is sent there.
    pub(crate) fn admit(&self, credential: &AccountCredential) -> Result<(), Error> {
        self.sessions.check_account(credential)?;
        if credential.is_bearer() || !self.bearer_only {
            return Ok(());
        }
        let form = match credential.form() {
            CredentialForm::KeyPair => "a key pair",
            CredentialForm::Basic => "a user and a password",
            _ => "the value of a header",
        };
        let message =
            format!("the account's credential is {form}, and these routes accept only a JWT");
        let step = "have the credential source return a JWT";
        Err(misconfigured(message).with_next_step(match credential.form() {
            CredentialForm::KeyPair => {
                format!("{step}, or choose a route that accepts key pairs, if there is one")
            }
            _ => step.to_owned(),
        }))
    }
}
