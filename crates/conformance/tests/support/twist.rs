//! Twists: oddities of the harness, or of an adapter beyond a single mutation.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_core::{
    Account, Credential, CredentialFacts, Effect, Error, ErrorKind, IssuedKey, IssuerProfile,
    KeyIssuer, KeyPage, KeyQuery, KeyRef, KeyRequest, Plan, ProbeConsent, ProbeReport, Revocation,
    Verification,
};
use tokio::time::sleep;

use super::provider::ACCOUNT;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Twist {
    #[default]
    Nothing,
    /// The harness has only its required methods, and allows no admin keys.
    Bare,
    IssuerPanics,
    IssuerHangs,
    IssuerFails,
    /// The switch accepts disturbances, but does not disturb.
    IdleSwitch,
    UncountedEndlessBodies,
    NoBodies,
    NoDebugForms,
    /// The probe tries out no headers.
    NoHeadersTried,
    /// The probe calls all headers accepted.
    AnyHeadersAccepted,
    NoPropagation,
    /// The provider has neither admin keys nor keys that expire.
    FewKinds,
    Label(&'static str),
    PageSize(usize),
    /// A second passes before each request.
    BusyMachine,
    /// Every page is an error that shows the whole page.
    PagesAreErrors,
    /// The first revoke of an issuer panics.
    RevokePanics,
    IssuePanics,
    /// A failed create names neither its operation nor the key that may exist.
    IssueIsTerse,
    RevokeIsTerse,
    IssueHangs,
}

/// The reference adapter with a twist.
pub(crate) struct Twisted {
    pub(crate) inner: Arc<dyn KeyIssuer>,
    pub(crate) twist: Twist,
    /// The time before each request, and whether the deadline is over by then.
    pub(crate) delay: Duration,
    pub(crate) is_late: bool,
    pub(crate) has_revoked: AtomicBool,
}

fn terse(effect: Effect) -> Error {
    Error::new(ErrorKind::Unavailable, "no").with_effect(effect)
}

#[async_trait]
impl KeyIssuer for Twisted {
    fn profile(&self) -> &IssuerProfile {
        self.inner.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.inner.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        match self.twist {
            Twist::IssueHangs => return pending().await,
            Twist::IssueIsTerse => return Err(terse(Effect::Unknown)),
            _ => {}
        }
        let key = self.inner.issue(request).await;
        let is_fine = self.twist != Twist::IssuePanics;
        assert!(is_fine, "Authorization: Bearer {ACCOUNT}, base64 YWNjb3VudC1zZWNyZXQtNGQwZTc3");
        key
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        sleep(self.delay).await;
        if self.is_late {
            return Err(Error::new(ErrorKind::Timeout, "deadline exceeded"));
        }
        let page = self.inner.list(query).await?;
        if self.twist == Twist::PagesAreErrors {
            return Err(Error::new(ErrorKind::UnreadableAnswer, format!("{page:?}")));
        }
        Ok(page)
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        if self.twist == Twist::RevokeIsTerse {
            return Err(terse(Effect::Rejected));
        }
        let is_first = !self.has_revoked.swap(true, Ordering::Relaxed);
        assert!(self.twist != Twist::RevokePanics || !is_first, "not today: {ACCOUNT}");
        self.inner.revoke(key).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.inner.verify(credential).await
    }

    async fn probe(
        &self,
        credential: &Credential,
        consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        self.inner.probe(credential, consent).await
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        self.inner.credential_facts(credential)
    }

    async fn is_own_key(&self, key: &KeyRef) -> Result<Option<bool>, Error> {
        self.inner.is_own_key(key).await
    }

    async fn account(&self) -> Result<Option<Account>, Error> {
        self.inner.account().await
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        self.inner.confined_to(account_id)
    }
}
