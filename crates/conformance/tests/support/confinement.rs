//! The account of the adapter, and the adapter that is confined to one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use pinning_keys_core::{Account, Effect, Error, ErrorKind, Operation};

use super::adapter::Adapter;
use super::mutation::Mutation::{AsksForAccount, RefusesOwnAccount, ServesAnyAccount};

/// The account that the session belongs to.
const ACCOUNT_ID: &str = "account-1";

impl Adapter {
    pub(super) fn own_account(&self) -> Account {
        if self.is(AsksForAccount) {
            let request = self.as_account("GET", "/keys?offset=0".to_owned(), String::new());
            self.line.deliver(&request);
        }
        Account::new(ACCOUNT_ID)
    }

    /// The same adapter for this account alone.
    pub(super) fn for_account(&self, account_id: &str) -> Self {
        Self {
            line: Arc::clone(&self.line),
            shared: Arc::clone(&self.shared),
            profile: self.profile.clone(),
            later: self.later.clone(),
            has_issued: AtomicBool::new(self.has_issued.load(Ordering::Relaxed)),
            session: Mutex::new(self.session.lock().unwrap().clone()),
            confined_to: Some(account_id.to_owned()),
            ..*self
        }
    }

    /// Refuses to call the provider with the credential of another account.
    pub(super) fn check_account(&self, operation: Operation) -> Result<(), Error> {
        let Some(confined_to) = &self.confined_to else { return Ok(()) };
        let serves = if confined_to == ACCOUNT_ID {
            !self.is(RefusesOwnAccount)
        } else {
            self.is(ServesAnyAccount(operation))
        };
        if serves {
            return Ok(());
        }
        let error = Error::new(ErrorKind::CredentialUnavailable, "another account's credential");
        Err(error.with_effect(Effect::NotSent).with_operation(operation))
    }
}
