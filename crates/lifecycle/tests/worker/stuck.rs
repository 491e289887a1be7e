//! An issuer whose calls may hang: nothing limits their time.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pinning_keys_core::{
    Account, Credential, CredentialFacts, Error, IssuedKey, IssuerProfile, KeyIssuer, KeyPage,
    KeyQuery, KeyRef, KeyRequest, Plan, Revocation, Verification,
};

/// Clones, and what is confined to an account, share the state.
#[derive(Clone)]
pub(crate) struct Stuck {
    issuer: Arc<dyn KeyIssuer>,
    pub(crate) lists_hang: Arc<AtomicBool>,
    pub(crate) revocations_hang: Arc<AtomicBool>,
    /// How many calls were begun.
    pub(crate) calls: Arc<AtomicUsize>,
    /// Called before each page is answered.
    on_page: Arc<Mutex<Box<dyn Fn() + Send>>>,
}

impl Stuck {
    pub(crate) fn new(issuer: Arc<dyn KeyIssuer>) -> Self {
        Self {
            issuer,
            lists_hang: Arc::default(),
            revocations_hang: Arc::default(),
            calls: Arc::default(),
            on_page: Arc::new(Mutex::new(Box::new(|| ()))),
        }
    }

    /// Lets every call hang, or none.
    pub(crate) fn hang(&self, hang: bool) {
        self.lists_hang.store(hang, Ordering::Relaxed);
        self.revocations_hang.store(hang, Ordering::Relaxed);
    }

    pub(crate) fn on_page(&self, on_page: impl Fn() + Send + 'static) {
        *self.on_page.lock().unwrap() = Box::new(on_page);
    }

    /// Waits until this many calls were begun.
    pub(crate) async fn reached(&self, calls: usize) {
        while self.calls.load(Ordering::Relaxed) < calls {
            tokio::task::yield_now().await;
        }
    }

    async fn begin(&self, hangs: &AtomicBool) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        // An answer takes a moment.
        tokio::task::yield_now().await;
        if hangs.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }
}

#[async_trait]
impl KeyIssuer for Stuck {
    fn profile(&self) -> &IssuerProfile {
        self.issuer.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.issuer.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        self.issuer.issue(request).await
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.begin(&self.lists_hang).await;
        (self.on_page.lock().unwrap())();
        self.issuer.list(query).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.begin(&self.revocations_hang).await;
        self.issuer.revoke(key).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.issuer.verify(credential).await
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        self.issuer.credential_facts(credential)
    }

    async fn account(&self) -> Result<Option<Account>, Error> {
        self.issuer.account().await
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        let issuer = self.issuer.confined_to(account_id)?;
        Some(Arc::new(Self { issuer, ..self.clone() }))
    }
}
