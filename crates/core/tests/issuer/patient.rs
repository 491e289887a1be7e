//! An issuer that waits when a rate limit is exceeded.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, IssuedKey, IssuerProfile, KeyIssuer, KeyIssuerExt as _,
    KeyPage, KeyQuery, KeyRef, KeyRequest, Patient, Plan, ProbeConsent, ProbeReport, Revocation,
    ScopeRequest, Verification,
};

use crate::fake::{Fake, Page, key};

const LONGEST: Duration = Duration::from_secs(100);

/// Fails with these errors first.
struct Failing {
    errors: Mutex<VecDeque<Error>>,
    inner: Fake,
}

impl Failing {
    fn fail(&self) -> Result<(), Error> {
        self.errors.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl KeyIssuer for Failing {
    fn profile(&self) -> &IssuerProfile {
        self.inner.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.inner.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        self.fail()?;
        self.inner.issue(request).await
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.fail()?;
        self.inner.list(query).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.fail()?;
        self.inner.revoke(key).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.fail()?;
        self.inner.verify(credential).await
    }

    async fn probe(
        &self,
        credential: &Credential,
        consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        self.fail()?;
        self.inner.probe(credential, consent).await
    }
}

fn too_many(seconds: u64) -> Error {
    Error::new(ErrorKind::RateLimited, "too many")
        .with_effect(Effect::Rejected)
        .with_retry_after(Duration::from_secs(seconds))
}

/// A patient issuer of two pages, and the seconds that it waited.
fn patient(errors: impl IntoIterator<Item = Error>) -> (Patient<Failing>, Arc<Mutex<Vec<u64>>>) {
    let waits = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&waits);
    let sleep = move |wait: Duration| {
        noted.lock().unwrap().push(wait.as_secs());
        ready(())
    };
    let pages = vec![Page::of(&[key("1", "user")]), Page::of(&[key("2", "other")])];
    let errors = Mutex::new(errors.into_iter().collect());
    (Patient::new(Failing { errors, inner: Fake::new(pages) }, LONGEST, sleep), waits)
}

#[tokio::test]
async fn every_call_waits_as_long_as_asked_and_succeeds() {
    let (issuer, waits) = patient([too_many(60), too_many(0), too_many(39)]);
    let listing = issuer.keys(KeyQuery::new()).into_listing().await.unwrap();
    assert_eq!((listing.records().len(), &**waits.lock().unwrap()), (2, &[60, 1, 39][..]));

    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    let (issuer, waits) = patient([too_many(7)]);
    issuer.issue(&request).await.unwrap();
    let (revoking, more) = patient([too_many(8)]);
    assert_eq!(revoking.revoke(key("1", "user").key_ref()).await.unwrap(), Revocation::Revoked);
    let credential = Credential::bearer("example", "token").unwrap();
    let (verifying, most) = patient([too_many(9)]);
    assert_eq!(verifying.verify(&credential).await.unwrap(), Verification::Live);
    let (probing, last) = patient([too_many(10)]);
    let report = probing.probe(&credential, ProbeConsent::to_spend_uses()).await.unwrap();
    assert_eq!(report.verification(), Verification::Revoked);
    let waits = [waits, more, most, last].map(|waits| waits.lock().unwrap().clone());
    assert_eq!(waits, [[7], [8], [9], [10]]);
}

#[tokio::test]
async fn wait_is_bounded_for_each_call() {
    let (issuer, waits) = patient([too_many(60), too_many(41)]);
    let error = issuer.list(&KeyQuery::new()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(41)));
    assert_eq!(*waits.lock().unwrap(), [60]);
    assert!(issuer.list(&KeyQuery::new()).await.is_ok());
}

#[tokio::test]
async fn nothing_else_is_called_again() {
    let retry_after = |kind, effect| {
        Error::new(kind, "no").with_effect(effect).with_retry_after(Duration::from_secs(1))
    };
    for error in [
        // The key may exist.
        retry_after(ErrorKind::RateLimited, Effect::Unknown),
        retry_after(ErrorKind::Unavailable, Effect::Rejected),
        // Nobody says how long.
        Error::new(ErrorKind::RateLimited, "no").with_effect(Effect::Rejected),
    ] {
        let (issuer, waits) = patient([error]);
        let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
        assert!(issuer.issue(&request).await.is_err());
        assert!(waits.lock().unwrap().is_empty());
        assert!(!format!("{issuer:?}").contains("Failing"), "{issuer:?}");
    }
}
