//! An adapter that keeps every clause passes every case, each as its own test.

mod support;

use support::harness::Reference;

async fn harness() -> Reference {
    Reference::new()
}

pinning_keys_conformance::conformance_tests!(harness);

/// Attributes reach every test, including the one of the minimum: each panics as expected.
mod without_an_account {
    use super::support::harness::Reference;
    use super::support::twist::Twist;

    async fn harness() -> Reference {
        Reference::twisted(Twist::IssuerFails)
    }

    pinning_keys_conformance::conformance_tests!(
        #[should_panic(expected = "harness error: no issuer for [secret]")]
        harness
    );
}
