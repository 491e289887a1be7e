//! A leaked credential leads to its key, and only a credential that the provider recognizes gets a
//! key revoked: in every configuration of both adapters. The tests look at what the emulator holds.

mod claims;

use std::sync::Arc;
use std::time::Duration;

use pinning_keys::adapter::PairHeaders;
use pinning_keys::bulk::{RateLimits, Throttled};
use pinning_keys::pinata::{self, PinataConfig};
use pinning_keys::w3ipfs::{self, W3ipfsConfig};
use pinning_keys::{
    Credential, CredentialState, Effect, Error, ErrorKind, IssuedKey, KeyIssuer, KeyIssuerExt,
    KeyRequest, Patient, Revocation, ScopeRequest, Verification,
};
use pinning_keys_emulator::{Emulator, PinataAssumptions, W3ipfsAssumptions};
use pinning_keys_testkit::secrets::Secrets;
use pinning_keys_testkit::stand::{Account, Configuration};

const DEADLINE: Duration = Duration::from_secs(10);

/// One configuration of an adapter, and the account that it manages.
struct Place {
    name: &'static str,
    configuration: Configuration,
    emulator: Emulator,
    issuer: Arc<dyn KeyIssuer>,
}

impl Place {
    fn all_on(emulator: impl Fn() -> Emulator) -> impl Iterator<Item = Self> {
        Configuration::ALL.into_iter().map(move |(name, configuration)| {
            let emulator = emulator();
            let (origin, transport) = (emulator.pinata().base_url(), emulator.transport());
            let issuer =
                configuration.build(&emulator, origin, transport, DEADLINE).unwrap().issuer;
            Self { name, configuration, emulator, issuer }
        })
    }

    fn all() -> impl Iterator<Item = Self> {
        Self::all_on(Emulator::in_memory)
    }

    async fn issue(&self, name: &str, scope: ScopeRequest) -> IssuedKey {
        self.issuer.issue(&KeyRequest::new(name, scope).unwrap()).await.unwrap()
    }

    /// An issuer that works with this key.
    fn issuer_with(&self, key: &IssuedKey) -> Arc<dyn KeyIssuer> {
        let exposed = key.credential().expose();
        let pair = (exposed.api_key().unwrap(), exposed.api_secret().unwrap());
        let transport = self.emulator.transport();
        match self.configuration {
            Configuration::Pinata { route, table, credential } => {
                let config = PinataConfig::new()
                    .with_base_url(self.emulator.pinata().base_url())
                    .with_transport(transport)
                    .with_route(route)
                    .with_table(table);
                Arc::new(match credential {
                    Account::Jwt => config.with_jwt(exposed.bearer().unwrap()).build().unwrap(),
                    Account::KeyPair => config.with_key_pair(pair.0, pair.1).build().unwrap(),
                })
            }
            Configuration::W3ipfs(_) => {
                let config = W3ipfsConfig::new()
                    .with_base_url(self.emulator.w3ipfs().base_url())
                    .with_transport(transport);
                Arc::new(config.with_key_pair(pair.0, pair.1).build().unwrap())
            }
        }
    }

    /// The token of Pinata's account, which works and whose key is in no list.
    fn unlisted(&self) -> Option<Credential> {
        let jwt = self.emulator.pinata().jwt();
        self.configuration.is_pinata().then(|| Credential::bearer("pinata", jwt).unwrap())
    }
}

fn pair_of(provider: &str, api_key: &str, secret: &str) -> Credential {
    let headers: PairHeaders = match provider {
        "pinata" => pinata::PAIR_HEADERS,
        _ => w3ipfs::PAIR_HEADERS,
    };
    Credential::key_pair(provider, headers, api_key, secret).unwrap()
}

/// The forms in which the credential of a key can leak.
fn leaks(key: &IssuedKey) -> Vec<Credential> {
    let exposed = key.credential().expose();
    let (provider, api_key) = (exposed.provider(), exposed.api_key().unwrap());
    let token = exposed.bearer().map(|token| Credential::bearer(provider, token).unwrap());
    let pair = pair_of(provider, api_key, exposed.api_secret().unwrap());
    token.into_iter().chain([pair, key.credential().clone()]).collect()
}

