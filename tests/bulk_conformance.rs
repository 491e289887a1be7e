//! A `Throttled` issuer keeps every clause of the contract of its issuer.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys::KeyIssuer;
use pinning_keys::bulk::{RateLimit, RateLimits, Throttled};
use pinning_keys_conformance::{
    BoxError, FaultSwitch, Harness, Ledger, Outputs, Probe, Surroundings,
};

use pinning_keys_testkit::stand::{Configuration, Stand};

/// A stand whose issuers are throttled.
struct ThrottledStand(Stand);

impl ThrottledStand {
    fn new(name: &str) -> Self {
        Self(Stand::in_memory(Configuration::named(name)))
    }
}

fn throttled(issuer: Arc<dyn KeyIssuer>) -> Arc<dyn KeyIssuer> {
    let limit = RateLimit::per_second(NonZeroU32::new(100).unwrap());
    Arc::new(Throttled::new(issuer, RateLimits::shared(limit)))
}

#[async_trait]
impl Harness for ThrottledStand {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(throttled(self.0.issuer().await?))
    }

    fn label(&self) -> &str {
        self.0.label()
    }

    fn max_keys(&self) -> usize {
        self.0.max_keys()
    }

    fn minimum(&self) -> usize {
        self.0.minimum()
    }

    fn propagation(&self) -> Option<Duration> {
        self.0.propagation()
    }

    fn deadline(&self) -> Duration {
        self.0.deadline()
    }

    fn page_size(&self) -> Option<usize> {
        self.0.page_size()
    }

    fn pauses_clock(&self) -> bool {
        self.0.pauses_clock()
    }

    fn probe(&self) -> Option<&dyn Probe> {
        self.0.probe()
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        self.0.ledger()
    }

    fn faults(&self) -> Option<&dyn FaultSwitch> {
        self.0.faults()
    }

    fn outputs(&self) -> Option<&dyn Outputs> {
        self.0.outputs()
    }

    fn surroundings(&self) -> Option<&dyn Surroundings> {
        self.0.surroundings()
    }
}

mod pinata {
    async fn harness() -> super::ThrottledStand {
        super::ThrottledStand::new("pinata, v3, resources, jwt")
    }

    pinning_keys_conformance::conformance_tests!(harness);
}

mod w3ipfs {
    async fn harness() -> super::ThrottledStand {
        super::ThrottledStand::new("w3ipfs, jwt")
    }

    pinning_keys_conformance::conformance_tests!(harness);
}
