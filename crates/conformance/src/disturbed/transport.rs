use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderName, Request, StatusCode};
use pinning_keys_core::Operation;
use pinning_keys_http::Transport;

use super::answers;
use super::expiry::{Expiry, Refused};
use super::json_pages::JsonPages;
use super::record::Record;
use crate::disturbance::Disturbance;
use crate::panics::lock;

type Classify = dyn Fn(&Request<Bytes>) -> Option<Operation> + Send + Sync;
type ErrorBody = dyn Fn(&str) -> String + Send + Sync;

/// A transport that wraps another one and disturbs requests on their way: the ready-made
/// [`FaultSwitch`](crate::FaultSwitch) for adapters that use `pinning-keys-http`.
///
/// Give it to the adapter as its transport, and return it from
/// [`Harness::faults`](crate::Harness::faults).
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::{Method, Request};
/// use pinning_keys_conformance::{Disturbance, DisturbedTransport, FaultSwitch as _, JsonPages};
/// use pinning_keys_core::Operation;
/// use pinning_keys_emulator::Emulator;
/// use pinning_keys_http::{Limits, Reach, Transport as _};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// fn operation(request: &Request<Bytes>) -> Option<Operation> {
///     match (request.method(), request.uri().path()) {
///         (&Method::POST, "/v3/pinata/keys") => Some(Operation::Issue),
///         (&Method::GET, "/v3/pinata/keys") => Some(Operation::List),
///         (&Method::PUT, path) if path.starts_with("/v3/pinata/keys/") => Some(Operation::Revoke),
///         (&Method::GET, "/data/testAuthentication") => Some(Operation::Verify),
///         _ => None,
///     }
/// }
///
/// let emulator = Emulator::in_memory();
/// let transport = DisturbedTransport::new(emulator.transport(), operation)
///     .with_pages(JsonPages::new("/keys").with_total("/count"));
///
/// transport.disturb(Operation::List, Disturbance::LoseAnswer)?;
/// let keys = format!("{}/v3/pinata/keys", emulator.pinata().base_url());
/// let request = Request::get(keys).body(Bytes::new())?;
/// let limits = Limits::new(Duration::from_secs(5), 1024);
/// let error = transport.send(request, limits).await.unwrap_err();
/// assert_eq!((error.reach(), transport.applied()), (Reach::MaybeSent, 1));
/// # Ok(())
/// # }
/// ```
///
/// # What it offers
///
/// Every [`Disturbance`] that needs no knowledge of the provider, and these, once it has been
/// given what they need:
///
/// * [`Echo`](Disturbance::Echo), with [`with_error_body`](Self::with_error_body);
/// * those of a page, with [`with_pages`](Self::with_pages);
/// * [`ExpireAccount`](Disturbance::ExpireAccount), with
///   [`with_expiry_by`](Self::with_expiry_by) or
///   [`with_expiry_refusal`](Self::with_expiry_refusal).
///
/// # What it checks, and what it does not
///
/// It sits between the adapter and the inner transport, and enforces the
/// [`Limits`](pinning_keys_http::Limits) itself: an answer that never ends is abandoned at the
/// timeout or at the maximum of bytes. That checks the limits that the adapter sets. Whether the
/// *inner* transport enforces them, follows redirects or sends a request twice shows only with a
/// server that misbehaves.
///
/// A request that was handed over is never reported as not sent, except with
/// [`RefuseConnection`](Disturbance::RefuseConnection).
pub struct DisturbedTransport {
    pub(super) inner: Arc<dyn Transport>,
    pub(super) operation: Box<Classify>,
    pub(super) error_body: Option<Box<ErrorBody>>,
    pub(super) pages: Option<JsonPages>,
    pub(super) expiry: Option<Expiry>,
    pub(super) next: Mutex<Option<(Operation, Disturbance)>>,
    pub(super) record: Record,
}