/// Credentials that name a key and do not belong to it.
fn forgeries(key: &IssuedKey) -> Vec<Credential> {
    let exposed = key.credential().expose();
    let (provider, api_key) = (exposed.provider(), exposed.api_key().unwrap());
    let secret: String = exposed.api_secret().unwrap().chars().rev().collect();
    let pair = pair_of(provider, api_key, &secret);
    let token = exposed.bearer().map(|token| {
        let (signed, _) = token.rsplit_once('.').unwrap();
        Credential::bearer(provider, format!("{signed}.Zm9yZ2Vk")).unwrap()
    });
    token.into_iter().chain([pair]).collect()
}

#[track_caller]
fn assert_refused<T>(result: Result<T, Error>, kind: ErrorKind, words: &str) {
    let Err(error) = result else { panic!("not refused: {words}") };
    assert_eq!(error.kind(), kind, "{error}");
    assert_ne!(error.effect(), Effect::Unknown, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[tokio::test]
async fn leaked_credential_is_traced_revoked_and_dead() {
    let mut traced = 0;
    for place in Place::all() {
        for form in 0..leaks(&place.issue("count", ScopeRequest::reader()).await).len() {
            let other = place.issue(&format!("other {form}"), ScopeRequest::reader()).await;
            let leaked = place.issue(&format!("leaked {form}"), ScopeRequest::reader()).await;
            let (live, sent) = (place.emulator.keys_live(), place.emulator.requests());

            let key = place.issuer.trace(&leaks(&leaked)[form]).await.unwrap();
            assert_eq!(key.record().name(), leaked.name().as_str(), "{}", place.name);
            assert_eq!(key.record().key_ref(), leaked.key_ref());
            assert_eq!((key.verification(), key.is_own()), (Verification::Live, Some(false)));
            assert_eq!((place.emulator.requests(), place.emulator.keys_live()), (sent + 2, live));

            assert_eq!(key.revoke().await.unwrap(), CredentialState::Dead, "{}", place.name);
            assert_eq!(place.emulator.keys_live(), live - 1);
            let other = place.issuer.verify(other.credential()).await.unwrap();
            assert_eq!(other, Verification::Live);
            traced += 1;
        }
    }
    assert_eq!(traced, 6 * 3 + 2 * 2);
}

#[tokio::test]
async fn forged_credential_revokes_nothing() {
    for place in Place::all() {
        let production = place.issue("production", ScopeRequest::reader()).await;
        for forged in forgeries(&production) {
            let key = place.issuer.trace(&forged).await.unwrap();
            assert_eq!(key.record().name(), "production", "{}", place.name);
            assert_eq!(key.verification(), Verification::Unrecognized);

            let sent = place.emulator.requests();
            let words = "which may be forged or expired, or its uses may be used up";
            assert_refused(key.revoke().await, ErrorKind::InvalidInput, words);
            assert_eq!((place.emulator.requests(), place.emulator.keys_live()), (sent, 1));

            // Somebody who insists revokes by the reference. The credential never worked, so that it
            // does not work now proves nothing.
            assert_eq!(key.state().await.unwrap(), CredentialState::Unknown);
        }
        let live = place.issuer.verify(production.credential()).await.unwrap();
        assert_eq!(live, Verification::Live);
    }
}

#[tokio::test]
async fn own_key_of_the_issuer_is_not_revoked() {
    for place in Place::all() {
        let own = place.issue("manager", ScopeRequest::admin()).await;
        let issuer = place.issuer_with(&own);
        for leaked in leaks(&own).into_iter().chain(forgeries(&own)) {
            let key = issuer.trace(&leaked).await.unwrap();
            assert_eq!((key.record().name(), key.is_own()), ("manager", Some(true)));
            assert_refused(key.revoke().await, ErrorKind::InvalidInput, "itself works with");
        }
        assert_eq!(place.emulator.keys_live(), 1, "{}", place.name);

        // The account's other credentials are not that key.
        let key = place.issuer.trace(own.credential()).await.unwrap();
        assert_eq!(key.is_own(), Some(false), "{}", place.name);
        assert_eq!(key.revoke().await.unwrap(), CredentialState::Dead);
    }
}

#[tokio::test]
async fn own_key_that_is_not_listed_is_named_as_own() {
    for place in Place::all() {
        let Some(unlisted) = place.unlisted() else { continue };
        let error = place.issuer.trace(&unlisted).await.map(drop).unwrap_err();
        assert!(!error.to_string().contains("revoke"), "nothing was to be revoked: {error}");
        let words = "itself works with this key, and the account does not list it";
        assert_refused(Err::<(), _>(error), ErrorKind::InvalidInput, words);
    }
}

#[tokio::test]
async fn credential_of_another_account_is_not_found() {
    for place in Place::all() {
        // It works, and the account does not list it.
        let manager = place.issue("manager", ScopeRequest::admin()).await;
        if let Some(unlisted) = place.unlisted() {
            let traced = place.issuer_with(&manager).trace(&unlisted).await.map(drop);
            let words = "the credential works, but the account does not list its key";
            assert_refused(traced, ErrorKind::NotFound, words);
        }

        // It neither works nor is listed.
        let elsewhere = Place::all_on(|| Emulator::builder().seed(77).in_memory())
            .find(|elsewhere| elsewhere.configuration == place.configuration)
            .unwrap();
        let foreign = elsewhere.issue("foreign", ScopeRequest::reader()).await;
        for leaked in leaks(&foreign) {
            let traced = place.issuer.trace(&leaked).await.map(drop);
            assert_refused(traced, ErrorKind::NotFound, "the credential does not work, and");
        }
        assert_eq!((place.emulator.keys_live(), elsewhere.emulator.keys_live()), (1, 1));
    }
}

#[tokio::test]
async fn dead_credential_is_dead_and_nothing_is_sent() {
    for place in Place::all() {
        let gone = place.issue("gone", ScopeRequest::reader()).await;
        assert_eq!(place.issuer.revoke(gone.key_ref()).await.unwrap(), Revocation::Revoked);
        for leaked in leaks(&gone) {
            let traced = place.issuer.trace(&leaked).await;
            if !place.configuration.is_pinata() {
                // A revoked key is deleted, so its credential could be anybody's.
                let words = "the credential does not work, and";
                assert_refused(traced.map(drop), ErrorKind::NotFound, words);
                continue;
            }
            let (key, sent) = (traced.unwrap(), place.emulator.requests());
            assert_eq!(key.record().is_revoked(), Some(true), "{}", place.name);
            assert_eq!(key.revoke().await.unwrap(), CredentialState::Dead);
            assert_eq!(place.emulator.requests(), sent);
        }
    }
}

/// The legacy route says `"Revoked"` of everything, and no provider's word counts.
#[tokio::test]
async fn key_is_live_until_its_credential_is_refused() {
    let slow = || {
        let pinata = PinataAssumptions::default().honour_revoked(2);
        let w3ipfs = W3ipfsAssumptions::default().honour_revoked(2);
        Emulator::builder().pinata_assumptions(pinata).w3ipfs_assumptions(w3ipfs).in_memory()
    };
    for place in Place::all_on(slow) {
        let leaked = place.issue("leaked", ScopeRequest::reader()).await;
        let key = place.issuer.trace(leaked.credential()).await.unwrap();
        assert_eq!(key.revoke().await.unwrap(), CredentialState::StillLive, "{}", place.name);
        assert_eq!(key.state().await.unwrap(), CredentialState::StillLive, "{}", place.name);
        assert_eq!(key.state().await.unwrap(), CredentialState::Dead, "{}", place.name);
    }
}

#[tokio::test]
async fn no_output_shows_the_credential() {
    for place in Place::all() {
        let leaked = place.issue("leaked", ScopeRequest::reader()).await;
        let mut secrets = Secrets::default();
        for credential in leaks(&leaked).into_iter().chain(forgeries(&leaked)) {
            secrets.add_credential(&credential);
            let facts = place.issuer.credential_facts(&credential);
            secrets.assert_not_in_result(place.name, &facts);
            let key = place.issuer.trace(&credential).await;
            secrets.assert_not_in_result(place.name, &key);
            if let Ok(key) = key {
                secrets.assert_not_in_result(place.name, &key.revoke().await);
            }
        }
    }
}

#[tokio::test]
async fn wrapped_issuers_read_what_the_adapter_reads() {
    for place in Place::all() {
        let own = place.issue("manager", ScopeRequest::admin()).await;
        let issuer = place.issuer_with(&own);
        let facts = issuer.credential_facts(own.credential()).unwrap();
        let throttled = Throttled::new(Arc::clone(&issuer), RateLimits::PINATA_FREE);
        let patient = Patient::new(Arc::clone(&issuer), DEADLINE, tokio::time::sleep);
        let wrapped: [Box<dyn KeyIssuer>; 3] =
            [Box::new(issuer), Box::new(throttled), Box::new(patient)];
        for issuer in wrapped {
            assert_eq!(issuer.credential_facts(own.credential()).unwrap(), facts);
            assert_eq!(issuer.is_own_key(own.key_ref()).await.unwrap(), Some(true));
        }
    }
}
