//! An emulator with a transport to it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use pinning_keys_emulator::{Emulator, EmulatorBuilder, Fault, FaultRule, FaultTally};
use pinning_keys_http::{
    Limits, Reach, ReqwestTransport, Transport, TransportError, TransportErrorKind,
};
use serde_json::{Value, json};

use crate::common::client;

/// Creates at Pinata.
pub(crate) const PINATA: &str = "/v3/api_keys";

/// Creates at W3IPFS.
pub(crate) const W3IPFS: &str = "/api/apiKeys/";

/// The default limit on the bytes of an answer.
pub(crate) const MOST_READ: usize = 64 * 1024;

pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) emulator: Emulator,
    transport: Arc<dyn Transport>,
}

pub(crate) type Sent = Result<Response<Bytes>, TransportError>;

impl Line {
    pub(crate) fn in_memory(emulator: EmulatorBuilder) -> Self {
        Self::beside(emulator.in_memory())
    }

    /// In memory, whether or not the emulator has a server as well.
    pub(crate) fn beside(emulator: Emulator) -> Self {
        Self { name: "in memory", transport: emulator.transport(), emulator }
    }

    pub(crate) async fn over_tcp(emulator: EmulatorBuilder) -> Self {
        let emulator = emulator.start().await.unwrap();
        // All settings are the transport's own but TLS, which is not needed here.
        let transport = ReqwestTransport::builder().client(client::builder).keep_tls();
        Self { name: "over TCP", emulator, transport: Arc::new(transport.build().unwrap()) }
    }

    pub(crate) fn add(&self, rule: FaultRule) -> FaultTally {
        self.emulator.faults().add(rule)
    }

    /// A request with the account's credential, within these limits.
    pub(crate) async fn send_limited(
        &self,
        limits: Limits,
        method: Method,
        path: &str,
        body: &str,
    ) -> Sent {
        let (pinata, w3ipfs) = (self.emulator.pinata(), self.emulator.w3ipfs());
        let jwt = if path.starts_with("/api") { w3ipfs.jwt() } else { pinata.jwt().to_owned() };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", pinata.base_url()))
            .header("authorization", format!("Bearer {jwt}"))
            .body(Bytes::from(body.to_owned()));
        self.transport.send(request.unwrap(), limits).await
    }

    /// A request with these credential headers.
    pub(crate) async fn show(&self, headers: &[(&str, String)], path: &str) -> Sent {
        let mut request = Request::get(format!("{}{path}", self.emulator.pinata().base_url()));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let limits = Limits::new(Duration::from_secs(20), MOST_READ);
        self.transport.send(request.body(Bytes::new()).unwrap(), limits).await
    }

    pub(crate) async fn send_within(
        &self,
        timeout: Duration,
        method: Method,
        path: &str,
        body: &str,
    ) -> Sent {
        self.send_limited(Limits::new(timeout, MOST_READ), method, path, body).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &str) -> Sent {
        self.send_within(Duration::from_secs(20), method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Sent {
        self.send(Method::GET, path, "").await
    }

    /// Creates a key at the provider that this path belongs to.
    pub(crate) async fn create(&self, path: &str, name: &str) -> Sent {
        self.send(Method::POST, path, &new_key(name)).await
    }

    pub(crate) fn made(&self) -> usize {
        self.emulator.keys_made()
    }
}

/// The body of a create that either provider accepts.
pub(crate) fn new_key(name: &str) -> String {
    let permissions = json!({ "admin": true });
    json!({ "keyName": name, "name": name, "permissions": permissions, "scopes": permissions })
        .to_string()
}

pub(crate) async fn both() -> [Line; 2] {
    [Line::in_memory(Emulator::builder()), Line::over_tcp(Emulator::builder()).await]
}

/// A rule for the creates at this path.
pub(crate) fn creates(path: &str, fault: Fault) -> FaultRule {
    FaultRule::new(fault).method(Method::POST).path(path)
}

/// The kind of failure, and how far the request got.
pub(crate) fn failure(sent: Sent) -> (TransportErrorKind, Reach) {
    let error = sent.unwrap_err();
    (error.kind(), error.reach())
}

pub(crate) fn status(sent: Sent) -> StatusCode {
    sent.unwrap().status()
}

pub(crate) fn json_of(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}
