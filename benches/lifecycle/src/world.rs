//! A manager, a store in memory and an emulated provider, in simulated time.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use pinning_keys::bulk::RateLimit;
use pinning_keys::{KeyQuery, KeyRequest, ScopeRequest};
use pinning_keys_lifecycle::{
    AccountKeys, AccountOptions, Delivery, KeyId, KeyManager, Lease, MemoryStore,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::counting::Counting;
use crate::provider::{Provider, Which};
use crate::simulated_clock::SimulatedClock;

/// The one account of all managers here.
pub(crate) const ACCOUNT: &str = "main";

pub(crate) struct World {
    pub(crate) clock: SimulatedClock,
    pub(crate) store: Counting,
    pub(crate) provider: Provider,
    pub(crate) manager: KeyManager,
}

impl World {
    pub(crate) async fn new(which: Which, limit: Option<u32>) -> Result<Self> {
        let clock = SimulatedClock::new();
        let store = Counting::new(Arc::new(MemoryStore::new(clock)?));
        let provider = Provider::new(which, clock);
        let manager = manager(&store, &provider, limit).await?;
        Ok(Self { clock, store, provider, manager })
    }

    /// Issues the keys of these numbers and confirms them, without a lease. Returns their ids.
    pub(crate) async fn issue(&self, numbers: Range<u64>) -> Result<Vec<KeyId>> {
        let account = self.manager.account(ACCOUNT)?;
        let mut ids = Vec::new();
        for number in numbers {
            let delivery = issue(&account, number, Lease::none()).await?;
            delivery.confirm().await?;
            ids.push(delivery.id().clone());
        }
        Ok(ids)
    }

    /// How many pages the account's listing has.
    pub(crate) async fn pages(&self) -> Result<u64> {
        let issuer = self.provider.issuer()?;
        let (mut query, mut pages) = (KeyQuery::new(), 0);
        loop {
            let page = issuer.list(&query).await?;
            pages += 1;
            match page.next() {
                Some(next) => query = query.with_cursor(next.clone()),
                None => return Ok(pages),
            }
        }
    }

    /// Starts a worker.
    pub(crate) fn start_worker(&self) -> Worker {
        let (stop, stopped) = oneshot::channel::<()>();
        let manager = self.manager.clone();
        let task = tokio::spawn(async move { manager.run(async { drop(stopped.await) }).await });
        Worker { stop, task }
    }
}

/// A worker, which runs in a separate task.
pub(crate) struct Worker {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), pinning_keys_lifecycle::Error>>,
}

impl Worker {
    pub(crate) async fn stop(self) -> Result<()> {
        drop(self.stop);
        Ok(self.task.await??)
    }
}

/// A manager with the one account, which may send `limit` requests per second.
pub(crate) async fn manager(
    store: &Counting,
    provider: &Provider,
    limit: Option<u32>,
) -> Result<KeyManager> {
    let mut options = AccountOptions::new();
    if let Some(limit) = limit.and_then(NonZeroU32::new) {
        options = options.rate_limit(RateLimit::per_second(limit)).patience(Duration::MAX / 4);
    }
    let builder = KeyManager::builder(store.clone());
    Ok(builder.account_with(ACCOUNT, provider.issuer()?, options).build().await?)
}

/// Does what is due until nothing is due any more. The first time, this includes a pass over the
/// listing; the next one begins in an hour.
pub(crate) async fn rest(manager: &KeyManager) -> Result<()> {
    while !manager.run_due(1_000).await?.is_idle() {}
    Ok(())
}

/// The request for a key of this number.
pub(crate) fn request(number: u64) -> Result<KeyRequest> {
    Ok(KeyRequest::new(format!("user-{number}"), ScopeRequest::reader())?)
}

/// Issues a key of this number.
pub(crate) async fn issue(account: &AccountKeys, number: u64, lease: Lease) -> Result<Delivery> {
    Ok(account.issue(&request(number)?, lease).await?)
}
