//! Issues one key such that none is left behind that nobody knows of.

use std::sync::Arc;

use pinning_keys::{
    IssuedKey, KeyIssuer, KeyIssuerExt as _, KeyRef, KeyRequest, Recorded, Revocation,
};

use crate::account::Account;
use crate::command_line::revoke_command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::{Interrupt, interrupted};
use crate::keys::lookup;
use crate::keys::state::State;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::recorded::{judge, warn_unknown};

/// Issues a key and, if it cannot be handed on, revokes it.
pub(crate) struct Issuing<'a> {
    account: &'a Account,
    interrupt: &'a Interrupt,
    output: &'a Output,
}

/// A key that is recorded as it was issued, as far as the provider shows it.
pub(crate) struct NewKey {
    pub(crate) key: IssuedKey,
    /// Its reference, with which revoking it is cheapest.
    pub(crate) key_ref: KeyRef,
    /// What the provider recorded; `None` if its list could not be read.
    pub(crate) recorded: Option<Recorded>,
}

impl<'a> Issuing<'a> {
    pub(crate) fn new(account: &'a Account, interrupt: &'a Interrupt, output: &'a Output) -> Self {
        Self { account, interrupt, output }
    }

    /// Refuses a name that a live key has: if the answer to the create were lost, nobody could tell
    /// which of the two to revoke.
    pub(crate) async fn check_name(&self, request: &KeyRequest) -> Result<(), Failure> {
        let name = request.name().as_str();
        self.output.detail("looking for a key of this name");
        let names = [name];
        let looking = lookup::named(self.account, self.output, &names);
        let found = self.interrupt.or_end(looking).await;
        let found = found.map_err(|failure| {
            let failure = match failure.exit() {
                Exit::Interrupted => failure,
                _ => failure.in_context("cannot see whether the name is free"),
            };
            failure.with_outcome("no key was issued")
        })?;
        if found.records.iter().all(|record| State::of(record) == State::Revoked) {
            return Ok(());
        }
        let provider = self.issuer().profile().provider();
        let message = format!("a key named \"{}\" exists at {provider}", escaped(name));
        Err(Failure::new(Exit::Failed, message)
            .with_kind("name_exists")
            .with_next("choose another name: the key is found and revoked by it")
            .with_next(format!("or revoke the other key first:  {}", revoke_command(name))))
    }

    /// Issues the key and compares it with what the provider recorded. A key that is recorded with
    /// more than was issued is revoked.
    pub(crate) async fn issue(&self, request: &KeyRequest) -> Result<NewKey, Failure> {
        self.interrupt.check()?;
        let name = request.name().as_str();
        self.interrupt.would_leave([
            format!("key \"{}\" may exist", escaped(name)),
            format!("to settle it:  {}", revoke_command(name)),
        ]);
        let answer = self.issuer().issue(request);
        let key = self.interrupt.settle("the key is issued and revoked first", answer).await;
        let key = key.inspect_err(|_| self.interrupt.would_leave([]))?;
        self.interrupt.would_leave([
            format!("key \"{}\" exists, and its secret is lost", escaped(name)),
            format!("to revoke it:  {}", revoke_command(&key.key_ref().to_string())),
        ]);
        self.checked(key).await
    }

    async fn checked(&self, key: IssuedKey) -> Result<NewKey, Failure> {
        let checked = self.interrupt.or_end(self.issuer().check(&key)).await;
        if self.interrupt.is_requested() {
            return Err(self.abandon(key.key_ref(), interrupted()).await);
        }
        let recorded = checked.inspect_err(|it| warn_unknown(it.message(), self.output)).ok();
        let key_ref = match &recorded {
            Some(Recorded::Shown { record, .. }) => record.key_ref().clone(),
            _ => key.key_ref().clone(),
        };
        match recorded.as_ref().map_or(Ok(()), |recorded| judge(recorded, self.output)) {
            Ok(()) => Ok(NewKey { key, key_ref, recorded }),
            Err(wider) => Err(self.abandon(&key_ref, Failure::new(Exit::Failed, wider)).await),
        }
    }

    /// From here on, the secret may be where it goes.
    pub(crate) fn begin_delivery(&self, new: &NewKey) {
        let name = escaped(new.key.name().as_str());
        self.interrupt.would_leave([
            format!("key \"{name}\" exists, and its secret may have been delivered"),
            format!("to revoke it:  {}", revoke_command(&new.key_ref.to_string())),
        ]);
    }

    /// Revokes a key that cannot be handed on, and says in the failure what became of it.
    pub(crate) async fn abandon(&self, key: &KeyRef, why: Failure) -> Failure {
        let revoking = self.issuer().revoke(key);
        let unclear = match self.interrupt.settle("the new key is revoked first", revoking).await {
            Ok(Revocation::Revoked | Revocation::AlreadyGone) => None,
            Ok(unclear) => Some(unclear.to_string()),
            Err(error) => Some(escaped(&error.to_string())),
        };
        self.interrupt.would_leave([]);
        match unclear {
            None => why.with_outcome("the new key is revoked"),
            Some(unclear) => why
                .with_exit(Exit::Unknown)
                .with_outcome(&format!("the new key may still work ({unclear})"))
                .with_next(format!("to revoke it:  {}", revoke_command(&key.to_string()))),
        }
    }

    fn issuer(&self) -> &'a Arc<dyn KeyIssuer> {
        self.account.issuer()
    }

    /// The key is handed on, and nothing is left behind.
    pub(crate) fn finish(&self) {
        self.interrupt.would_leave([]);
    }
}
