//! One configuration on its own emulator: the harness of the conformance suite.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use pinning_keys_conformance::{
    BoxError, Disturbance, DisturbedTransport, FaultSwitch, Harness, Ledger, Outputs, Probe,
    Surroundings, capture,
};
use pinning_keys_core::{Credential, Error, KeyIssuer, Operation, Permission};
use pinning_keys_emulator::{
    Emulator, EmulatorBuilder, FaultTally, ListedSecret, PinataAssumptions, W3ipfsAssumptions,
};
use pinning_keys_http::Transport;

use super::configuration::{Built, Configuration};
use super::outside::Outside;
use super::wire::disturbed;

/// The deadline of a call, unless the suite sets a shorter one: long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(10);

/// The emulated W3IPFS's limit of keys on a page.
const W3IPFS_PAGE: usize = 4;

/// One configuration on its own emulator.
pub struct Stand {
    pub(super) emulator: Emulator,
    pub(super) configuration: Configuration,
    pub(super) in_memory: bool,
    /// Whether all disturbances are made by the transport.
    pub(super) spares_emulator: bool,
    make: Make,
    /// Shared by all issuers, since setting up TLS is slow.
    pub(super) transport: Arc<DisturbedTransport>,
    /// Where redirects lead.
    pub(super) outside: Outside,
    proxy: Outside,
    wrap: fn(Arc<dyn KeyIssuer>) -> Arc<dyn KeyIssuer>,
    /// The tally of each disturbance that the emulator makes.
    pub(super) tallies: Mutex<Vec<(Disturbance, FaultTally)>>,
}

/// Makes a transport that uses this proxy, if any.
pub type Make =
    Box<dyn Fn(Option<reqwest::Proxy>) -> Result<Arc<dyn Transport>, BoxError> + Send + Sync>;

/// Makes the HTTP client that a built-in transport uses.
pub type Client = Box<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>;

/// Makes the built-in transports of apps: pass `ReqwestTransport::from_builder`.
pub fn built_in<T: Transport + 'static>(transport: fn(Client) -> Result<T, Error>) -> Make {
    Box::new(move |proxy| {
        let client: Client = Box::new(move || match &proxy {
            Some(proxy) => reqwest::Client::builder().proxy(proxy.clone()),
            None => reqwest::Client::builder(),
        });
        Ok(Arc::new(transport(client)?))
    })
}

/// A key as the emulator keeps it.
struct Kept {
    name: String,
    live: bool,
    uses_left: Option<u64>,
}

/// The assumptions of a stand: lists show secrets, and a change takes effect after `delay`
/// requests.
pub fn assumptions(delay: u32) -> (PinataAssumptions, W3ipfsAssumptions) {
    let pinata = PinataAssumptions::default()
        .list_shows_secret(true)
        .new_key_refusals(delay)
        .honour_revoked(delay);
    let w3ipfs = W3ipfsAssumptions::default()
        .listed_secret(ListedSecret::Full)
        .max_limit(Some(W3IPFS_PAGE))
        .new_key_refusals(delay)
        .honour_revoked(delay);
    (pinata, w3ipfs)
}

fn builder((pinata, w3ipfs): (PinataAssumptions, W3ipfsAssumptions)) -> EmulatorBuilder {
    Emulator::builder().pinata_assumptions(pinata).w3ipfs_assumptions(w3ipfs)
}

impl Stand {
    /// In memory, with a paused clock. Changes take a while to take effect.
    pub fn in_memory(configuration: Configuration) -> Self {
        Self::assuming(configuration, assumptions(1))
    }

    /// In memory, with these assumptions.
    pub fn assuming(
        configuration: Configuration,
        assumptions: (PinataAssumptions, W3ipfsAssumptions),
    ) -> Self {
        let emulator = builder(assumptions).in_memory();
        let transport = emulator.transport();
        let make: Make = Box::new(move |_| Ok(Arc::new(transport.clone())));
        Self::new(emulator, configuration, make, true)
    }

    /// Over TCP, through these transports. Changes take effect at once, since time is real.
    pub async fn over_tcp(configuration: Configuration, make: Make) -> Self {
        let emulator = builder(assumptions(0)).start().await.expect("a free port");
        Self::new(emulator, configuration, make, false)
    }

    fn new(emulator: Emulator, configuration: Configuration, make: Make, in_memory: bool) -> Self {
        capture::begin();
        let inner = make(None).expect("a transport");
        let transport = Arc::new(disturbed(configuration, &emulator, inner));
        let (outside, proxy) = (Outside::new(), Outside::new());
        Self {
            emulator,
            configuration,
            in_memory,
            spares_emulator: false,
            make,
            transport,
            outside,
            proxy,
            wrap: |issuer| issuer,
            tallies: Mutex::default(),
        }
    }

    /// Makes every disturbance between adapter and transport, and none in the emulator, as an
    /// author does who has only a `DisturbedTransport`.
    #[must_use]
    pub fn sparing_the_emulator(mut self) -> Self {
        self.spares_emulator = true;
        self
    }

