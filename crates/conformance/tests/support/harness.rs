//! The harness of the reference adapter.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use pinning_keys_conformance::{
    BoxError, FaultSwitch, Harness, Ledger, Outcome, Outputs, Probe, Surroundings, run_one,
};
use pinning_keys_core::http::HeaderMap;
use pinning_keys_core::{Credential, KeyIssuer, Operation, Permission};

use super::adapter::{Adapter, DEADLINE, Shared, secret_in};
use super::line::Line;
use super::mutation::Mutation::{self, AsksForLacking};
use super::provider::{ACCOUNT, Held, Request};
use super::twist::{Twist, Twisted};

#[derive(Default)]
pub(crate) struct Reference {
    pub(crate) line: Arc<Line>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) wrong: Option<Mutation>,
    pub(crate) lacks: &'static [Operation],
    pub(crate) twist: Twist,
    pub(crate) max_keys: usize,
    pub(crate) minimum: usize,
    /// The deadlines that issuers were created with, other than the ordinary one.
    pub(crate) deadlines: Mutex<Vec<Duration>>,
}

impl Reference {
    /// An adapter that is right.
    pub(crate) fn new() -> Self {
        Self { max_keys: 500, minimum: 137, ..Self::default() }
    }

    /// An adapter that is wrong in one way.
    pub(crate) fn wrong(wrong: Mutation) -> Self {
        Self::new().with_wrong(wrong)
    }

    /// A harness with a twist.
    pub(crate) fn twisted(twist: Twist) -> Self {
        let line = Arc::new(Line { twist, ..Line::default() });
        Self { line, twist, minimum: 1, ..Self::new() }
    }

    pub(crate) fn with_wrong(self, wrong: Mutation) -> Self {
        let lacks: &[Operation] = match wrong {
            AsksForLacking(Operation::List) => &[Operation::List],
            AsksForLacking(_) => &[Operation::Revoke],
            _ => self.lacks,
        };
        Self { wrong: Some(wrong), lacks, ..self }
    }

    /// Without these operations of the provider.
    pub(crate) fn lacking(self, lacks: &'static [Operation]) -> Self {
        Self { lacks, ..self }
    }

    fn adapter(&self) -> Adapter {
        let (line, shared) = (Arc::clone(&self.line), Arc::clone(&self.shared));
        Adapter { lacks: self.lacks, ..Adapter::new(line, shared, self.wrong) }
    }

    fn twisted_issuer(&self, adapter: Adapter, delay: Duration, is_late: bool) -> Twisted {
        let (inner, has_revoked) = (Arc::new(adapter), AtomicBool::new(false));
        Twisted { inner, twist: self.twist, delay, is_late, has_revoked }
    }

    pub(crate) async fn outcome(&self, id: &str) -> Outcome {
        run_one(self, id).await.unwrap().outcome().clone()
    }

    pub(crate) fn keys(&self) -> Vec<Held> {
        self.line.provider.keys()
    }

    pub(crate) fn live_keys(&self) -> usize {
        self.keys().iter().filter(|key| !key.revoked).count()
    }

    /// Creates a key of the account's own, without the adapter.
    pub(crate) fn has_own_key(&self, name: &str) {
        let body = format!(r#"{{"name":"{name}","admin":true,"rights":[]}}"#);
        let secret = self.line.provider.session();
        let request = Request { method: "POST", path: "/keys".to_owned(), secret, body };
        self.line.provider.answer(&request);
    }

    fn named(&self, name: &str) -> Vec<Held> {
        let mut keys = self.keys();
        keys.retain(|key| key.name == name);
        keys
    }

    /// One of the harness's optional parts, which a bare harness does not have.
    fn part<'a, T: ?Sized>(&self, part: &'a T) -> Option<&'a T> {
        (self.twist != Twist::Bare).then_some(part)
    }
}