impl DisturbedTransport {
    /// Wraps a transport. `operation` returns the operation that a request belongs to, or `None`
    /// if it belongs to none that is disturbed, such as a login.
    ///
    /// The operation is that of the request, not of the call: if an adapter lists keys to find the
    /// one to revoke, those requests are [`Operation::List`].
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Method, Request};
    /// use pinning_keys_conformance::DisturbedTransport;
    /// use pinning_keys_core::Operation;
    /// # use pinning_keys_emulator::Emulator;
    ///
    /// # let inner = Emulator::in_memory().transport();
    /// let transport = DisturbedTransport::new(inner, |request: &Request<Bytes>| {
    ///     match *request.method() {
    ///         Method::POST => Some(Operation::Issue),
    ///         Method::DELETE => Some(Operation::Revoke),
    ///         _ => Some(Operation::List),
    ///     }
    /// });
    /// # let _ = transport;
    /// ```
    #[must_use]
    pub fn new(
        inner: impl Transport + 'static,
        operation: impl Fn(&Request<Bytes>) -> Option<Operation> + Send + Sync + 'static,
    ) -> Self {
        Self {
            inner: Arc::new(inner),
            operation: Box::new(operation),
            error_body: None,
            pages: None,
            expiry: None,
            next: Mutex::default(),
            record: Record::default(),
        }
    }

    /// Sets the provider's body of a refusal with this message, for [`Disturbance::Echo`].
    ///
    /// ```
    /// # use pinning_keys_conformance::DisturbedTransport;
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let transport = DisturbedTransport::new(emulator.transport(), |_| None);
    /// use serde_json::json;
    ///
    /// let transport =
    ///     transport.with_error_body(|message| json!({ "error": message }).to_string());
    /// # let _ = transport;
    /// ```
    #[must_use]
    pub fn with_error_body(
        mut self,
        body: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        self.error_body = Some(Box::new(body));
        self
    }

    /// Sets the form of the pages of the provider's list, for the disturbances of a page.
    ///
    /// ```
    /// # use pinning_keys_conformance::{DisturbedTransport, JsonPages};
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let transport = DisturbedTransport::new(emulator.transport(), |_| None);
    /// let transport = transport.with_pages(JsonPages::new("/data/keys"));
    /// # let _ = transport;
    /// ```
    #[must_use]
    pub fn with_pages(mut self, pages: JsonPages) -> Self {
        self.pages = Some(pages);
        self
    }

    /// Sets the function that expires the account's credential at a test server, for
    /// [`Disturbance::ExpireAccount`]. It is called right before the disturbed request is sent.
    ///
    /// ```
    /// # use pinning_keys_conformance::DisturbedTransport;
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let server = emulator.w3ipfs().clone();
    /// # let transport = DisturbedTransport::new(emulator.transport(), |_| None);
    /// let transport = transport.with_expiry_by(move || server.expire_jwt());
    /// # let _ = transport;
    /// ```
    #[must_use]
    pub fn with_expiry_by(mut self, expire: impl Fn() + Send + Sync + 'static) -> Self {
        self.expiry = Some(Expiry::AtServer(Box::new(expire)));
        self
    }

    /// Sets the header with the account's credential, and the provider's refusal of an expired one,
    /// for [`Disturbance::ExpireAccount`].
    ///
    /// Once a request has been disturbed, every request with the same value of the header is
    /// refused like this, and does not reach the server. The value must be the account's alone, and
    /// change when the credential is renewed.
    ///
    /// ```
    /// # use pinning_keys_conformance::DisturbedTransport;
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let transport = DisturbedTransport::new(emulator.transport(), |_| None);
    /// use http::StatusCode;
    /// use http::header::AUTHORIZATION;
    ///
    /// let transport = transport.with_expiry_refusal(
    ///     AUTHORIZATION,
    ///     StatusCode::UNAUTHORIZED,
    ///     r#"{"code":"expired_auth_token","status":401}"#,
    /// );
    /// # let _ = transport;
    /// ```
    #[must_use]
    pub fn with_expiry_refusal(
        mut self,
        header: HeaderName,
        status: StatusCode,
        body: impl Into<Bytes>,
    ) -> Self {
        let refusal = answers::answer(status, "application/json", body);
        self.expiry = Some(Expiry::Refused(Refused::new(header, refusal)));
        self
    }

    /// The number of requests so far, except those whose connection was
    /// [refused](Disturbance::RefuseConnection), for [`Ledger::requests`](crate::Ledger::requests).
    ///
    /// ```
    /// # use pinning_keys_conformance::DisturbedTransport;
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// let transport = DisturbedTransport::new(emulator.transport(), |_| None);
    /// assert_eq!(transport.requests(), 0);
    /// ```
    pub fn requests(&self) -> u64 {
        self.record.requests.get()
    }

    /// The number of create requests among them, for
    /// [`Ledger::create_requests`](crate::Ledger::create_requests).
    ///
    /// ```
    /// # use pinning_keys_conformance::DisturbedTransport;
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// let transport = DisturbedTransport::new(emulator.transport(), |_| None);
    /// assert_eq!(transport.create_requests(), 0);
    /// ```
    pub fn create_requests(&self) -> u64 {
        self.record.create_requests.get()
    }

    /// The body of the first create request that contains this name as a JSON string, for
    /// [`Ledger::create_body`](crate::Ledger::create_body).
    ///
    /// ```
    /// # use pinning_keys_conformance::DisturbedTransport;
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// let transport = DisturbedTransport::new(emulator.transport(), |_| None);
    /// assert_eq!(transport.create_body("dashboard"), None);
    /// ```
    pub fn create_body(&self, name: &str) -> Option<String> {
        self.record.create_body(name)
    }
}

impl fmt::Debug for DisturbedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DisturbedTransport")
            .field("next", &*lock(&self.next))
            .field("applied", &self.record.applied.get())
            .finish_non_exhaustive()
    }
}
