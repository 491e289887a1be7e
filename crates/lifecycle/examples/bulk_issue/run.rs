//! One run: settles what the last one left, and issues the missing keys.

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use pinning_keys::{KeyIssuer, KeyRequest, ScopeRequest};
use pinning_keys_bulk::RateLimit;
use pinning_keys_lifecycle::{
    AccountKeys, AccountOptions, Error as KeyError, ErrorKind, KeyFilter, KeyManager, KeyState,
    Lease, RevokeOutcome, SqliteStore, Suffix,
};
use tokio::signal::ctrl_c;
use tokio::time::sleep;

use crate::progress::Bar;
use crate::secrets_file::SecretsFile;
use crate::summary::Summary;

const AT_A_TIME: usize = 16;

/// How long a key waits for its turn in the rate limit, or for an account that is closed.
const PATIENCE: Duration = Duration::from_mins(10);
const PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct Run {
    pub(crate) manager: KeyManager,
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    pub(crate) users: Vec<String>,
    pub(crate) folder: PathBuf,
    pub(crate) stop_after: Option<usize>,
}

/// The manager of a run: the store is the journal.
pub(crate) async fn manager(
    store: SqliteStore,
    issuer: &Arc<dyn KeyIssuer>,
    limit: RateLimit,
) -> Result<KeyManager, KeyError> {
    let options = AccountOptions::new().rate_limit(limit).patience(PATIENCE);
    let builder = KeyManager::builder(store).actor("bulk_issue");
    builder.account_with("main", Arc::clone(issuer), options).build().await
}

impl Run {
    pub(crate) async fn go(&self) -> Result<Summary, Box<dyn Error>> {
        let began = Instant::now();
        let (secrets, stored) = SecretsFile::open(&self.folder)?;
        let users: BTreeSet<_> = self.users.iter().map(String::as_str).collect();
        let mut missing =
            users.iter().map(|user| self.request(user)).collect::<Result<Vec<_>, _>>()?;
        let mut summary = Summary::of(missing.len());
        let have = self.settle(&stored, &mut summary).await?;
        missing.retain(|request| !have.contains(request.name().as_str()));
        summary.had = summary.users - missing.len();
        self.issue_all(&missing, &secrets, &mut summary).await?;

        summary.in_doubt = self.count(&[KeyState::InDoubt]).await?;
        summary.took = began.elapsed();
        Ok(summary)
    }

    /// A key that only reads. Planning it here, with room for what the lifecycle adds to its name,
    /// refuses an impossible request before the first key is created.
    fn request(&self, user: &str) -> Result<KeyRequest, pinning_keys::Error> {
        let name = format!("{user}{}", "-".repeat(Suffix::CHARS));
        self.issuer.plan(&KeyRequest::new(name, ScopeRequest::reader())?)?;
        KeyRequest::new(user, ScopeRequest::reader())
    }

    /// Ends the keys whose secret is not stored, and returns the holders of the others.
    async fn settle(
        &self,
        stored: &HashSet<String>,
        summary: &mut Summary,
    ) -> Result<HashSet<String>, Box<dyn Error>> {
        let states = vec![KeyState::Intended, KeyState::Undelivered, KeyState::Live];
        let filter = KeyFilter { states, ..KeyFilter::default() };
        let keys = self.manager.list(&filter, None, usize::MAX).await?;
        if stored.is_empty() && keys.iter().any(|key| key.state() == KeyState::Live) {
            return Err("secrets.jsonl is empty although keys are live: put it back".into());
        }
        let mut have = HashSet::new();
        for key in keys {
            if stored.contains(key.id().as_str()) {
                if key.state() == KeyState::Undelivered {
                    self.manager.confirm(key.id()).await?;
                    summary.confirmed += 1;
                }
                have.insert(key.holder().to_owned());
            } else if self.manager.revoke(key.id()).await? == RevokeOutcome::Revoked {
                summary.revoked += 1;
            }
        }
        if self.count(&[KeyState::InDoubt, KeyState::Revoking]).await? > 0 {
            summary.revoked += self.manager.run_due(1_000).await?.revoked();
        }
        Ok(have)
    }

    async fn issue_all(
        &self,
        requests: &[KeyRequest],
        secrets: &SecretsFile,
        summary: &mut Summary,
    ) -> Result<(), Box<dyn Error>> {
        let (keys, stops) = (self.manager.account("main")?, Cell::new(false));
        let calls = requests.iter().take_while(|_| !stops.get());
        let calls = calls.map(|request| issue(&keys, request, secrets, &stops));
        let mut calls = pin!(stream::iter(calls).buffer_unordered(AT_A_TIME));
        let bar = Bar::new(requests.len());
        let mut interrupt = pin!(ctrl_c());
        loop {
            let next = tokio::select! {
                // First, so that Ctrl-C is handled before anything is sent.
                biased;
                taken = &mut interrupt => {
                    taken?;
                    summary.was_interrupted = true;
                    if stops.replace(true) {
                        // The next run settles the requests in flight.
                        break;
                    }
                    interrupt.set(ctrl_c());
                    continue;
                }
                next = calls.next() => next,
            };
            match next {
                None => break,
                Some(Ok(Ok(()))) => summary.made += 1,
                Some(Ok(Err(error))) => {
                    if summary.failed(&error) {
                        stops.set(true);
                    }
                }
                Some(Err(error)) => return Err(format!("secrets.jsonl: {error}").into()),
            }
            if self.stop_after.is_some_and(|most| summary.made >= most) {
                stops.set(true);
            }
            bar.draw(summary);
        }
        Ok(())
    }

    /// How many keys are in one of these states.
    async fn count(&self, of: &[KeyState]) -> Result<u64, KeyError> {
        let status = self.manager.status().await?;
        Ok(status.accounts().flat_map(|it| of.iter().map(move |state| it.count(*state))).sum())
    }
}

/// Issues the key of a user, stores its secret, and then confirms it.
async fn issue(
    keys: &AccountKeys,
    request: &KeyRequest,
    secrets: &SecretsFile,
    stops: &Cell<bool>,
) -> io::Result<Result<(), KeyError>> {
    loop {
        // The holder of a key is its name unless another one is given.
        match keys.issue(request, Lease::none()).await {
            Ok(delivery) => {
                secrets.store(request.name().as_str(), &delivery)?;
                // If the program dies before this line, its next run confirms the key.
                return Ok(delivery.confirm().await.map(drop));
            }
            Err(error) if passes(&error) && !stops.get() => sleep(PAUSE).await,
            Err(error) => return Ok(Err(error)),
        }
    }
}

/// Whether no key was created, and trying again may help. A closed account opens by itself.
fn passes(error: &KeyError) -> bool {
    match error.kind() {
        ErrorKind::AccountClosed | ErrorKind::RateLimited | ErrorKind::NotSent => true,
        ErrorKind::Provider => {
            error.provider_error().is_some_and(pinning_keys::Error::is_retryable)
        }
        _ => false,
    }
}
