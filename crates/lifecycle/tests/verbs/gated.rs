//! An issuer whose creates wait until the test lets them go.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use pinning_keys_core::{
    Account, Credential, CredentialFacts, Error, IssuedKey, IssuerProfile, KeyIssuer, KeyPage,
    KeyQuery, KeyRef, KeyRequest, Plan, Revocation, Verification,
};
use tokio::sync::Semaphore;

/// Clones, and what is confined to an account, share the gate.
#[derive(Clone)]
pub(crate) struct Gated {
    issuer: Arc<dyn KeyIssuer>,
    gate: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// Called when a request is planned, which happens in the transaction of its intent.
    on_plan: Arc<dyn Fn() + Send + Sync>,
    /// When the tokens of its keys expire.
    token_expiry: Option<SystemTime>,
}

impl Gated {
    pub(crate) fn new(issuer: Arc<dyn KeyIssuer>) -> Self {
        let gate = Arc::new(Semaphore::new(0));
        Self { issuer, gate, waiting: Arc::default(), on_plan: Arc::new(|| ()), token_expiry: None }
    }

    pub(crate) fn on_plan(self, on_plan: impl Fn() + Send + Sync + 'static) -> Self {
        Self { on_plan: Arc::new(on_plan), ..self }
    }

    pub(crate) fn with_token_expiry(self, expiry: SystemTime) -> Self {
        Self { token_expiry: Some(expiry), ..self }
    }

    /// Lets this many creates go.
    pub(crate) fn open(&self, creates: usize) {
        self.gate.add_permits(creates);
    }

    /// Waits until a create waits.
    pub(crate) async fn reached(&self) {
        while self.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl KeyIssuer for Gated {
    fn profile(&self) -> &IssuerProfile {
        self.issuer.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        (self.on_plan)();
        self.issuer.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.gate.acquire().await.expect("the gate is not closed").forget();
        self.issuer.issue(request).await
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.issuer.list(query).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.issuer.revoke(key).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.issuer.verify(credential).await
    }

    fn credential_facts(&self, _: &Credential) -> Result<CredentialFacts, Error> {
        Ok(CredentialFacts::new().with_expiry(self.token_expiry))
    }

    async fn account(&self) -> Result<Option<Account>, Error> {
        self.issuer.account().await
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        let issuer = self.issuer.confined_to(account_id)?;
        Some(Arc::new(Self { issuer, ..self.clone() }))
    }
}
