//! An issuer that is confined to an account sends nothing with the credential of another one,
//! through both adapters and every wrapper. Two emulators with different seeds are two accounts.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use pinning_keys::bulk::{RateLimits, Throttled};
use pinning_keys::credentials::{AccountCredential, Ask, CredentialSource, from_fn};
use pinning_keys::pinata::{self, PinataConfig, Route};
use pinning_keys::w3ipfs::{self, W3ipfsConfig};
use pinning_keys::{
    Account, Effect, Error, ErrorKind, KeyIssuer, KeyQuery, KeyRef, KeyRequest, Patient,
    Revocation, ScopeRequest,
};
use pinning_keys_emulator::Emulator;

const PROVIDERS: [&str; 2] = ["pinata", "w3ipfs"];

fn another_account() -> Emulator {
    Emulator::builder().seed(2).in_memory()
}

/// The token of the account that an emulator has at this provider.
fn jwt(provider: &str, emulator: &Emulator) -> AccountCredential {
    let jwt = match provider {
        "pinata" => emulator.pinata().jwt().to_owned(),
        _ => emulator.w3ipfs().jwt(),
    };
    AccountCredential::bearer(jwt).unwrap()
}

/// The key pair of that account.
fn pair(provider: &str, emulator: &Emulator) -> AccountCredential {
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let (headers, key, secret) = match provider {
        "pinata" => (&pinata::PAIR_HEADERS, pinata.api_key(), pinata.api_secret()),
        _ => (&w3ipfs::PAIR_HEADERS, w3ipfs.api_key(), w3ipfs.api_secret()),
    };
    AccountCredential::key_pair(headers, key, secret).unwrap()
}

fn issuer(
    provider: &str,
    emulator: &Emulator,
    source: impl CredentialSource + 'static,
) -> Arc<dyn KeyIssuer> {
    let (transport, source) = (emulator.transport(), Arc::new(source));
    if provider == "pinata" {
        let config = PinataConfig::new().with_base_url(emulator.pinata().base_url());
        let config = config.with_route(Route::Legacy).with_transport(transport);
        Arc::new(config.with_credentials(source).build().unwrap())
    } else {
        let config = W3ipfsConfig::new().with_base_url(emulator.w3ipfs().base_url());
        Arc::new(config.with_transport(transport).with_credentials(source).build().unwrap())
    }
}

/// A source whose credential can be exchanged.
fn exchangeable(
    first: AccountCredential,
) -> (Arc<Mutex<AccountCredential>>, impl CredentialSource) {
    let current = Arc::new(Mutex::new(first));
    let given = Arc::clone(&current);
    let source = from_fn(move |_: Ask| {
        let given = given.lock().unwrap().clone();
        async move { Ok(given) }
    });
    (current, source)
}

/// The issuer itself, and the issuer in each wrapper.
fn wrapped(issuer: &Arc<dyn KeyIssuer>) -> Vec<Arc<dyn KeyIssuer>> {
    let inner = || Arc::clone(issuer);
    vec![
        inner(),
        Arc::new(Box::new(inner()) as Box<dyn KeyIssuer>),
        Arc::new(Throttled::new(inner(), RateLimits::PINATA_FREE)),
        Arc::new(Patient::new(inner(), Duration::from_secs(9), tokio::time::sleep)),
    ]
}

fn request() -> KeyRequest {
    KeyRequest::new("dashboard", ScopeRequest::reader()).unwrap()
}

/// The errors of the calls that use the account's credential.
async fn errors(issuer: &dyn KeyIssuer, key: &KeyRef) -> [Error; 5] {
    [
        issuer.issue(&request()).await.unwrap_err(),
        issuer.list(&KeyQuery::new()).await.unwrap_err(),
        issuer.revoke(key).await.unwrap_err(),
        issuer.is_own_key(key).await.unwrap_err(),
        issuer.account().await.unwrap_err(),
    ]
}

#[tokio::test]
async fn emulators_of_two_seeds_are_two_accounts() {
    let (mine, other) = (Emulator::in_memory(), another_account());
    for provider in PROVIDERS {
        let my_issuer = issuer(provider, &mine, jwt(provider, &mine));
        let account = my_issuer.account().await.unwrap().unwrap();
        assert!(account.credential_expiry().unwrap() > SystemTime::now(), "{provider}");
        assert_eq!(my_issuer.account().await.unwrap(), Some(account.clone()));
        let others = issuer(provider, &other, jwt(provider, &other)).account().await.unwrap();
        assert_ne!(others.unwrap().id(), account.id());
        for foreign in [jwt(provider, &other), pair(provider, &other)] {
            let error = issuer(provider, &mine, foreign).issue(&request()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{provider}: {error}");
        }
    }
    assert_eq!(mine.keys_made() + other.keys_made(), 0);
}

#[tokio::test(start_paused = true)]
async fn confined_issuer_sends_nothing_with_a_credential_of_another_account() {
    let other = another_account();
    for provider in PROVIDERS {
        let mine = Emulator::in_memory();
        let (current, source) = exchangeable(jwt(provider, &mine));
        let issuer = issuer(provider, &mine, source);
        let id = issuer.account().await.unwrap().unwrap().id().to_owned();
        for issuer in wrapped(&issuer) {
            let confined = issuer.confined_to(&id).unwrap();
            assert_eq!(confined.account().await.unwrap().as_ref().map(Account::id), Some(&*id));
            assert_eq!(confined.profile().provider(), provider);
            let key = confined.issue(&request()).await.unwrap();
            assert!(!confined.list(&KeyQuery::new()).await.unwrap().records().is_empty());
            let sent = mine.requests();
            for foreign in [jwt(provider, &other), pair(provider, &other), pair(provider, &mine)] {
                *current.lock().unwrap() = foreign;
                for error in errors(&*confined, key.key_ref()).await {
                    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable, "{error}");
                    assert_eq!(error.effect(), Effect::NotSent);
                    assert_eq!(error.provider(), Some(provider));
                }
            }
            assert_eq!(mine.requests(), sent, "{provider}");
            *current.lock().unwrap() = jwt(provider, &mine);
            assert_eq!(confined.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        }
    }
}

#[tokio::test]
async fn key_pair_shows_no_account_unless_its_source_names_it() {
    for provider in PROVIDERS {
        let emulator = Emulator::in_memory();
        let issuer = |pair| issuer(provider, &emulator, pair);
        let unnamed = issuer(pair(provider, &emulator));
        assert_eq!(unnamed.account().await.unwrap(), None);
        let error = unnamed.confined_to("mine").unwrap().issue(&request()).await.unwrap_err();
        assert_eq!(error.effect(), Effect::NotSent);
        assert!(error.to_string().contains("does not show its account"), "{error}");
        assert_eq!(emulator.requests(), 0);

        let named = issuer(pair(provider, &emulator).with_account_id("mine"));
        assert_eq!(named.account().await.unwrap(), Some(Account::new("mine")));
        named.confined_to("mine").unwrap().issue(&request()).await.unwrap();
        assert!(named.confined_to("other").unwrap().issue(&request()).await.is_err());
        assert_eq!(emulator.keys_made(), 1);
    }
}