    /// Sets what wraps each issuer.
    #[must_use]
    pub fn with_issuers(mut self, wrap: fn(Arc<dyn KeyIssuer>) -> Arc<dyn KeyIssuer>) -> Self {
        self.wrap = wrap;
        self
    }

    /// Builds an issuer for this origin (default: the emulator's).
    fn build(
        &self,
        origin: Option<&str>,
        proxy: Option<reqwest::Proxy>,
        deadline: Duration,
    ) -> Result<Built, BoxError> {
        let transport: Arc<dyn Transport> = match proxy {
            None => self.transport.clone(),
            proxy => (self.make)(proxy)?,
        };
        let origin = origin.unwrap_or_else(|| self.emulator.pinata().base_url());
        let Built { issuer, forms } =
            self.configuration.build(&self.emulator, origin, transport, deadline)?;
        Ok(Built { issuer: (self.wrap)(issuer), forms })
    }

    /// The keys of this name that were created.
    fn kept(&self, name: &str) -> Vec<Kept> {
        let mut kept: Vec<Kept> = if self.configuration.is_pinata() {
            let keys = self.emulator.pinata().keys().into_iter();
            keys.map(|key| Kept {
                name: key.name,
                live: !key.revoked,
                uses_left: key.max_uses.map(|most| most.saturating_sub(key.uses)),
            })
            .collect()
        } else {
            let keys = self.emulator.w3ipfs().keys().into_iter();
            keys.map(|key| Kept { name: key.name, live: !key.deleted, uses_left: None }).collect()
        };
        kept.retain(|key| key.name == name);
        kept
    }
}

#[async_trait]
impl Harness for Stand {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(self.build(None, None, DEADLINE)?.issuer)
    }

    fn label(&self) -> &'static str {
        "conformance"
    }

    fn max_keys(&self) -> usize {
        1000
    }

    fn minimum(&self) -> usize {
        // Only over TCP there can be a proxy.
        self.configuration.minimum() + usize::from(!self.in_memory)
    }

    fn propagation(&self) -> Option<Duration> {
        (!self.in_memory).then_some(Duration::ZERO)
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }

    async fn issuer_within(
        &self,
        deadline: Duration,
    ) -> Result<Option<Arc<dyn KeyIssuer>>, BoxError> {
        Ok(Some(self.build(None, None, deadline)?.issuer))
    }

    fn page_size(&self) -> Option<usize> {
        (!self.configuration.is_pinata()).then_some(W3IPFS_PAGE)
    }

    fn pauses_clock(&self) -> bool {
        self.in_memory
    }

    fn probe(&self) -> Option<&dyn Probe> {
        Some(self)
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        Some(self)
    }

    fn faults(&self) -> Option<&dyn FaultSwitch> {
        Some(self)
    }

    fn outputs(&self) -> Option<&dyn Outputs> {
        Some(self)
    }

    fn surroundings(&self) -> Option<&dyn Surroundings> {
        Some(self)
    }
}

#[async_trait]
impl Probe for Stand {
    async fn may(
        &self,
        credential: &Credential,
        permission: Permission,
    ) -> Result<Option<bool>, BoxError> {
        Ok(self.configuration.may(&self.emulator, &credential.headers(), permission))
    }

    async fn authenticates(&self, headers: HeaderMap) -> Result<Option<bool>, BoxError> {
        Ok(Some(self.configuration.authenticates(&self.emulator, &headers)))
    }
}

impl Ledger for Stand {
    fn requests(&self) -> u64 {
        self.emulator.requests()
    }

    fn made(&self, name: &str) -> usize {
        self.kept(name).len()
    }

    fn live(&self, name: &str) -> usize {
        self.kept(name).iter().filter(|key| key.live).count()
    }

    fn create_requests(&self) -> Option<u64> {
        let (method, path) = self.configuration.request(Operation::Issue);
        Some(self.emulator.requests_to(&method, path))
    }

    fn create_body(&self, name: &str) -> Option<String> {
        self.transport.create_body(name)
    }

    fn uses_left(&self, name: &str) -> Option<u64> {
        self.kept(name).first()?.uses_left
    }
}

impl Outputs for Stand {
    fn account_secrets(&self) -> Vec<String> {
        self.configuration.secrets(&self.emulator)
    }

    fn log(&self) -> String {
        capture::lines().join("\n")
    }

    fn debug_forms(&self) -> Vec<String> {
        self.build(None, None, DEADLINE).expect("an issuer").forms
    }
}

#[async_trait]
impl Surroundings for Stand {
    async fn issuer_at(&self, origin: &str) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(self.build(Some(origin), None, DEADLINE)?.issuer)
    }

    fn has_proxy(&self) -> bool {
        !self.in_memory
    }

    async fn issuer_behind_proxy(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        let proxy = reqwest::Proxy::all(self.proxy.origin())?;
        Ok(self.build(None, Some(proxy), DEADLINE)?.issuer)
    }

    fn proxied(&self) -> u64 {
        self.proxy.arrived()
    }
}
