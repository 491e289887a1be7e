//! The store and the transport of a node, whose calls are numbered.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use pinning_keys_http::{Limits, ReqwestTransport, Transport, TransportError};
use pinning_keys_lifecycle::store::{
    Agendas, AuditFilter, AuditRow, Decide, KeyFilter, KeyPosition, KeyRow, Prune, Scope, Snapshot,
    StatusQuery, Store,
};
use pinning_keys_lifecycle::{Clock, KeyId, StoreError};

use crate::tap::Tap;

pub(crate) struct TappedStore {
    pub(crate) tap: Tap,
    pub(crate) store: Box<dyn Store>,
}

#[async_trait]
impl Store for TappedStore {
    fn clock(&self) -> &dyn Clock {
        self.store.clock()
    }

    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        self.tap.call_store("transact", self.store.transact(scope, decide)).await
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        self.tap.call_store("find", self.store.find(ids)).await
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        self.tap.call_store("keys", self.store.keys(filter, after, limit)).await
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        self.tap.call_store("status", self.store.status(query)).await
    }

    async fn agenda(&self, query: StatusQuery) -> Result<Agendas, StoreError> {
        self.tap.call_store("agenda", self.store.agenda(query)).await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.tap.call_store("audit", self.store.audit(filter, after, limit)).await
    }

    async fn prune(&self, what: Prune) -> Result<u64, StoreError> {
        self.tap.call_store("prune", self.store.prune(what)).await
    }
}

/// The way to the provider. It keeps the answers to creates, so that the test knows the secrets.
pub(crate) struct TappedTransport {
    pub(crate) tap: Tap,
    pub(crate) transport: ReqwestTransport,
    pub(crate) answers: Arc<File>,
}

#[async_trait]
impl Transport for TappedTransport {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let is_create = request.method() == Method::POST;
        let name = match *request.method() {
            Method::POST => "create",
            Method::GET => "list",
            _ => "revoke",
        };
        let answer = async {
            let answer = self.transport.send(request, limits).await?;
            if is_create {
                let line = [answer.body(), &b"\n"[..]].concat();
                (&*self.answers).write_all(&line).unwrap();
            }
            Ok(answer)
        };
        self.tap.call(name, answer).await
    }
}
