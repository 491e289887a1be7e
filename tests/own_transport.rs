//! The facade without its ready-made transport, on one that the user brings.

use std::sync::Arc;

use pinning_keys::pinata::PinataConfig;
use pinning_keys::{IssuerConfig, KeyIssuer, KeyRequest, ScopeRequest};
use pinning_keys_emulator::Emulator;

#[tokio::test]
async fn keys_are_issued_through_a_transport_of_the_users_own() {
    let emulator = Emulator::builder().in_memory();
    let config = PinataConfig::new()
        .with_base_url(emulator.pinata().base_url())
        .with_jwt(emulator.pinata().jwt())
        .with_transport(Arc::new(emulator.transport()));
    let issuer = IssuerConfig::Pinata(config).build().unwrap();
    let request = KeyRequest::new("reader", ScopeRequest::reader()).unwrap();
    let key = issuer.issue(&request).await.unwrap();
    assert_eq!(emulator.keys_made(), 1);
    assert_eq!(key.granted().to_string(), "pins:list pins:list-jobs");
}

#[cfg(not(feature = "reqwest"))]
#[test]
fn without_any_transport_there_is_no_issuer() {
    let config = PinataConfig::new().with_jwt("eyJ.a.b");
    let error = config.build().unwrap_err();
    assert_eq!(error.kind(), pinning_keys::ErrorKind::Configuration);
    assert!(error.to_string().contains("with_transport"), "{error}");
}
