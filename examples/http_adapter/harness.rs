//! The harness of the conformance suite: an account at the fake server, in memory or over TCP.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use pinning_keys::transport::Transport;
use pinning_keys::{Credential, KeyIssuer, Operation, Permission};
use pinning_keys_conformance::{
    BoxError, DisturbedTransport, FaultSwitch, Harness, JsonPages, Ledger, Outputs, Probe,
    STRANGE_KEY, ShortPages, Surroundings, async_trait, capture,
};
use serde_json::{Value, json};

use crate::b2::B2Config;
use crate::fake::Fake;

const DEADLINE: Duration = Duration::from_secs(10);

/// So small that the keys of a case fill several pages.
const PAGE_SIZE: NonZeroUsize = NonZeroUsize::new(4).unwrap();

pub(crate) struct Stand {
    fake: Fake,
    transport: Arc<DisturbedTransport>,
    /// The server's base URL, if it is reached over TCP.
    base_url: Option<String>,
    has_faults: bool,
}

impl Stand {
    pub(crate) fn in_memory() -> Self {
        let fake = Fake::new();
        let transport = Arc::new(disturbed(&fake, fake.clone()));
        capture::begin();
        Self { fake, transport, base_url: None, has_faults: true }
    }

    pub(crate) async fn over_tcp(inner: impl Transport + 'static) -> Self {
        let fake = Fake::new();
        let base_url = Some(fake.serve().await.expect("a free port"));
        let transport = Arc::new(disturbed(&fake, inner));
        capture::begin();
        Self { fake, transport, base_url, has_faults: true }
    }

    pub(crate) fn without_faults(mut self) -> Self {
        self.has_faults = false;
        self
    }

    fn config(&self) -> B2Config {
        let (id, secret) = self.fake.master_key();
        let config = B2Config::new().with_key_pair(id, secret).with_page_size(PAGE_SIZE);
        let config = config.with_transport(self.transport.clone());
        match &self.base_url {
            Some(url) => config.with_base_url(url),
            None => config,
        }
    }

    /// The status and the body of the answer to a call, without a transport in between.
    fn call(&self, method: Method, call: &str, headers: HeaderMap) -> (StatusCode, Value) {
        let mut request = Request::new(Bytes::from_static(b"{}"));
        *request.method_mut() = method;
        *request.uri_mut() = format!("/b2api/v3/{call}").parse().expect("a path");
        *request.headers_mut() = headers;
        let response = self.fake.answer(&request);
        (response.status(), serde_json::from_slice(response.body()).expect("the answer is JSON"))
    }

    /// What a login with these headers gives for the calls that follow.
    fn log_in(&self, headers: HeaderMap) -> Option<HeaderMap> {
        let (_, session) = self.call(Method::GET, "b2_authorize_account", headers);
        let token = HeaderValue::from_str(session["authorizationToken"].as_str()?).ok()?;
        Some(HeaderMap::from_iter([(AUTHORIZATION, token)]))
    }
}

fn built(config: B2Config) -> Result<Arc<dyn KeyIssuer>, BoxError> {
    Ok(Arc::new(config.build()?))
}

/// The switch for disturbances, around the transport to the server.
fn disturbed(fake: &Fake, inner: impl Transport + 'static) -> DisturbedTransport {
    let (id, secret) = fake.master_key();
    let account = Credential::basic("b2", id, secret).expect("a credential").headers();
    // Holders and the account log in with the same call. Only that of a holder verifies a key.
    let operation = move |request: &Request<Bytes>| match request.uri().path().rsplit('/').next() {
        Some("b2_create_key") => Some(Operation::Issue),
        Some("b2_list_keys") => Some(Operation::List),
        Some("b2_delete_key") => Some(Operation::Revoke),
        _ if request.headers().get(AUTHORIZATION) != account.get(AUTHORIZATION) => {
            Some(Operation::Verify)
        }
        _ => None,
    };
    let pages = JsonPages::new("/keys")
        .with_short_pages(ShortPages::Member("maxKeyCount"))
        .with_strange_row(|row| {
            row["applicationKeyId"] = json!("strange");
            row["keyName"] = json!(STRANGE_KEY);
            row["capabilities"] = json!(["listFiles", "telepathy"]);
        });
    let fake = fake.clone();
    DisturbedTransport::new(inner, operation)
        .with_error_body(|message| {
            json!({ "status": 400, "code": "bad_request", "message": message }).to_string()
        })
        .with_pages(pages)
        .with_expiry_by(move || fake.expire_sessions())
}

