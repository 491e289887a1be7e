//! An adapter that keeps every clause passes every case, each as a test of its own.

mod support;

use support::harness::Reference;

async fn harness() -> Reference {
    Reference::new(None)
}

pinning_keys_conformance::conformance_tests!(harness);

/// Attributes reach every test, the one of the minimum too: each of them panics as it should.
mod without_an_account {
    use std::sync::Arc;

    use async_trait::async_trait;
    use pinning_keys_conformance::{BoxError, Harness};
    use pinning_keys_core::KeyIssuer;

    struct Closed;

    #[async_trait]
    impl Harness for Closed {
        async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
            Err("there is no account today".into())
        }

        fn label(&self) -> &'static str {
            "closed"
        }

        fn max_keys(&self) -> usize {
            0
        }

        fn minimum(&self) -> usize {
            0
        }
    }

    async fn harness() -> Closed {
        Closed
    }

    pinning_keys_conformance::conformance_tests!(
        #[should_panic(expected = "the harness: there is no account today")]
        harness
    );
}
