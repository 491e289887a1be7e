//! The reference with one thing twisted about its harness or its adapter.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_conformance::{
    BoxError, Disturbance, FaultSwitch, Harness, Ledger, NotAvailable, Outcome, Outputs, Probe,
    Surroundings, run_one,
};
use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, IssuedKey, IssuerProfile, KeyIssuer, KeyPage, KeyQuery,
    KeyRef, KeyRequest, Operation, Plan, Revocation, Verification,
};
use tokio::time::sleep;

use super::harness::Reference;
use super::provider::ACCOUNT;

/// What is different from the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Twist {
    #[default]
    Nothing,
    IssuerPanics,
    IssuerHangs,
    IssuerFails,
    /// The switch says that it disturbs, and does not.
    IdleSwitch,
    UncountedEndlessBodies,
    NoBodies,
    NoDebugForms,
    NoPropagation,
    Label(&'static str),
    PageSize(usize),
    /// It takes a second until a request is made.
    BusyMachine,
    /// Pages are told as errors, with all that stands on them.
    PagesAreErrors,
    /// The first one that an issuer is asked for.
    RevokePanics,
    IssuePanics,
    /// What fails says neither what it was nor which key may exist.
    IssueIsTerse,
    RevokeIsTerse,
    /// No issuer's `issue` ever ends.
    IssueHangs,
}

pub(crate) struct Twisted {
    pub(crate) reference: Reference,
    pub(crate) twist: Twist,
    pub(crate) minimum: usize,
    pub(crate) deadlines: Mutex<Vec<Duration>>,
}

impl Twisted {
    pub(crate) fn new(twist: Twist) -> Self {
        Self { reference: Reference::new(None), twist, minimum: 1, deadlines: Mutex::default() }
    }

    pub(crate) async fn outcome(&self, id: &str) -> Outcome {
        run_one(self, id).await.unwrap().outcome().clone()
    }
}

#[async_trait]
impl Harness for Twisted {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        match self.twist {
            Twist::IssuerPanics => panic!("no issuer for {ACCOUNT}"),
            Twist::IssuerHangs => std::future::pending().await,
            Twist::IssuerFails => Err(format!("no issuer for {ACCOUNT}").into()),
            twist => Ok(Arc::new(Wrapped::new(self.reference.issuer().await?, twist))),
        }
    }

    fn label(&self) -> &str {
        if let Twist::Label(label) = self.twist { label } else { "honesty" }
    }

    fn max_keys(&self) -> usize {
        500
    }

    fn minimum(&self) -> usize {
        self.minimum
    }

    fn deadline(&self) -> Duration {
        self.reference.deadline()
    }

    async fn issuer_within(
        &self,
        deadline: Duration,
    ) -> Result<Option<Arc<dyn KeyIssuer>>, BoxError> {
        self.deadlines.lock().unwrap().push(deadline);
        let is_busy = self.twist == Twist::BusyMachine;
        let delay = if is_busy { Duration::from_secs(1) } else { Duration::ZERO };
        let left = deadline.saturating_sub(delay);
        let issuer = self.reference.issuer_within(left).await?;
        Ok(issuer.map(|inner| {
            let (delay, is_late) = (delay.min(deadline), left.is_zero());
            Arc::new(Wrapped { delay, is_late, ..Wrapped::new(inner, self.twist) }) as _
        }))
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
        self.reference.probe()
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        Some(self)
    }

    fn faults(&self) -> Option<&dyn FaultSwitch> {
        Some(self)
    }

    fn outputs(&self) -> Option<&dyn Outputs> {
        Some(self)
    }

    fn surroundings(&self) -> Option<&dyn Surroundings> {
        self.reference.surroundings()
    }
}

impl Ledger for Twisted {
    fn requests(&self) -> u64 {
        Ledger::requests(&self.reference)
    }

    fn made(&self, name: &str) -> usize {
        self.reference.made(name)
    }

    fn live(&self, name: &str) -> usize {
        self.reference.live(name)
    }

    fn create_body(&self, name: &str) -> Option<String> {
        self.reference.create_body(name).filter(|_| self.twist != Twist::NoBodies)
    }

    fn uses_left(&self, name: &str) -> Option<u64> {
        self.reference.uses_left(name)
    }
}

impl FaultSwitch for Twisted {
    fn offers(&self, operation: Operation, disturbance: Disturbance) -> bool {
        self.reference.faults().unwrap().offers(operation, disturbance)
    }

    fn disturb(&self, operation: Operation, disturbance: Disturbance) -> Result<(), NotAvailable> {
        if self.twist == Twist::IdleSwitch {
            return Ok(());
        }
        self.reference.faults().unwrap().disturb(operation, disturbance)
    }

    fn applied(&self) -> u64 {
        self.reference.faults().unwrap().applied()
    }

    fn clear(&self) {
        self.reference.faults().unwrap().clear();
    }

    fn endless_bytes_taken(&self) -> Option<u64> {
        let counts = self.twist != Twist::UncountedEndlessBodies;
        self.reference.faults().unwrap().endless_bytes_taken().filter(|_| counts)
    }
}

impl Outputs for Twisted {
    fn account_secrets(&self) -> Vec<String> {
        self.reference.account_secrets()
    }

    fn log(&self) -> String {
        self.reference.log()
    }

    fn debug_forms(&self) -> Vec<String> {
        if self.twist == Twist::NoDebugForms { Vec::new() } else { self.reference.debug_forms() }
    }
}

fn terse(effect: Effect) -> Error {
    Error::new(ErrorKind::Unavailable, "no").with_effect(effect)
}

/// An adapter around the reference's.
struct Wrapped {
    inner: Arc<dyn KeyIssuer>,
    pub(crate) twist: Twist,
    delay: Duration,
    /// Whether the deadline is over before there is a request.
    is_late: bool,
    has_revoked: AtomicBool,
}

impl Wrapped {
    fn new(inner: Arc<dyn KeyIssuer>, twist: Twist) -> Self {
        let (delay, has_revoked) = (Duration::ZERO, AtomicBool::new(false));
        Self { inner, twist, delay, is_late: false, has_revoked }
    }
}

#[async_trait]
impl KeyIssuer for Wrapped {
    fn profile(&self) -> &IssuerProfile {
        self.inner.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.inner.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        match self.twist {
            Twist::IssueHangs => return std::future::pending().await,
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
            return Err(Error::new(ErrorKind::Timeout, "it took too long"));
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
}
