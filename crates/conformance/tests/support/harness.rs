//! The harness of the reference adapter.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_conformance::{
    BoxError, FaultSwitch, Harness, Ledger, Outputs, Probe, Surroundings,
};
use pinning_keys_core::{Credential, KeyIssuer, Operation, Permission};

use super::adapter::{Adapter, DEADLINE, Shared};
use super::line::Line;
use super::mutation::Mutation::{self, AsksForLacking};
use super::provider::{ACCOUNT, Held, Request};

pub(crate) struct Reference {
    line: Arc<Line>,
    shared: Arc<Shared>,
    wrong: Option<Mutation>,
    lacks: &'static [Operation],
}

impl Reference {
    /// An adapter that is right, or wrong in one way.
    pub(crate) fn new(wrong: Option<Mutation>) -> Self {
        let lacks: &[Operation] = match wrong {
            Some(AsksForLacking(Operation::List)) => &[Operation::List],
            Some(AsksForLacking(_)) => &[Operation::Revoke],
            _ => &[],
        };
        Self { line: Arc::new(Line::new()), shared: Arc::default(), wrong, lacks }
    }

    /// An adapter for a provider that does not have these operations.
    pub(crate) fn lacking(lacks: &'static [Operation]) -> Self {
        Self { lacks, ..Self::new(None) }
    }

    fn adapter(&self) -> Adapter {
        Adapter::new(Arc::clone(&self.line), Arc::clone(&self.shared), self.wrong)
            .lacking(self.lacks)
    }

    pub(crate) fn keys(&self) -> Vec<Held> {
        self.line.provider.keys()
    }

    /// Makes a key of the account's own, past the adapter.
    pub(crate) fn has_own_key(&self, name: &str) {
        let body = format!(r#"{{"name":"{name}","admin":true,"rights":[]}}"#);
        let secret = ACCOUNT.to_owned();
        let request = Request { method: "POST", path: "/keys".to_owned(), secret, body };
        self.line.provider.answer(&request);
    }

    fn named(&self, name: &str) -> Vec<Held> {
        let mut keys = self.keys();
        keys.retain(|key| key.name == name);
        keys
    }
}

#[async_trait]
impl Harness for Reference {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(Arc::new(self.adapter()))
    }

    fn label(&self) -> &'static str {
        "suite"
    }

    fn max_keys(&self) -> usize {
        500
    }

    fn minimum(&self) -> usize {
        110
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
        Ok(Some(Arc::new(self.adapter().within(deadline))))
    }

    fn pauses_clock(&self) -> bool {
        true
    }

    fn probe(&self) -> Option<&dyn Probe> {
        Some(self)
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        Some(self)
    }

    fn faults(&self) -> Option<&dyn FaultSwitch> {
        Some(&*self.line)
    }

    fn outputs(&self) -> Option<&dyn Outputs> {
        Some(self)
    }

    fn surroundings(&self) -> Option<&dyn Surroundings> {
        Some(self)
    }
}

#[async_trait]
impl Probe for Reference {
    async fn may(
        &self,
        credential: &Credential,
        permission: Permission,
    ) -> Result<Option<bool>, BoxError> {
        // No route is known for figures, so that they are read back.
        if permission == Permission::UsageRead {
            return Ok(None);
        }
        let secret = credential.expose().bearer().unwrap_or_default();
        Ok(Some(self.line.provider.may(secret, permission)))
    }
}

impl Ledger for Reference {
    fn requests(&self) -> u64 {
        self.line.requests()
    }

    fn made(&self, name: &str) -> usize {
        self.named(name).len()
    }

    fn live(&self, name: &str) -> usize {
        self.named(name).iter().filter(|key| !key.revoked).count()
    }

    fn create_requests(&self) -> Option<u64> {
        Some(self.line.creates())
    }

    fn create_body(&self, name: &str) -> Option<String> {
        self.named(name).pop().map(|key| key.body)
    }

    fn uses_left(&self, name: &str) -> Option<u64> {
        self.named(name).pop()?.uses_left()
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
        vec![format!("{:?}", self.adapter())]
    }
}

#[async_trait]
impl Surroundings for Reference {
    async fn issuer_at(&self, origin: &str) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(Arc::new(self.adapter().at(origin)?))
    }

    async fn issuer_behind_proxy(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(Arc::new(self.adapter().behind_proxy()))
    }

    fn proxied(&self) -> u64 {
        self.line.proxied()
    }
}
