//! Leaked credentials are traced to listed keys, and dead when the provider refuses them.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use pinning_keys_core::{
    Credential, CredentialFacts, CredentialState, Discrepancies, Effect, Error, ErrorKind,
    IssuedKey, IssuerProfile, KeyIssuer, KeyIssuerExt, KeyPage, KeyQuery, KeyRef, KeyRequest,
    Operation, PairHeaders, Plan, Revocation, TracedKey, Verification,
};
use static_assertions::assert_impl_all;

use crate::fake::{Fake, Page, key};

assert_impl_all!(TracedKey<'static, dyn KeyIssuer>: Send, Sync);

/// An issuer whose tokens name the key "a", and expire. What it verifies is written down.
struct Reads {
    inner: Fake,
    expiry: Option<SystemTime>,
}

#[async_trait]
impl KeyIssuer for Reads {
    fn profile(&self) -> &IssuerProfile {
        self.inner.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.inner.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        self.inner.issue(request).await
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.inner.list(query).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.inner.revoke(key).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.inner.verify(credential).await
    }

    fn credential_facts(&self, _: &Credential) -> Result<CredentialFacts, Error> {
        let key_ref = KeyRef::new("example", "a")?;
        Ok(CredentialFacts::new().with_key_ref(Some(key_ref)).with_expiry(self.expiry))
    }
}

fn pair(api_key: &str) -> Credential {
    let headers = PairHeaders::new("x-key", "x-secret");
    Credential::key_pair("example", headers, api_key, "sample-secret").unwrap()
}

fn token() -> Credential {
    Credential::bearer("example", "sample-token").unwrap()
}

/// Two pages of keys, and what verifications return.
fn verifying(verifications: &[Option<Verification>]) -> Fake {
    let (first, second) = (key("b", "other"), key("a", "leaked"));
    Fake::new(vec![Page::of(&[first]), Page::of(&[second])]).with_verifications(verifications)
}

#[tokio::test]
async fn by_default_a_pair_names_its_key_and_a_token_none() {
    let issuer = verifying(&[]);
    assert_eq!(issuer.key_of(&pair("a")).unwrap().api_key(), "a");
    let both = token().with_key_pair(PairHeaders::new("x-key", "x-secret"), "a", "s").unwrap();
    assert_eq!(issuer.key_of(&both).unwrap().api_key(), "a");
    let error = issuer.key_of(&token()).unwrap_err();
    assert_eq!((error.kind(), error.provider()), (ErrorKind::Unsupported, Some("example")));
    let foreign = Credential::bearer("elsewhere", "sample-token").unwrap();
    assert_eq!(issuer.key_of(&foreign).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(issuer.is_own_key(&issuer.key_of(&pair("a")).unwrap()).await.unwrap(), None);
}

#[tokio::test]
async fn state_after_a_revocation_is_what_the_verifications_show() {
    use CredentialState::{Dead, StillLive, Unknown};
    use Verification::{Exhausted, Live, Revoked, Unrecognized};
    for (before, after, expected) in [
        (Live, Some(Live), StillLive),
        (Live, Some(Revoked), Dead),
        (Live, Some(Unrecognized), Dead),
        (Live, Some(Exhausted), Dead),
        (Live, None, Unknown),
        (Exhausted, Some(Revoked), Dead),
        (Exhausted, Some(Exhausted), Dead),
    ] {
        let issuer = verifying(&[Some(before), after]);
        let traced = issuer.trace(&pair("a")).await.unwrap();
        assert_eq!((traced.record().name(), traced.is_own()), ("leaked", None));
        assert!(issuer.revoked().is_empty());
        assert_eq!(traced.revoke().await.unwrap(), expected, "{before}, then {after:?}");
        assert_eq!(*issuer.revoked(), [traced.record().key_ref().clone()]);
    }
}

#[tokio::test]
async fn dead_or_unproven_credential_revokes_nothing() {
    use Verification::{Revoked, Unrecognized};
    for (before, is_listed_as_revoked, is_dead) in
        [(Revoked, false, true), (Unrecognized, true, true), (Unrecognized, false, false)]
    {
        let record = key("a", "leaked").with_revoked(Some(is_listed_as_revoked));
        let issuer = Fake::new(vec![Page::of(&[record])]).with_verifications(&[Some(before)]);
        let result = issuer.trace(&pair("a")).await.unwrap().revoke().await;
        match result {
            Ok(state) => assert!(is_dead && state == CredentialState::Dead),
            Err(error) => {
                assert!(!is_dead, "{error}");
                assert_eq!(
                    (error.kind(), error.effect()),
                    (ErrorKind::InvalidInput, Effect::NotSent)
                );
            }
        }
        assert!(issuer.revoked().is_empty());
    }
}

/// A token that expires between two verifications proves nothing; a key pair does not expire.
#[tokio::test]
async fn expired_token_does_not_prove_its_key_dead() {
    let now = SystemTime::now();
    let (past, future) = (now - Duration::from_secs(60), now + Duration::from_secs(3600));
    for (expiry, credential, expected) in [
        (Some(past), token(), CredentialState::Unknown),
        (Some(future), token(), CredentialState::Dead),
        (None, token(), CredentialState::Dead),
        (Some(past), pair("a"), CredentialState::Dead),
    ] {
        let verifications = [Some(Verification::Live), Some(Verification::Unrecognized)];
        let issuer = Reads { inner: verifying(&verifications), expiry };
        let traced = issuer.trace(&credential).await.unwrap();
        assert_eq!(traced.revoke().await.unwrap(), expected, "{expiry:?} {credential:?}");
    }
}

#[tokio::test]
async fn expiry_is_named_if_it_can_be_written() {
    let past = SystemTime::UNIX_EPOCH;
    for (expiry, words) in [
        (past, "the credential expired at 1970-01-01T00:00:00Z"),
        (past - Duration::from_secs(1), "the provider does not recognize the credential"),
    ] {
        let inner = verifying(&[Some(Verification::Unrecognized)]);
        let issuer = Reads { inner, expiry: Some(expiry) };
        let error = issuer.trace(&token()).await.unwrap().revoke().await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn pair_is_verified_instead_of_the_token_beside_it() {
    let issuer = verifying(&[Some(Verification::Live)]);
    let both = token().with_key_pair(PairHeaders::new("x-key", "x-secret"), "a", "s").unwrap();
    let _ = issuer.trace(&both).await.unwrap();
    let verified = issuer.verified();
    assert!(verified[0].bearer_headers().is_none() && verified[0].pair_headers().is_some());
}

#[tokio::test]
async fn unlisted_key_is_not_found_and_gaps_are_named() {
    let issuer = verifying(&[Some(Verification::Live)]);
    let error = issuer.trace(&pair("c")).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NotFound, Effect::Rejected));
    assert_eq!(error.to_string(), "the credential works, but the account does not list its key");

    let gap = Discrepancies::default().with_unreadable_rows(1);
    let issuer = Fake::new(vec![Page::Rows(Vec::new(), gap)]);
    let error = issuer.trace(&pair("a")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the credential works, but the account does not list its key, as far as its list could be \
         read (1 row could not be read)",
    );
    let issuer = Fake::new(vec![Page::Fails]);
    let error = issuer.trace(&pair("a")).await.unwrap_err();
    assert_eq!(error.operation(), Some(Operation::List), "an error of the list remains one");
}
