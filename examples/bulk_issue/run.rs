//! One run: settles what the last one left in doubt, and issues the missing keys.

use std::collections::{BTreeSet, HashSet};
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pinning_keys::bulk::{StopReason, issue_many};
use pinning_keys::{
    Effect, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyRequest, Reconciliation, Revocation,
    ScopeRequest,
};
use tokio::signal::ctrl_c;
use tokio::time::{Instant, sleep};

use crate::journal::Journal;
use crate::progress::Bar;
use crate::secrets_file::SecretsFile;
use crate::summary::Summary;

pub(crate) struct Run {
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    pub(crate) users: Vec<String>,
    pub(crate) folder: PathBuf,
    /// How long a new key may be missing from lists.
    pub(crate) lag: Duration,
    pub(crate) stop_after: Option<usize>,
    /// Whether each line reaches the disk before the run continues, which takes milliseconds.
    pub(crate) durable: bool,
}

impl Run {
    pub(crate) async fn go(&self) -> Result<Summary, Box<dyn Error>> {
        let began = Instant::now();
        let journal = Arc::new(Journal::open(&self.folder, self.durable)?);
        let (secrets, stored) = SecretsFile::open(&self.folder, self.durable)?;
        for name in stored.keys() {
            journal.stored(name);
        }
        let users: BTreeSet<_> = self.users.iter().map(String::as_str).collect();
        let has: HashSet<_> = stored.values().map(String::as_str).collect();
        let had = users.iter().filter(|user| has.contains(*user)).count();
        let mut summary = Summary::of(users.len(), had);
        self.settle(&journal, &mut summary).await?;

        let in_doubt: HashSet<_> = journal.in_doubt().into_values().collect();
        let missing =
            users.into_iter().filter(|user| !has.contains(user) && !in_doubt.contains(*user));
        let requests = missing.map(|user| self.request(user)).collect::<Result<Vec<_>, _>>()?;
        self.issue(requests, &journal, &secrets, &mut summary).await?;

        summary.in_doubt = journal.in_doubt().len();
        summary.took = began.elapsed();
        Ok(summary)
    }

    /// A key that only reads, with a unique name, so that settling a lost create affects no other
    /// key. Planning it here refuses an impossible request before the first key is created.
    fn request(&self, user: &str) -> Result<(String, KeyRequest), pinning_keys::Error> {
        let request = KeyRequest::new(KeyName::unique(user)?, ScopeRequest::reader())?;
        self.issuer.plan(&request)?;
        Ok((user.to_owned(), request))
    }

    /// Revokes the keys that were created but whose secret was lost.
    async fn settle(&self, journal: &Journal, summary: &mut Summary) -> Result<(), Box<dyn Error>> {
        let in_doubt = journal.in_doubt();
        if !in_doubt.is_empty() {
            // The last run may have sent a request just before it was killed.
            sleep(self.lag).await;
        }
        for name in in_doubt.keys() {
            match self.issuer.reconcile(&KeyName::new(name)?).await? {
                Reconciliation::Settled { revocation, .. }
                    if revocation != Revocation::NotFound =>
                {
                    summary.revoked += 1;
                }
                Reconciliation::NothingFound { discrepancies, .. } if discrepancies.is_empty() => {
                    summary.never_made += 1;
                }
                // It stays in doubt, and its user gets no key until it is settled.
                _ => continue,
            }
            journal.close(name)?;
        }
        Ok(())
    }

    async fn issue(
        &self,
        requests: Vec<(String, KeyRequest)>,
        journal: &Arc<Journal>,
        secrets: &SecretsFile,
        summary: &mut Summary,
    ) -> Result<(), Box<dyn Error>> {
        let total = requests.len();
        let fault = Arc::new(Mutex::new(None));
        let asked = Asking {
            requests: requests.into_iter(),
            journal: Arc::clone(journal),
            fault: Arc::clone(&fault),
        };
        let mut keys = issue_many(Arc::clone(&self.issuer), asked);
        let _bar = Bar::new(total, keys.progress());
        let mut interrupt = pin!(ctrl_c());
        loop {
            let next = tokio::select! {
                // First, so that Ctrl-C is handled before anything is sent.
                biased;
                taken = &mut interrupt => {
                    taken?;
                    summary.was_interrupted = true;
                    if keys.is_stopped() {
                        // The requests in flight are in doubt, and in the journal.
                        break;
                    }
                    keys.stop();
                    interrupt.set(ctrl_c());
                    continue;
                }
                next = keys.next() => next,
            };
            let Some((request, result)) = next else { break };
            let name = request.name().as_str();
            match result {
                Ok(key) => {
                    store(&key, journal, secrets)?;
                    summary.made += 1;
                }
                Err(error) if error.effect() == Effect::Unknown => summary.failed(&error),
                Err(error) => {
                    journal.close(name)?;
                    summary.failed(&error);
                }
            }
            if self.stop_after.is_some_and(|most| summary.made >= most) {
                keys.stop();
            }
        }
        if let Some(StopReason::Failure(kind)) = keys.stop_reason() {
            summary.stopped_by = Some(kind);
        }
        let fault = fault.lock().ok().and_then(|mut fault| fault.take());
        fault.map_or(Ok(()), |error| Err(error.into()))
    }
}

fn store(key: &IssuedKey, journal: &Journal, secrets: &SecretsFile) -> io::Result<()> {
    let name = key.name().as_str();
    secrets.store(&journal.user(name), key)?;
    journal.stored(name);
    Ok(())
}

/// The requests, each recorded in the journal before it is sent. They end if one cannot be
/// recorded.
struct Asking {
    requests: std::vec::IntoIter<(String, KeyRequest)>,
    journal: Arc<Journal>,
    fault: Arc<Mutex<Option<io::Error>>>,
}

impl Iterator for Asking {
    type Item = KeyRequest;

    fn next(&mut self) -> Option<KeyRequest> {
        let (user, request) = self.requests.next()?;
        match self.journal.ask(request.name().as_str(), &user) {
            Ok(()) => Some(request),
            Err(error) => {
                if let Ok(mut fault) = self.fault.lock() {
                    *fault = Some(error);
                }
                None
            }
        }
    }
}
