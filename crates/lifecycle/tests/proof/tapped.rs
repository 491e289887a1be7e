//! The store, the issuer and the sink of a node, whose calls are numbered.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use pinning_keys_core::{
    Account, Credential, CredentialFacts, Error, IssuedKey, IssuerProfile, KeyIssuer, KeyPage,
    KeyQuery, KeyRef, KeyRequest, Plan, ProbeConsent, ProbeReport, Revocation, Verification,
};
use pinning_keys_lifecycle::store::{
    Agendas, AuditFilter, AuditRow, Decide, KeyFilter, KeyPosition, KeyRow, Prune, Scope, Snapshot,
    StatusQuery, Store,
};
use pinning_keys_lifecycle::{Clock, KeyId, MemoryStore, StoreError};
use pinning_keys_sinks::{Delivery, DeliveryEffect, Incoming, Sink, SinkError};

use crate::tap::Tap;

pub(crate) struct TappedStore {
    pub(crate) tap: Tap,
    pub(crate) store: MemoryStore,
}

#[async_trait]
impl Store for TappedStore {
    fn clock(&self) -> &dyn Clock {
        self.store.clock()
    }

    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        self.tap.call("transact", self.store.transact(scope, decide)).await
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        self.tap.call("find", self.store.find(ids)).await
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        self.tap.call("keys", self.store.keys(filter, after, limit)).await
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        self.tap.call("status", self.store.status(query)).await
    }

    async fn agenda(&self, query: StatusQuery) -> Result<Agendas, StoreError> {
        self.tap.call("agenda", self.store.agenda(query)).await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.tap.call("audit", self.store.audit(filter, after, limit)).await
    }

    async fn prune(&self, what: Prune) -> Result<u64, StoreError> {
        self.tap.call("prune", self.store.prune(what)).await
    }
}

pub(crate) struct TappedIssuer {
    pub(crate) tap: Tap,
    pub(crate) issuer: Arc<dyn KeyIssuer>,
}

#[async_trait]
impl KeyIssuer for TappedIssuer {
    fn profile(&self) -> &IssuerProfile {
        self.issuer.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.issuer.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        self.tap.call("issue", self.issuer.issue(request)).await
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.tap.call("list", self.issuer.list(query)).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.tap.call("revoke", self.issuer.revoke(key)).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.tap.call("verify", self.issuer.verify(credential)).await
    }

    async fn probe(
        &self,
        credential: &Credential,
        consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        self.tap.call("probe", self.issuer.probe(credential, consent)).await
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        self.issuer.credential_facts(credential)
    }

    async fn is_own_key(&self, key: &KeyRef) -> Result<Option<bool>, Error> {
        self.tap.call("is_own_key", self.issuer.is_own_key(key)).await
    }

    async fn account(&self) -> Result<Option<Account>, Error> {
        self.tap.call("account", self.issuer.account()).await
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        let issuer = self.issuer.confined_to(account_id)?;
        Some(Arc::new(Self { tap: self.tap.clone(), issuer }))
    }
}

/// How a sink treats the secrets that it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It stores them.
    Works,
    /// It refuses them, and says that nothing has arrived.
    Refuses,
    /// It says that it does not know whether they have arrived.
    Doubts,
    /// It never answers.
    Hangs,
}

pub(crate) struct TappedSink {
    pub(crate) tap: Tap,
    pub(crate) manner: Manner,
}

impl fmt::Display for TappedSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the proof's sink")
    }
}

#[async_trait]
impl Sink for TappedSink {
    async fn check(&self, _: &Incoming) -> Result<(), SinkError> {
        self.tap.call("check", async { Ok(()) }).await
    }

    async fn deliver(&self, _: &Delivery<'_>) -> Result<(), SinkError> {
        let manner = self.manner;
        let delivered = async move {
            match manner {
                Manner::Works => Ok(()),
                Manner::Refuses => Err(SinkError::new("the sink refused")),
                Manner::Doubts => {
                    Err(SinkError::new("no answer").with_effect(DeliveryEffect::Unknown))
                }
                Manner::Hangs => std::future::pending().await,
            }
        };
        self.tap.call("deliver", delivered).await
    }
}
