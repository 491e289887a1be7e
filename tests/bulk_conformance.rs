//! A `Throttled` issuer keeps every clause of the contract of its issuer.

use std::num::NonZeroU32;
use std::sync::Arc;

use pinning_keys::bulk::{RateLimit, RateLimits, Throttled};
use pinning_keys_testkit::stand::{Configuration, Stand};

const LIMIT: RateLimit = RateLimit::per_second(NonZeroU32::new(100).unwrap());

fn throttled(name: &str) -> Stand {
    Stand::in_memory(Configuration::named(name))
        .with_issuers(|issuer| Arc::new(Throttled::new(issuer, RateLimits::shared(LIMIT))))
}

mod pinata {
    async fn harness() -> super::Stand {
        super::throttled("pinata, v3, resources, jwt")
    }

    pinning_keys_conformance::conformance_tests!(harness);
}

mod w3ipfs {
    async fn harness() -> super::Stand {
        super::throttled("w3ipfs, jwt")
    }

    pinning_keys_conformance::conformance_tests!(harness);
}
