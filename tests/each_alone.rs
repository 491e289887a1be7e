//! With any provider and with or without the built-in transport, keys are issued and revoked, and
//! an error names a missing feature. The gate runs this with each provider alone.

#![cfg(any(feature = "pinata", feature = "w3ipfs"))]

use pinning_keys::{ErrorKind, IssuerConfig, KeyIssuer, KeyRequest, Revocation, ScopeRequest};
use pinning_keys_emulator::Emulator;

/// The configuration of a provider that this build has, for an account on the emulator.
fn config(provider: &str, emulator: &Emulator) -> IssuerConfig {
    let vars = match provider {
        "pinata" => emulator.pinata().vars(),
        _ => emulator.w3ipfs().vars(),
    };
    IssuerConfig::from_vars(vars).unwrap()
}

async fn issue_and_revoke(issuer: &dyn KeyIssuer, emulator: &Emulator) {
    let request = KeyRequest::new("reader", ScopeRequest::reader()).unwrap();
    let key = issuer.issue(&request).await.unwrap();
    assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 1));
    assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
    assert_eq!(emulator.keys_live(), 0);
}

#[tokio::test]
async fn key_is_issued_through_the_users_transport() {
    for provider in IssuerConfig::PROVIDERS {
        let emulator = Emulator::in_memory();
        let transport = emulator.transport();
        let issuer = config(provider, &emulator).with_transport(transport).build().unwrap();
        issue_and_revoke(issuer.as_ref(), &emulator).await;
    }
}

#[cfg(feature = "bulk")]
#[tokio::test]
async fn many_keys_are_issued_and_revoked() {
    use std::num::NonZeroU32;

    use pinning_keys::bulk::{RateLimit, RateLimits, Throttled, issue_many, revoke_many};

    for provider in IssuerConfig::PROVIDERS {
        let emulator = Emulator::in_memory();
        let transport = emulator.transport();
        let issuer = config(provider, &emulator).with_transport(transport).build().unwrap();
        let limit = RateLimit::per_second(NonZeroU32::new(1_000).unwrap());
        let issuer = Throttled::new(issuer, RateLimits::shared(limit));
        let request = |n| KeyRequest::new(format!("reader {n}"), ScopeRequest::reader()).unwrap();
        let mut keys = issue_many(issuer.clone(), (0..20).map(request));
        let mut made = Vec::new();
        while let Some((_, key)) = keys.next().await {
            made.push(key.unwrap().key_ref().clone());
        }
        assert_eq!((made.len(), emulator.keys_live()), (20, 20));
        let mut keys = revoke_many(issuer, made);
        while let Some((_, revocation)) = keys.next().await {
            assert_eq!(revocation.unwrap(), Revocation::Revoked);
        }
        assert_eq!(emulator.keys_live(), 0);
    }
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn key_is_issued_over_the_network() {
    for provider in IssuerConfig::PROVIDERS {
        let emulator = Emulator::start().await.unwrap();
        let issuer = config(provider, &emulator).build().unwrap();
        issue_and_revoke(issuer.as_ref(), &emulator).await;
    }
}

#[cfg(not(feature = "reqwest"))]
#[test]
fn build_without_a_transport_is_refused() {
    for provider in IssuerConfig::PROVIDERS {
        let emulator = Emulator::in_memory();
        let error = config(provider, &emulator).build().err().expect("it has no transport");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(format!("{error:#}").contains("the feature reqwest"), "{error:#}");
    }
}

#[test]
fn missing_provider_is_reported_with_its_feature() {
    for provider in ["pinata", "w3ipfs"] {
        let found = IssuerConfig::for_provider(provider);
        if IssuerConfig::PROVIDERS.contains(&provider) {
            assert!(found.is_ok());
            continue;
        }
        let error = found.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let missing = format!("needs the feature {provider:?}");
        assert!(error.to_string().contains(&missing), "{error}");
        let variables = [("PINNING_KEYS_PROVIDER", provider)];
        let error = IssuerConfig::from_vars(variables).unwrap_err();
        assert!(error.to_string().contains(&missing), "{error}");
    }
}

/// Whether `PINATA_JWT` selects a provider depends on the build, but it is never passed over.
#[test]
fn jwt_of_another_program_is_used_or_named() {
    let config = IssuerConfig::from_vars([("PINATA_JWT", "eyJ.canary.x")]);
    if IssuerConfig::PROVIDERS.contains(&"pinata") {
        assert_eq!(config.unwrap().provider(), "pinata");
        return;
    }
    let shown = format!("{:#}", config.unwrap_err());
    assert!(shown.contains("PINATA_JWT is set, but not used"), "{shown}");
    assert!(shown.contains("PINATA_JWT needs the feature \"pinata\""), "{shown}");
}
