//! Everything that reads text or bytes from outside, as functions of any bytes: none panics, their
//! results are bounded, and no error repeats a secret.
//!
//! `cargo fuzz` runs them for a long time, and `tests/entry_points` briefly in every `cargo test`.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use pinning_keys::adapter::BaseUrl;
use pinning_keys::adapter::PairHeaders;
use pinning_keys::pinata::{ENDPOINTS, PinataConfig, RESOURCES, Route};
use pinning_keys::transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use pinning_keys::w3ipfs::{SCOPES, W3ipfsConfig};
use pinning_keys::{
    Credential, Error, IssuedKey, IssuerConfig, KeyIssuer, KeyName, KeyPage, KeyQuery, KeyRef,
    KeyRequest, KeyScope, Permission, PermissionSet, ScopeRequest,
};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep};

pub type EntryPoint = (&'static str, fn(&[u8]));

/// The entry points by name; a fuzz target and its corpus have the same name.
pub const ALL: [EntryPoint; 7] = [
    ("pinata_answers", pinata_answers),
    ("w3ipfs_answers", w3ipfs_answers),
    ("scopes", scopes),
    ("configuration", configuration),
    ("base_url", base_url),
    ("retry_after", retry_after),
    ("key_ref", key_ref),
];

/// These bytes of an input stand for the secrets, which random inputs would hardly contain.
pub const ACCOUNT_MARK: u8 = 1;
pub const HOLDER_MARK: u8 = 2;

const ACCOUNT: &str = "eyJhY2NvdW50.c2VjcmV0.QWNjb3VudFNlY3JldA";
const HOLDER: &str = "eyJob2xkZXIx.c2VjcmV0.SG9sZGVyU2VjcmV0MQ";

/// The statuses of answers; the second byte of an input selects one, `A` the first.
pub const STATUSES: [u16; 16] =
    [200, 201, 204, 301, 307, 308, 400, 401, 403, 404, 409, 410, 413, 429, 500, 503];

/// The longest text of an error, however long the answer is.
const LONGEST_ERROR: usize = 32 * 1024;

const LONGEST_DEADLINE: Duration = Duration::from_secs(30);

/// Pinata's answers to an operation.
pub fn pinata_answers(data: &[u8]) {
    let Some(input) = Input::read(data) else { return };
    let config = PinataConfig::new().with_base_url("https://provider.test").with_jwt(ACCOUNT);
    let route = [Route::V3, Route::Sdk, Route::Legacy][usize::from(input.variant) % 3];
    let issuer = config.with_route(route).with_transport(input.transport()).build().unwrap();
    let headers = PairHeaders::new("pinata_api_key", "pinata_secret_api_key");
    let holder = Credential::bearer("pinata", HOLDER).unwrap();
    let holder = holder.with_key_pair(headers, "public-part", HOLDER).unwrap();
    operate(&issuer, input.operation, &holder);
}

/// W3IPFS's answers to an operation.
pub fn w3ipfs_answers(data: &[u8]) {
    let Some(input) = Input::read(data) else { return };
    let config = W3ipfsConfig::new().with_base_url("https://provider.test/api");
    let config = match input.variant % 2 {
        0 => config.with_jwt(ACCOUNT),
        _ => config.with_key_pair("public-part-of-the-account", ACCOUNT),
    };
    let issuer = config.with_transport(input.transport()).build().unwrap();
    let headers = PairHeaders::new("pinning_api_key", "pinning_secret_key");
    let holder = Credential::key_pair("w3ipfs", headers, "public-part", HOLDER).unwrap();
    operate(&issuer, input.operation, &holder);
}

/// An input: operation, status, variant and the body of the answer.
struct Input {
    operation: u8,
    status: StatusCode,
    variant: u8,
    body: Bytes,
}

impl Input {
    fn read(data: &[u8]) -> Option<Self> {
        let [operation, status, variant, body @ ..] = data else { return None };
        let status = STATUSES[usize::from(status.wrapping_sub(b'A')) % STATUSES.len()];
        Some(Self {
            operation: operation.wrapping_sub(b'A') % 4,
            status: StatusCode::from_u16(status).unwrap(),
            variant: variant.wrapping_sub(b'A'),
            body: with_secrets(body),
        })
    }

    /// A transport that gives every request this answer.
    fn transport(&self) -> Arc<Canned> {
        let line = self.body.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let value = HeaderValue::from_bytes(line).ok();
        let header = value.map(|value| (http::header::LOCATION, value));
        Arc::new(Canned { status: self.status, header, body: self.body.clone() })
    }
}

fn with_secrets(bytes: &[u8]) -> Bytes {
    let piece = |byte: &u8| match *byte {
        ACCOUNT_MARK => ACCOUNT.as_bytes().to_vec(),
        HOLDER_MARK => HOLDER.as_bytes().to_vec(),
        other => vec![other],
    };
    bytes.iter().flat_map(piece).collect()
}

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// The time of each request, so that an endless list reaches the deadline.
const LATENCY: Duration = Duration::from_millis(100);

/// Gives every request the same answer.
struct Canned {
    status: StatusCode,
    header: Option<(HeaderName, HeaderValue)>,
    body: Bytes,
}

#[async_trait]
impl Transport for Canned {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        assert!(limits.max_body_bytes <= 8 * 1024 * 1024, "the body is bounded");
        assert!(limits.timeout <= LONGEST_DEADLINE, "the time is bounded");
        let host = request.uri().host().unwrap_or_default();
        assert!(!text(request.body()).contains(ACCOUNT) && !host.is_empty());
        sleep(LATENCY).await;
        if self.body.len() > limits.max_body_bytes {
            let reach = Reach::Answered(self.status);
            return Err(TransportError::new(TransportErrorKind::BodyTooLarge, reach));
        }
        let mut answer = Response::new(self.body.clone());
        *answer.status_mut() = self.status;
        answer.headers_mut().extend(self.header.clone());
        Ok(answer)
    }
}

