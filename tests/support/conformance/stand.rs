//! One configuration, on an emulator of its own.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys::transport::{ReqwestTransport, Transport};
use pinning_keys::{Credential, KeyIssuer, Operation, Permission};
use pinning_keys_conformance::{
    BoxError, Disturbance, FaultSwitch, Harness, Ledger, Outputs, Probe, Surroundings,
};
use pinning_keys_emulator::{
    Emulator, EmulatorBuilder, FaultTally, ListedSecret, PinataAssumptions, W3ipfsAssumptions,
};

use super::configuration::{Built, Configuration};
use super::outside::Outside;
use super::wire::{Watched, Wire};
use super::{log, routes};

/// How long a call may take, unless the suite wants it shorter: on a busy machine, long enough for
/// every call to which nothing is done.
const DEADLINE: Duration = Duration::from_secs(10);

/// How many keys the emulated W3IPFS puts on a page, however many are asked for.
const W3IPFS_PAGE: usize = 4;

pub(crate) struct Stand {
    pub(crate) emulator: Emulator,
    pub(crate) wire: Arc<Wire>,
    pub(crate) in_memory: bool,
    /// Makes a transport of the kind that is looked at, with a proxy where there is one.
    make: Make,
    /// The one that all issuers share; setting TLS up takes its time.
    transport: OnceLock<Arc<dyn Transport>>,
    proxy: Outside,
    /// What became of each disturbance that the emulator makes.
    pub(crate) tallies: Mutex<Vec<(Disturbance, FaultTally)>>,
    minimum: usize,
}

pub(crate) type Make =
    Box<dyn Fn(Option<reqwest::Proxy>) -> Result<Arc<dyn Transport>, BoxError> + Send + Sync>;

/// A key as its provider's part of the emulator keeps it.
struct Kept {
    name: String,
    live: bool,
    uses_left: Option<u64>,
}

impl Stand {
    /// In memory, on a clock that stands still. There changes take a while to take effect.
    pub(crate) fn in_memory(configuration: Configuration, minimum: usize) -> Self {
        log::listen();
        let emulator = builder(1).in_memory();
        let transport = emulator.transport();
        let make: Make = Box::new(move |_| Ok(Arc::new(transport.clone())));
        Self::new(emulator, configuration, make, true, minimum)
    }

    /// Over TCP, where changes take effect at once, since time is real.
    pub(crate) async fn over_tcp(configuration: Configuration, minimum: usize) -> Self {
        Self::over_tcp_by(configuration, minimum, Box::new(ready_made)).await
    }

    /// The same, through transports of another kind.
    pub(crate) async fn over_tcp_by(
        configuration: Configuration,
        minimum: usize,
        make: Make,
    ) -> Self {
        log::listen();
        let emulator = builder(0).start().await.expect("a free port");
        Self::new(emulator, configuration, make, false, minimum)
    }

    fn new(
        emulator: Emulator,
        configuration: Configuration,
        make: Make,
        in_memory: bool,
        minimum: usize,
    ) -> Self {
        let wire = Arc::new(Wire::new(configuration, emulator.pinata().base_url()));
        let (transport, proxy, tallies) = (OnceLock::new(), Outside::new(), Mutex::default());
        Self { emulator, wire, in_memory, make, transport, proxy, tallies, minimum }
    }

    /// An issuer for this origin; for the emulator where none is given.
    fn build(
        &self,
        origin: Option<&str>,
        proxy: Option<reqwest::Proxy>,
        deadline: Duration,
    ) -> Result<Built, BoxError> {
        let inner = match (proxy, self.transport.get()) {
            (None, Some(shared)) => Arc::clone(shared),
            (None, None) => {
                let made = (self.make)(None)?;
                Arc::clone(self.transport.get_or_init(|| made))
            }
            (proxy, _) => (self.make)(proxy)?,
        };
        let watched = Arc::new(Watched { wire: Arc::clone(&self.wire), inner });
        let origin = origin.unwrap_or_else(|| self.emulator.pinata().base_url());
        let configuration = self.wire.configuration;
        Ok(configuration.build(&self.emulator, origin, watched, deadline)?)
    }

    /// The keys of this name that were made.
    fn kept(&self, name: &str) -> Vec<Kept> {
        let mut kept: Vec<Kept> = if self.wire.configuration.is_pinata() {
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

/// The transport that apps have unless they bring their own.
fn ready_made(proxy: Option<reqwest::Proxy>) -> Result<Arc<dyn Transport>, BoxError> {
    let transport = ReqwestTransport::from_builder(move || match &proxy {
        Some(proxy) => reqwest::Client::builder().proxy(proxy.clone()),
        None => reqwest::Client::builder(),
    })?;
    Ok(Arc::new(transport))
}

/// Providers that show secrets in lists, and honour changes with this delay.
fn builder(delay: u32) -> EmulatorBuilder {
    let pinata = PinataAssumptions::default()
        .list_shows_secret(true)
        .new_key_refusals(delay)
        .honour_revoked(delay);
    let w3ipfs = W3ipfsAssumptions::default()
        .listed_secret(ListedSecret::Full)
        .max_limit(Some(W3IPFS_PAGE))
        .new_key_refusals(delay)
        .honour_revoked(delay);
    Emulator::builder().pinata_assumptions(pinata).w3ipfs_assumptions(w3ipfs)
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
        self.minimum
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
        (!self.wire.configuration.is_pinata()).then_some(W3IPFS_PAGE)
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
        let (configuration, headers) = (self.wire.configuration, credential.headers());
        let is_endpoints = configuration.table().name() == "endpoints";
        Ok(if configuration.is_pinata() {
            let route = routes::at_pinata(permission, is_endpoints);
            route.map(|(method, path)| self.emulator.pinata().may(&headers, &method, path))
        } else {
            let route = routes::at_w3ipfs(permission);
            route.map(|(method, path)| self.emulator.w3ipfs().may(&headers, &method, path))
        })
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
        let (method, path) = self.wire.configuration.request(Operation::Issue);
        Some(self.emulator.requests_to(&method, path))
    }

    fn create_body(&self, name: &str) -> Option<String> {
        self.wire.create_body(name)
    }

    fn uses_left(&self, name: &str) -> Option<u64> {
        self.kept(name).first()?.uses_left
    }
}

impl Outputs for Stand {
    fn account_secrets(&self) -> Vec<String> {
        self.wire.configuration.secrets(&self.emulator)
    }

    fn log(&self) -> String {
        log::lines()
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
