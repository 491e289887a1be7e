//! What is known of one call while it is in flight and after it.

use std::borrow::Cow;
use std::sync::OnceLock;

use http::StatusCode;
use pinning_keys_core::{Attempts, Credential, Effect, Error, ErrorKind, KeyName, Operation};
use tokio::time::Instant;

use crate::cleaning::Cleaner;
use crate::credentials::AccountCredential;
use crate::trace::{self, Event};

pub(crate) struct Context {
    pub(crate) provider: &'static str,
    pub(crate) operation: Operation,
    pub(crate) key_name: Option<KeyName>,
    pub(crate) holder: Option<Box<Credential>>,
    /// The credential from the account's source that is in use, and the one that it replaced
    /// after a refusal.
    pub(crate) account: Option<AccountCredential>,
    pub(crate) refused_account: Option<AccountCredential>,
    pub(crate) started: Instant,
    /// How many requests were made.
    pub(crate) count: u32,
    /// The least certain effect of the attempts so far.
    pub(crate) effect: Effect,
    /// The status of the last answer.
    status: Option<StatusCode>,
    /// An answer of success may still turn out to be unreadable.
    succeeded: bool,
    /// The first failure counts: it is the one that the caller sees.
    failed: OnceLock<Effect>,
}

impl Context {
    pub(crate) fn new(
        provider: &'static str,
        operation: Operation,
        key_name: Option<KeyName>,
        holder: Option<Box<Credential>>,
        started: Instant,
    ) -> Self {
        Self {
            provider,
            operation,
            key_name,
            holder,
            account: None,
            refused_account: None,
            started,
            count: 0,
            effect: Effect::NotSent,
            status: None,
            succeeded: false,
            failed: OnceLock::new(),
        }
    }

    /// Remembers the status with which an attempt ended, if an answer came.
    pub(crate) fn attempted(&mut self, status: Option<StatusCode>) {
        self.status = status;
    }

    pub(crate) fn succeeded(&mut self) {
        self.succeeded = true;
    }

    /// An error of this call, the last attempt of which had this effect. `stopped` is why there was
    /// no other attempt.
    pub(crate) fn error(
        &self,
        kind: ErrorKind,
        message: impl Into<Cow<'static, str>>,
        effect: Effect,
        stopped: Option<&'static str>,
    ) -> Error {
        // The least certain one.
        let effect = self.effect.max(effect);
        let elapsed = self.started.elapsed();
        self.complete(Error::new(kind, message).with_effect(effect))
            .with_attempts(Attempts::new(self.count, elapsed, stopped))
    }

    /// Adds the call that an error belongs to.
    pub(crate) fn complete(&self, error: Error) -> Error {
        let _ = self.failed.set(error.effect());
        let error = error.with_provider(self.provider).with_operation(self.operation);
        match &self.key_name {
            Some(name) => error.with_key_name(name.clone()),
            None => error,
        }
    }

    /// The secrets that the last request was sent with: a token or the value of a header, a user
    /// and a password, or a key and its secret.
    pub(crate) fn secrets_sent(&self) -> Vec<&str> {
        let Some(holder) = self.holder.as_deref().map(Credential::expose) else {
            return self.account.iter().flat_map(AccountCredential::sent).collect();
        };
        let value = holder.bearer().or(holder.authorization()).or(holder.header_value());
        let pair = match holder.user() {
            Some(user) => [Some(user), holder.password()],
            None => [holder.api_key(), holder.api_secret()],
        };
        value.map_or_else(|| pair.into_iter().flatten().collect(), |value| vec![value])
    }

    /// A cleaner that knows every secret of this call.
    pub(crate) fn cleaner(&self) -> Cleaner {
        let accounts = self.account.iter().chain(&self.refused_account);
        let exposed = self.holder.as_deref().map(Credential::expose);
        let holders = exposed
            .into_iter()
            .flat_map(|holder| holder.secrets().chain(holder.api_key()).chain(holder.user()));
        Cleaner::new(accounts.flat_map(AccountCredential::secrets).chain(holders))
    }
}

/// A call is over when nobody needs to know anything of it any more: its answer has been read, it
/// failed, or its future was dropped.
impl Drop for Context {
    fn drop(&mut self) {
        let effect = match self.failed.get() {
            Some(effect) => Some(*effect),
            None if self.succeeded => None,
            None => Some(self.effect),
        };
        trace::call(&Event {
            provider: self.provider,
            operation: self.operation,
            attempt: self.count,
            status: self.status,
            effect,
            began: self.started,
        });
    }
}
