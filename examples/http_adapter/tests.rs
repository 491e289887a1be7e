//! The adapter sends what the provider's documents say, and passes the conformance suite.

mod b2;
mod fake;
mod harness;
mod life;
mod requests;

mod in_memory {
    use crate::harness::Stand;

    async fn harness() -> Stand {
        Stand::in_memory()
    }

    pinning_keys_conformance::conformance_tests!(harness);

    #[tokio::test]
    async fn suite_passes_without_faults() {
        let stand = Stand::in_memory().without_faults();
        let report = pinning_keys_conformance::run(&stand).await.unwrap();
        assert!(report.is_ok(), "{report}");
    }
}

mod over_tcp {
    use pinning_keys::transport::ReqwestTransport;

    use crate::harness::Stand;

    async fn harness() -> Stand {
        Stand::over_tcp(ReqwestTransport::builder().build().unwrap()).await
    }

    pinning_keys_conformance::conformance_tests!(harness);

    #[tokio::test]
    async fn suite_passes_without_faults() {
        let stand = harness().await.without_faults();
        let report = pinning_keys_conformance::run(&stand).await.unwrap();
        assert!(report.is_ok(), "{report}");
    }
}
