//! The emulated providers, with what each test wants to be so.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use pinning_keys_core::KeyIssuer;
use pinning_keys_emulator::{Emulator, Fault, FaultRule, RateLimit, Stage, W3ipfsAssumptions};
use pinning_keys_pinata::PinataConfig;
use pinning_keys_w3ipfs::W3ipfsConfig;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Provider {
    Pinata,
    W3ipfs,
}

pub(crate) const PROVIDERS: [Provider; 2] = [Provider::Pinata, Provider::W3ipfs];

/// An account at an emulated provider that takes 50 ms for an answer.
pub(crate) struct Stand {
    pub(crate) emulator: Emulator,
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    provider: Provider,
}

impl Stand {
    pub(crate) fn new(provider: Provider) -> Self {
        Self::build(provider, None)
    }

    /// As a provider limits it by its documents, with the header that its answers were seen with.
    pub(crate) fn limited(provider: Provider, requests: u32, window: Duration) -> Self {
        let limit = RateLimit::new(requests, window);
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

    /// How many requests to make a key arrived.
    pub(crate) fn creates(&self) -> u64 {
        self.emulator.requests_to(&Method::POST, self.create_path())
    }

    pub(crate) fn create_path(&self) -> &'static str {
        match self.provider {
            Provider::Pinata => "/v3/api_keys",
            Provider::W3ipfs => "/api/apiKeys/",
        }
    }

    /// How many requests for a page of the list arrived.
    pub(crate) fn lists(&self) -> u64 {
        let path = match self.provider {
            Provider::Pinata => "/v3/api_keys",
            Provider::W3ipfs => "/api/apiKeys/list",
        };
        self.emulator.requests_to(&Method::GET, path)
    }

    /// How many requests to revoke a key arrived.
    pub(crate) fn revokes(&self) -> u64 {
        self.emulator.requests_to(&Method::DELETE, "/")
    }

    /// The names of the keys that were made.
    pub(crate) fn names(&self) -> Vec<String> {
        match self.provider {
            Provider::Pinata => {
                self.emulator.pinata().keys().into_iter().map(|key| key.name).collect()
            }
            Provider::W3ipfs => {
                self.emulator.w3ipfs().keys().into_iter().map(|key| key.name).collect()
            }
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