/// A runtime with a paused clock, so that waits take no time.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

fn operate(issuer: &dyn KeyIssuer, operation: u8, holder: &Credential) {
    runtime().block_on(async {
        let began = Instant::now();
        match operation {
            0 => check(issuer.issue(&request()).await, |key| check_key(&key)),
            1 => check(issuer.list(&KeyQuery::new()).await, |page| check_page(&page)),
            2 => check(issuer.revoke(&key_of(issuer)).await, |_| {}),
            _ => check(issuer.verify(holder).await, |_| {}),
        }
        assert!(began.elapsed() <= LONGEST_DEADLINE + Duration::from_secs(1));
    });
}

fn request() -> KeyRequest {
    let name = KeyName::new("a name of ours").unwrap();
    let scope = ScopeRequest::needs([Permission::PinsAddFile]);
    KeyRequest::new(name, scope.tolerates("pinata:org:files:write")).unwrap()
}

fn key_of(issuer: &dyn KeyIssuer) -> KeyRef {
    KeyRef::new(issuer.profile().provider(), "public-part").unwrap()
}

fn check<T>(result: Result<T, Error>, look: impl FnOnce(T)) {
    match result {
        Ok(value) => look(value),
        Err(error) => check_error(&error),
    }
}

/// No error shows a secret, and none is long.
fn check_error(error: &Error) {
    let mut shown = format!("{error}\n{error:?}\n{error:#?}\n{:?}", error.provider_code());
    let mut source = error.source();
    while let Some(cause) = source {
        write!(shown, "\n{cause}\n{cause:?}").unwrap();
        source = cause.source();
    }
    assert!(shown.len() <= LONGEST_ERROR, "an error of {} bytes", shown.len());
    for secret in [ACCOUNT, HOLDER] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// A new key shows none of its secrets, unless the provider uses the same text as the public part.
fn check_key(key: &IssuedKey) {
    let shown = format!("{key:?} {key:#?} {}", key.key_ref());
    let exposed = key.credential().expose();
    for secret in [exposed.bearer(), exposed.api_secret()].into_iter().flatten() {
        let is_public = key.key_ref().api_key().contains(secret);
        assert!(secret.len() < 24 || is_public || !shown.contains(secret), "{shown}");
    }
    check_reference(key.key_ref());
}

fn check_page(page: &KeyPage) {
    for record in page.records() {
        check_reference(record.key_ref());
        let _ = format!("{record:?} {}", record.scope());
    }
    let _ = format!("{page:?} {}", page.discrepancies());
}

/// An app reads back what it stored.
fn check_reference(key: &KeyRef) {
    assert_eq!(key.to_string().parse::<KeyRef>().unwrap(), *key);
    let stored = serde_json::to_string(key).unwrap();
    assert_eq!(serde_json::from_str::<KeyRef>(&stored).unwrap(), *key);
}

/// Texts of permissions, scopes and native names, and requests built from them: a word with `?` is
/// preferred, one with `~` is tolerated, and any other is needed.
pub fn scopes(data: &[u8]) {
    let text = text(data);
    let _ = serde_json::from_str::<KeyScope>(&text).map(check_scope);
    let _ = serde_json::from_str::<Permission>(&text).map_err(|error| error.to_string());
    if let Ok(scope) = text.parse::<KeyScope>() {
        check_scope(scope);
    }
    let known = |word: &str| word.parse::<Permission>().map_err(|error| error.to_string()).ok();
    let words = || text.split_whitespace().take(64);
    let needs: PermissionSet = words().filter_map(known).collect();
    let preferred = words().filter_map(|word| word.strip_prefix('?'));
    let prefers: PermissionSet = preferred.filter_map(known).collect();
    let tolerated = || words().filter_map(|word| word.strip_prefix('~'));
    let request = ScopeRequest::needs(needs).prefers(prefers);
    let request = tolerated().fold(request, ScopeRequest::tolerates);
    let is_exact = tolerated().next().is_none();
    let _ = (request.to_string(), request.check().map_err(|error| error.to_string()));
    for table in [&RESOURCES, &ENDPOINTS, &SCOPES] {
        let _ = format!("{:?}", table.read(words()));
        match table.translate(&request) {
            Ok(translation) => {
                let granted = translation.granted().permissions().expect("never admin");
                assert!(needs.is_subset(granted), "{request} got {granted}");
                let may = KeyScope::of(needs | prefers).permissions().expect("never admin");
                assert!(!is_exact || granted.is_subset(may), "{request} got {granted}");
            }
            Err(error) => assert!(error.to_string().len() <= LONGEST_ERROR + 8 * data.len()),
        }
    }
}

fn check_scope(scope: KeyScope) {
    assert_eq!(scope.to_string().parse::<KeyScope>().ok(), Some(scope));
    let written = serde_json::to_string(&scope).unwrap();
    assert_eq!(serde_json::from_str::<KeyScope>(&written).unwrap(), scope);
}

/// A configuration file, and the same lines as settings and as environment variables, with our
/// prefix and as they are.
pub fn configuration(data: &[u8]) {
    let file = toml::from_str::<IssuerConfig>(&text(data));
    let _ = file.map(|config| format!("{config:?}")).map_err(|error| error.to_string());
    let lines = text(data);
    let settings = || {
        let lines = lines.lines().take(64).filter_map(|line| line.split_once('='));
        // A secret may be anywhere but in a name.
        lines.map(|(name, value)| (name.trim(), text(&with_secrets(value.trim().as_bytes()))))
    };
    let names = settings().map(|(name, _)| format!("PINNING_KEYS_{}", name.to_uppercase()));
    let variables =
        names.filter(|name| !name.contains('\0')).zip(settings().map(|(_, value)| value));
    check(IssuerConfig::from_vars(variables), check_config);
    check(IssuerConfig::from_vars(settings()), check_config);
    for provider in IssuerConfig::PROVIDERS {
        let config = IssuerConfig::for_provider(provider);
        let config = settings().try_fold(config.unwrap(), |config, (name, value)| {
            config.with_setting(name, value.trim_matches('"'))
        });
        check(config, check_config);
    }
}

fn check_config(config: IssuerConfig) {
    let shown = format!("{config:?} {config:#?}");
    assert!(!shown.contains(ACCOUNT) && !shown.contains(HOLDER), "{shown}");
    let transport = Canned { status: StatusCode::OK, header: None, body: Bytes::new() };
    check(config.with_transport(Arc::new(transport)).build(), |issuer| {
        let _ = issuer.plan(&request()).map_err(|error| check_error(&error));
    });
}

/// A base URL, followed by lines with hosts that allow plain http.
pub fn base_url(data: &[u8]) {
    let text = text(data);
    let mut lines = text.split('\n');
    let url = lines.next().unwrap_or_default();
    let hosts: Vec<String> = lines.take(8).map(str::to_owned).collect();
    match BaseUrl::parse(url, &hosts) {
        Ok(parsed) => {
            let again = BaseUrl::parse(parsed.as_str(), &hosts).expect("a parsed URL parses again");
            assert_eq!(again, parsed);
            assert!(parsed.is_https() || parsed.is_loopback() || !hosts.is_empty(), "{parsed}");
            assert!(!parsed.as_str().contains(['?', '#', '\\', ' ', '\n']), "{parsed}");
            // After the host, an @ is part of the path.
            assert!(!parsed.as_str().split('/').nth(2).unwrap().contains('@'), "{parsed}");
            assert!(!parsed.as_str().ends_with('/'), "{parsed}");
        }
        Err(error) => check_error(&error),
    }
    let error = BaseUrl::parse(&format!("https://user:{ACCOUNT}@{url}"), &hosts);
    check_error(&error.expect_err("credentials are refused"));
}

/// Values of `Retry-After`, which are reported, and waited for within bounds.
pub fn retry_after(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE] {
        let header = Some((http::header::RETRY_AFTER, value.clone()));
        let transport = Canned { status, header, body: Bytes::new() };
        let config = W3ipfsConfig::new().with_jwt(ACCOUNT).with_transport(Arc::new(transport));
        let issuer = config.build().unwrap();
        runtime().block_on(async {
            let began = Instant::now();
            let errors = [
                issuer.issue(&request()).await.expect_err("it is refused"),
                issuer.list(&KeyQuery::new()).await.expect_err("it is refused"),
            ];
            assert!(began.elapsed() <= LONGEST_DEADLINE + Duration::from_secs(1));
            for error in errors {
                let asked = error.retry_after().unwrap_or_default();
                assert!(asked <= Duration::from_secs(366 * 24 * 60 * 60), "{asked:?}");
                check_error(&error);
            }
        });
    }
}

/// Stored references and credentials, and names.
pub fn key_ref(data: &[u8]) {
    let text = text(data);
    match text.parse::<KeyRef>() {
        Ok(key) => check_reference(&key),
        Err(error) => check_error(&error),
    }
    let _ = serde_json::from_slice::<KeyRef>(data).map(|key| check_reference(&key));
    let stored = with_secrets(data);
    match serde_json::from_slice::<Credential>(&stored) {
        Ok(credential) => {
            let shown = format!("{credential:?}");
            // The public part may be any text.
            let is_public = credential.api_key().is_some_and(|key| shown.contains(key));
            assert!(is_public || !shown.contains(ACCOUNT), "{shown}");
        }
        Err(error) => assert!(error.to_string().len() <= LONGEST_ERROR + data.len()),
    }
    match KeyName::new(&*text) {
        Ok(name) => assert_eq!(name.as_str(), text),
        Err(error) => check_error(&error),
    }
}
