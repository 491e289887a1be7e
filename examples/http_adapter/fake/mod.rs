//! A server for tests that does what the documents of Backblaze B2 say: the application keys of one
//! account, and of the other routes just enough to see what a key may do.
//!
//! It shares no type with the adapter, so that a misreading of the documents has to be made twice.

mod account;
mod answer;
#[cfg(test)]
mod control;
mod routes;
mod transport;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};

use account::Account;

/// One account at the server. Clones share it.
#[derive(Clone)]
pub(crate) struct Fake {
    account: Arc<Mutex<Account>>,
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self { account: Arc::new(Mutex::new(Account::new())) }
    }

    /// The id and the secret of the account's master key.
    pub(crate) fn master_key(&self) -> (String, String) {
        let account = self.account();
        let master = account.master();
        (master.id.clone(), master.secret.clone())
    }

    /// Makes a key that is confined to a bucket and a prefix of file names, as its web page can.
    pub(crate) fn make_confined_key(
        &self,
        name: &str,
        capabilities: &[&str],
        bucket: &str,
        prefix: &str,
    ) {
        let mut account = self.account();
        let capabilities = capabilities.iter().map(|&name| name.to_owned()).collect();
        let confined = (bucket.to_owned(), prefix.to_owned());
        account.make_key(name.to_owned(), capabilities, None).confined_to = Some(confined);
    }

    /// The names of the keys that work, apart from the master key.
    pub(crate) fn live(&self) -> Vec<String> {
        self.account().live_keys().map(|key| key.name.clone()).collect()
    }

    /// What the server answers to a request.
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        routes::answer(&mut self.account(), request)
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