#[async_trait]
impl Harness for Reference {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        match self.twist {
            Twist::IssuerPanics => panic!("no issuer for {ACCOUNT}"),
            Twist::IssuerHangs => pending().await,
            Twist::IssuerFails => Err(format!("no issuer for {ACCOUNT}").into()),
            _ => Ok(Arc::new(self.twisted_issuer(self.adapter(), Duration::ZERO, false))),
        }
    }

    fn label(&self) -> &str {
        if let Twist::Label(label) = self.twist { label } else { "suite" }
    }

    fn max_keys(&self) -> usize {
        self.max_keys
    }

    fn minimum(&self) -> usize {
        self.minimum
    }

    fn may_make_admin_keys(&self) -> bool {
        self.twist != Twist::Bare
    }

    fn lacks(&self, operation: Operation) -> bool {
        self.lacks.contains(&operation)
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }

    async fn issuer_within(
        &self,
        deadline: Duration,
    ) -> Result<Option<Arc<dyn KeyIssuer>>, BoxError> {
        self.deadlines.lock().unwrap().push(deadline);
        let is_busy = self.twist == Twist::BusyMachine;
        let delay = if is_busy { Duration::from_secs(1) } else { Duration::ZERO };
        let left = deadline.saturating_sub(delay);
        let adapter = Adapter { deadline: left, ..self.adapter() };
        let issuer = self.twisted_issuer(adapter, delay.min(deadline), left.is_zero());
        Ok(Some(Arc::new(issuer)))
    }

    fn propagation(&self) -> Option<Duration> {
        (self.twist == Twist::NoPropagation).then_some(Duration::ZERO)
    }

    fn page_size(&self) -> Option<usize> {
        if let Twist::PageSize(page) = self.twist { Some(page) } else { None }
    }

    fn pauses_clock(&self) -> bool {
        true
    }

    fn probe(&self) -> Option<&dyn Probe> {
        self.part(self)
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        self.part(self)
    }

    fn faults(&self) -> Option<&dyn FaultSwitch> {
        self.part(&*self.line)
    }

    fn outputs(&self) -> Option<&dyn Outputs> {
        self.part(self)
    }

    fn surroundings(&self) -> Option<&dyn Surroundings> {
        self.part(self)
    }
}

#[async_trait]
impl Probe for Reference {
    async fn may(
        &self,
        credential: &Credential,
        permission: Permission,
    ) -> Result<Option<bool>, BoxError> {
        // The probe knows no route for figures, so that the suite reads the record.
        if permission == Permission::UsageRead {
            return Ok(None);
        }
        Ok(Some(self.line.provider.may(secret_in(credential), permission)))
    }

    async fn authenticates(&self, headers: HeaderMap) -> Result<Option<bool>, BoxError> {
        match self.twist {
            Twist::NoHeadersTried => return Ok(None),
            Twist::AnyHeadersAccepted => return Ok(Some(true)),
            _ => {}
        }
        let value = headers.get("authorization").and_then(|value| value.to_str().ok());
        let secret = value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let (path, secret) = ("/me".to_owned(), secret.to_owned());
        let request = Request { method: "GET", path, secret, body: String::new() };
        Ok(Some(self.line.provider.answer(&request).status == 200))
    }
}

impl Ledger for Reference {
    fn requests(&self) -> u64 {
        self.line.requests.load(Ordering::Relaxed)
    }

    fn made(&self, name: &str) -> usize {
        self.named(name).len()
    }

    fn live(&self, name: &str) -> usize {
        self.named(name).iter().filter(|key| !key.revoked).count()
    }

    fn create_requests(&self) -> Option<u64> {
        Some(self.line.creates.load(Ordering::Relaxed))
    }

    fn create_body(&self, name: &str) -> Option<String> {
        self.named(name).pop().map(|key| key.body).filter(|_| self.twist != Twist::NoBodies)
    }

    fn uses_left(&self, name: &str) -> Option<u64> {
        self.named(name).pop()?.uses_left()
    }

    fn expires_at(&self, name: &str) -> Option<SystemTime> {
        self.named(name).pop()?.expires_at()
    }
}

impl Outputs for Reference {
    fn account_secrets(&self) -> Vec<String> {
        vec![ACCOUNT.to_owned()]
    }

    fn log(&self) -> String {
        self.shared.log.lock().unwrap().clone()
    }

    fn debug_forms(&self) -> Vec<String> {
        let has_forms = self.twist != Twist::NoDebugForms;
        has_forms.then(|| format!("{:?}", self.adapter())).into_iter().collect()
    }
}

#[async_trait]
impl Surroundings for Reference {
    async fn issuer_at(&self, origin: &str) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(Arc::new(self.adapter().at(origin)?))
    }

    async fn issuer_behind_proxy(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(Arc::new(Adapter { proxy: true, ..self.adapter() }))
    }

    fn proxied(&self) -> u64 {
        self.line.proxied.load(Ordering::Relaxed)
    }
}
