//! Accounts at the emulated providers.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use pinning_keys_bulk::{IssueMany, RevokeMany};
use pinning_keys_core::{KeyIssuer, KeyRef, KeyRequest, Revocation, ScopeRequest};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, RateLimit, Stage, W3ipfsAssumptions};
use pinning_keys_pinata::PinataConfig;
use pinning_keys_w3ipfs::W3ipfsConfig;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Provider {
    Pinata,
    W3ipfs,
}

pub(crate) const PROVIDERS: [Provider; 2] = [Provider::Pinata, Provider::W3ipfs];

/// Requests named `user 000`, `user 001` and so on.
pub(crate) fn users(count: usize) -> impl Iterator<Item = KeyRequest> + Send + 'static {
    (0..count).map(|n| KeyRequest::new(format!("user {n:03}"), ScopeRequest::reader()).unwrap())
}

/// Reads all keys of a batch.
pub(crate) async fn keys_of(batch: &mut IssueMany) -> Vec<KeyRef> {
    let mut refs = Vec::new();
    while let Some((request, result)) = batch.next().await {
        let key = result.unwrap_or_else(|error| panic!("{}: {error}", request.name()));
        refs.push(key.key_ref().clone());
    }
    refs
}

/// Reads a batch to its end and returns the numbers of keys revoked and not found.
pub(crate) async fn revoke_all(batch: &mut RevokeMany) -> (usize, usize) {
    let (mut revoked, mut not_found) = (0, 0);
    while let Some((_, result)) = batch.next().await {
        match result.unwrap() {
            Revocation::Revoked => revoked += 1,
            Revocation::NotFound => not_found += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(!batch.is_stopped());
    (revoked, not_found)
}

/// An account at an emulated provider that answers after 50 ms.
pub(crate) struct Stand {
    pub(crate) emulator: Emulator,
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    provider: Provider,
}

impl Stand {
    pub(crate) fn new(provider: Provider) -> Self {
        Self::build(provider, None)
    }

    /// With a limit of 60 requests, and the header that the provider's refusals were seen with.
    pub(crate) fn limited(provider: Provider, window: Duration) -> Self {
        let limit = RateLimit::new(60, window);
        Self::build(provider, Some(limit.retry_after(provider == Provider::Pinata)))
    }

    fn build(provider: Provider, limit: Option<RateLimit>) -> Self {
        let many = W3ipfsAssumptions::default().max_keys(100_000);
        let builder = Emulator::builder().w3ipfs_assumptions(many);
        let emulator = match limit {
            Some(limit) => builder.rate_limit(limit).in_memory(),
            None => builder.in_memory(),
        };
        let delay = Duration::from_millis(50);
        let late = Fault::Latency { delay, stage: Stage::BeforeCommit };
        emulator.faults().add(FaultRule::new(late));
        let issuer = issuer(provider, &emulator);
        Self { emulator, issuer, provider }
    }

    /// The number of requests for a key that arrived.
    pub(crate) fn creates(&self) -> u64 {
        self.emulator.requests_to(&Method::POST, self.create_path())
    }

    pub(crate) fn create_path(&self) -> &'static str {
        match self.provider {
            Provider::Pinata => "/v3/api_keys",
            Provider::W3ipfs => "/api/apiKeys/",
        }
    }

    /// The number of requests for a page of the list that arrived.
    pub(crate) fn lists(&self) -> u64 {
        let path = match self.provider {
            Provider::Pinata => "/v3/api_keys",
            Provider::W3ipfs => "/api/apiKeys/list",
        };
        self.emulator.requests_to(&Method::GET, path)
    }

    /// The number of requests to revoke a key that arrived.
    pub(crate) fn revokes(&self) -> u64 {
        self.emulator.requests_to(&Method::DELETE, "/")
    }

    /// The names of the keys that were made.
    pub(crate) fn names(&self) -> Vec<String> {
        let (pinata, w3ipfs) = (self.emulator.pinata(), self.emulator.w3ipfs());
        match self.provider {
            Provider::Pinata => pinata.keys().into_iter().map(|key| key.name).collect(),
            Provider::W3ipfs => w3ipfs.keys().into_iter().map(|key| key.name).collect(),
        }
    }
}

fn issuer(provider: Provider, emulator: &Emulator) -> Arc<dyn KeyIssuer> {
    let transport = Arc::new(emulator.transport());
    match provider {
        Provider::Pinata => {
            let pinata = emulator.pinata();
            let config = PinataConfig::new().with_base_url(pinata.base_url());
            Arc::new(config.with_jwt(pinata.jwt()).with_transport(transport).build().unwrap())
        }
        Provider::W3ipfs => {
            let w3ipfs = emulator.w3ipfs();
            let config = W3ipfsConfig::new().with_base_url(w3ipfs.base_url());
            Arc::new(config.with_jwt(w3ipfs.jwt()).with_transport(transport).build().unwrap())
        }
    }
}
