//! Calls to the provider: a slot of the account's rate limit before each, its breaker after each.

use pinning_keys_core::{Effect, Error as ProviderError, ErrorKind as ProviderErrorKind};

use crate::breaker::{self, Concern, Failure};
use crate::inner::{Account, Inner};
use crate::slots::{self, Class};
use crate::store::{AccountRow, Scope, Tx};
use crate::{Error, ErrorKind, KeyId};

impl Inner {
    /// Takes slots for requests of this class. If there are none, waits for them, or fails.
    pub(crate) async fn slot(
        &self,
        account: &Account,
        class: Class,
        requests: u32,
        wait: bool,
    ) -> Result<(), Error> {
        let limit = account.limit;
        loop {
            let taken = self
                .transact(account.slot_scope(), move |tx| {
                    match take_slots(tx, limit.as_ref(), class, requests) {
                        Err(error) => match error.wait().filter(|_| wait) {
                            Some(time) => Ok(Err(time)),
                            None => Err(error),
                        },
                        Ok(()) => Ok(Ok(())),
                    }
                })
                .await?;
            match taken {
                Ok(()) => return Ok(()),
                Err(time) => self.store.clock().sleep(time).await,
            }
        }
    }

    /// Records in the account's breaker how a call ended, about this key, if any. Returns what a
    /// failure concerns.
    pub(crate) async fn report<T>(
        &self,
        account: &Account,
        key: Option<&KeyId>,
        result: &Result<T, ProviderError>,
    ) -> Result<Option<Concern>, Error> {
        let (key, failure) = (key.cloned(), result.as_ref().err().map(Failure::from));
        self.transact(account.scope(), move |tx| {
            let now = tx.now;
            let row = account_of(tx)?;
            Ok(if let Some(failure) = &failure {
                Some(breaker::failed(row, now, key.as_ref(), failure.clone()))
            } else {
                breaker::succeeded(row);
                None
            })
        })
        .await
    }

    /// The kind of the error by which a failed call is reported: whether the credential has become
    /// another account's since the manager was built. The provider's error does not tell that from a
    /// credential source that fails.
    pub(crate) async fn kind_of(&self, account: &Account, error: &ProviderError) -> ErrorKind {
        let is_refused = error.kind() == ProviderErrorKind::CredentialUnavailable
            && error.effect() == Effect::NotSent;
        let Some(identity) = account.identity.as_deref().filter(|_| is_refused) else {
            return ErrorKind::Provider;
        };
        match self.answer(account, account.unconfined.account()).await {
            Ok(shown) if shown.as_ref().is_none_or(|shown| shown.id() != identity) => {
                ErrorKind::WrongAccount
            }
            _ => ErrorKind::Provider,
        }
    }
}

impl Account {
    /// A scope with the account alone.
    pub(crate) fn scope(&self) -> Scope {
        Scope { account: Some(self.name.clone()), ..Scope::default() }
    }

    /// The account, locked, with what its slots depend on.
    pub(crate) fn slot_scope(&self) -> Scope {
        Scope { ends_due: self.limit.is_some(), ..self.scope() }
    }
}

/// Takes slots in a transaction whose scope is that of slots. By hand and for passes, the account
/// suffices.
///
/// # Errors
///
/// [`ErrorKind::AccountClosed`] and [`ErrorKind::RateLimited`], with the time to try again.
pub(crate) fn take_slots(
    tx: &mut Tx,
    limit: Option<&pinning_keys_bulk::RateLimit>,
    class: Class,
    requests: u32,
) -> Result<(), Error> {
    let (now, ends_due) = (tx.now, tx.counts.ends_due);
    let row = account_of(tx)?;
    breaker::check(row, now, class)?;
    slots::take(row, now, limit, class, ends_due, requests).map_err(|at| {
        let message = format!("the rate limit of account {:?} leaves no room now", row.name);
        Error::new(ErrorKind::RateLimited, message).with_wait(now, at)
    })?;
    if class != Class::ByHand {
        // Requests by hand are rare, and may take several slots.
        breaker::probe(row, now);
    }
    Ok(())
}

/// The account of the transaction, which `build()` has entered into the store.
pub(crate) fn account_of(tx: &mut Tx) -> Result<&mut AccountRow, Error> {
    tx.account.as_mut().ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "the account is no longer in the store")
            .with_next_step("build the manager again, which adds its accounts to the store")
    })
}