#[async_trait]
impl Harness for Stand {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        built(self.config().with_deadline(DEADLINE))
    }

    fn label(&self) -> &'static str {
        "conformance"
    }

    fn max_keys(&self) -> usize {
        1000
    }

    fn minimum(&self) -> usize {
        if self.has_faults { 125 } else { 59 }
    }

    fn propagation(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }

    async fn issuer_within(
        &self,
        deadline: Duration,
    ) -> Result<Option<Arc<dyn KeyIssuer>>, BoxError> {
        built(self.config().with_deadline(deadline)).map(Some)
    }

    fn pauses_clock(&self) -> bool {
        self.base_url.is_none()
    }

    fn probe(&self) -> Option<&dyn Probe> {
        Some(self)
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        Some(self)
    }

    fn faults(&self) -> Option<&dyn FaultSwitch> {
        self.has_faults.then_some(&*self.transport as &dyn FaultSwitch)
    }

    fn outputs(&self) -> Option<&dyn Outputs> {
        Some(self)
    }

    fn surroundings(&self) -> Option<&dyn Surroundings> {
        Some(self)
    }
}

#[async_trait]
impl Probe for Stand {
    async fn may(
        &self,
        credential: &Credential,
        permission: Permission,
    ) -> Result<Option<bool>, BoxError> {
        // Ways to use the permission, each of which takes all of its calls.
        let ways: &[&[&str]] = match permission {
            Permission::PinsList => &[&["b2_list_file_names"]],
            Permission::PinsAddFile | Permission::UploadsDelegate => &[&["b2_get_upload_url"]],
            // A bucket's lifecycle rules delete files, too.
            Permission::PinsRemove => &[&["b2_delete_file_version"], &["b2_update_bucket"]],
            // Whoever can download a file can sign a link to it.
            Permission::LinksCreate => {
                &[&["b2_get_download_authorization"], &["b2_download_file_by_id"]]
            }
            Permission::GroupsRead => &[&["b2_list_buckets"]],
            Permission::GroupsWrite => &[&["b2_create_bucket", "b2_delete_bucket"]],
            Permission::KeysManage => &[&["b2_list_keys", "b2_create_key", "b2_delete_key"]],
            _ => return Ok(None),
        };
        let Some(session) = self.log_in(credential.headers()) else { return Ok(Some(false)) };
        // The server checks the capability first, and a call without members does nothing.
        let may = |call: &&str| {
            let (status, _) = self.call(Method::POST, call, session.clone());
            status != StatusCode::UNAUTHORIZED
        };
        Ok(Some(ways.iter().any(|calls| calls.iter().all(may))))
    }

    async fn authenticates(&self, headers: HeaderMap) -> Result<Option<bool>, BoxError> {
        Ok(Some(self.log_in(headers).is_some()))
    }
}

impl Ledger for Stand {
    fn requests(&self) -> u64 {
        self.transport.requests()
    }

    fn made(&self, name: &str) -> usize {
        self.fake.made(name)
    }

    fn live(&self, name: &str) -> usize {
        self.fake.live().iter().filter(|live| *live == name).count()
    }

    fn create_requests(&self) -> Option<u64> {
        Some(self.transport.create_requests())
    }

    fn create_body(&self, name: &str) -> Option<String> {
        self.transport.create_body(name)
    }

    fn expires_at(&self, name: &str) -> Option<SystemTime> {
        self.fake.expires_at(name)
    }
}

impl Outputs for Stand {
    fn account_secrets(&self) -> Vec<String> {
        vec![self.fake.master_key().1]
    }

    fn log(&self) -> String {
        capture::lines().join("\n")
    }

    fn debug_forms(&self) -> Vec<String> {
        let issuer = self.config().build().expect("an issuer");
        vec![format!("{:?}", self.config()), format!("{issuer:?}")]
    }
}

#[async_trait]
impl Surroundings for Stand {
    async fn issuer_at(&self, origin: &str) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        built(self.config().with_base_url(origin))
    }

    /// The transport, and not the adapter, decides about proxies.
    fn has_proxy(&self) -> bool {
        false
    }

    async fn issuer_behind_proxy(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Err("there is no proxy".into())
    }

    fn proxied(&self) -> u64 {
        0
    }
}
