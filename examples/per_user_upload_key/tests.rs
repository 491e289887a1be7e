//! What the service does when the provider, or the way there, fails.

mod keys;
mod service;
mod session;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::transport::{
    Limits, Reach, Transport, TransportError, TransportErrorKind as Kind,
};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    ErrorKind, IssuerConfig, KeyIssuer, KeyQuery, KeyRequest, Revocation, ScopeRequest,
};
use pinning_keys_emulator::{Emulator, InMemoryTransport};
use tower::ServiceExt as _;

use keys::UploadKeys;
use service::Service;

const ENDPOINTS: Table = Table::Endpoints;

/// The way to the emulator, on which things go wrong when they are told to.
struct Way {
    emulator: Arc<InMemoryTransport>,
    /// An account that is the same, but for the keys made.
    before: Arc<InMemoryTransport>,
    is_down: AtomicBool,
    loses_answers_to_creates: AtomicBool,
    lists_lag: AtomicBool,
    seconds_for_a_create: AtomicU64,
}

#[async_trait]
impl Transport for Way {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let creates = request.method() == Method::POST;
        let lists = request.method() == Method::GET;
        if self.is_down.load(Ordering::Relaxed) {
            return Err(TransportError::new(Kind::Other, Reach::NotSent));
        }
        if lists && self.lists_lag.load(Ordering::Relaxed) {
            return self.before.send(request, limits).await;
        }
        let answer = self.emulator.send(request, limits).await;
        if creates {
            let seconds = self.seconds_for_a_create.load(Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
        if creates && self.loses_answers_to_creates.load(Ordering::Relaxed) {
            return Err(TransportError::new(Kind::Closed, Reach::MaybeSent));
        }
        answer
    }
}

/// A service with its provider.
struct Stage {
    emulator: Emulator,
    way: Arc<Way>,
    issuer: Arc<dyn KeyIssuer>,
    service: Service,
}

impl Stage {
    fn at(provider: &str) -> Self {
        let emulator = Emulator::builder().in_memory();
        let way = Arc::new(Way {
            emulator: emulator.transport(),
            before: Emulator::builder().in_memory().transport(),
            is_down: AtomicBool::new(false),
            loses_answers_to_creates: AtomicBool::new(false),
            lists_lag: AtomicBool::new(false),
            seconds_for_a_create: AtomicU64::new(0),
        });
        let config = if provider == "pinata" {
            IssuerConfig::Pinata(pinata(&emulator).with_table(ENDPOINTS))
        } else {
            let (base_url, jwt) = (emulator.w3ipfs().base_url(), emulator.w3ipfs().jwt());
            IssuerConfig::W3ipfs(W3ipfsConfig::new().with_base_url(base_url).with_jwt(jwt))
        };
        let issuer = config.with_transport(Arc::clone(&way) as _).build().unwrap();
        let keys = Arc::new(UploadKeys::new(Arc::clone(&issuer)).unwrap());
        let service = Service { keys, upload_url: "http://provider.example/upload".into() };
        Self { emulator, way, issuer, service }
    }

    async fn post(&self, path: &str, session: &str) -> Response {
        let request = Request::post(path).header(session::HEADER, session);
        let request = request.body(Body::empty()).unwrap();
        self.service.clone().router().oneshot(request).await.unwrap()
    }

    fn keys(&self) -> (usize, usize) {
        (self.emulator.keys_made(), self.emulator.keys_live())
    }
}

fn pinata(emulator: &Emulator) -> PinataConfig {
    let (base_url, jwt) = (emulator.pinata().base_url(), emulator.pinata().jwt());
    PinataConfig::new().with_base_url(base_url).with_jwt(jwt)
}

async fn text(response: Response) -> String {
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body = to_bytes(response.into_body(), 64 * 1024).await.unwrap();
    String::from_utf8(body.into()).unwrap()
}

#[tokio::test]
async fn the_pair_is_handed_out_and_the_token_is_not() {
    let stage = Stage::at("pinata");
    let response = stage.post("/upload-key", session::ALICE).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let answer: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    let headers = answer["upload"]["headers"].as_object().unwrap();
    let names: Vec<_> = headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["pinata_api_key", "pinata_secret_api_key"]);
    assert!(!answer.to_string().contains("eyJ"));
    assert!(answer["name"].as_str().unwrap().starts_with("user-alice-"));
    assert_eq!(answer["max_uses"], 20);
}

#[tokio::test]
async fn nobody_gets_a_key_without_a_session_of_their_own() {
    let stage = Stage::at("pinata");
    for path in ["/upload-key", "/log-out"] {
        let response = stage.post(path, "sample-session-of-mallory").await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(text(response).await, r#"{"error":"log in first"}"#);
    }
    assert_eq!(stage.emulator.requests(), 0);
}

#[tokio::test]
async fn a_table_that_cannot_separate_uploading_is_refused_at_the_start() {
    let emulator = Emulator::builder().in_memory();
    let config = pinata(&emulator).with_transport(Arc::new(emulator.transport()));
    let error = UploadKeys::new(Arc::new(config.build().unwrap())).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Inexpressible);
    assert_eq!(emulator.requests(), 0);
}

#[tokio::test]
async fn a_create_whose_answer_gets_lost_leaves_no_key() {
    for provider in ["pinata", "w3ipfs"] {
        let stage = Stage::at(provider);
        stage.way.loses_answers_to_creates.store(true, Ordering::Relaxed);
        let response = stage.post("/upload-key", session::ALICE).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            text(response).await,
            r#"{"error":"the storage provider cannot be used right now; try again later"}"#
        );
        assert_eq!(stage.keys(), (1, 0), "{provider}");

        stage.way.loses_answers_to_creates.store(false, Ordering::Relaxed);
        let response = stage.post("/upload-key", session::ALICE).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(stage.keys(), (2, 1), "{provider}");
    }
}

/// The list does not show the key yet when its create fails, late as that is.
#[tokio::test(start_paused = true)]
async fn a_create_that_fails_late_is_not_taken_for_undone_at_once() {
    for provider in ["pinata", "w3ipfs"] {
        let stage = Stage::at(provider);
        stage.way.loses_answers_to_creates.store(true, Ordering::Relaxed);
        stage.way.lists_lag.store(true, Ordering::Relaxed);
        stage.way.seconds_for_a_create.store(29, Ordering::Relaxed);
        for _ in 0..2 {
            let response = stage.post("/upload-key", session::ALICE).await;
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(stage.keys(), (1, 1), "{provider}");
        }
        stage.way.loses_answers_to_creates.store(false, Ordering::Relaxed);
        stage.way.lists_lag.store(false, Ordering::Relaxed);
        let response = stage.post("/upload-key", session::ALICE).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(stage.keys(), (2, 1), "{provider}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_an_old_key_cannot_be_revoked_there_is_no_other_one() {
    let stage = Stage::at("pinata");
    assert_eq!(stage.post("/upload-key", session::ALICE).await.status(), StatusCode::CREATED);
    stage.way.is_down.store(true, Ordering::Relaxed);
    for path in ["/upload-key", "/log-out"] {
        let response = stage.post(path, session::ALICE).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(stage.keys(), (1, 1));
    }
    assert_eq!(stage.service.keys.close_all().await.len(), 1);

    stage.way.is_down.store(false, Ordering::Relaxed);
    assert_eq!(stage.post("/log-out", session::ALICE).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(stage.keys(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_listed_is_taken_for_gone_only_after_a_while() {
    let stage = Stage::at("w3ipfs");
    let issuer = &stage.issuer;
    assert_eq!(stage.post("/upload-key", session::ALICE).await.status(), StatusCode::CREATED);
    let page = issuer.list(&KeyQuery::new()).await.unwrap();
    let made = page.records().iter().find(|key| key.name().starts_with("user-alice-")).unwrap();
    assert_eq!(issuer.revoke(made.key_ref()).await.unwrap(), Revocation::Revoked);

    let response = stage.post("/upload-key", session::ALICE).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stage.keys(), (1, 0));

    tokio::time::advance(issuer.profile().propagation() + Duration::from_secs(1)).await;
    assert_eq!(stage.post("/upload-key", session::ALICE).await.status(), StatusCode::CREATED);
    assert_eq!(stage.keys(), (2, 1));
}

#[tokio::test]
async fn an_account_that_the_provider_refuses_is_not_the_users_business() {
    let mut stage = Stage::at("pinata");
    let config = pinata(&stage.emulator).with_jwt("eyJ.of.another").with_table(ENDPOINTS);
    let issuer = config.with_transport(Arc::new(stage.emulator.transport())).build().unwrap();
    stage.service.keys = Arc::new(UploadKeys::new(Arc::new(issuer)).unwrap());
    let response = stage.post("/upload-key", session::ALICE).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(text(response).await, r#"{"error":"the storage provider cannot be used"}"#);
}

#[tokio::test]
async fn users_who_ask_twice_at_once_have_one_key_and_others_keep_theirs() {
    let stage = Stage::at("w3ipfs");
    let bob = stage.post("/upload-key", "sample-session-of-bob").await;
    let (first, second) = tokio::join!(
        stage.post("/upload-key", session::ALICE),
        stage.post("/upload-key", session::ALICE),
    );
    for response in [bob, first, second] {
        assert_eq!(response.status(), StatusCode::CREATED);
    }
    assert_eq!(stage.keys(), (3, 2));
    assert!(stage.service.keys.close_all().await.is_empty());
    assert_eq!(stage.keys(), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_leaves_no_key_that_nobody_knows() {
    for loses_answers in [false, true] {
        let stage = Stage::at("w3ipfs");
        stage.way.loses_answers_to_creates.store(loses_answers, Ordering::Relaxed);
        stage.way.lists_lag.store(true, Ordering::Relaxed);
        stage.way.seconds_for_a_create.store(29, Ordering::Relaxed);
        let asking = stage.post("/upload-key", session::ALICE);
        assert!(tokio::time::timeout(Duration::from_secs(1), asking).await.is_err());
        assert_eq!(stage.keys(), (1, 1));

        // It waits for what is under way, and does not find it in the list.
        let response = stage.post("/log-out", session::ALICE).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(stage.keys(), (1, 1));

        stage.way.lists_lag.store(false, Ordering::Relaxed);
        let response = stage.post("/log-out", session::ALICE).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(stage.keys(), (1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_ends_revokes_the_key_that_is_being_made_and_makes_no_other() {
    let stage = Stage::at("pinata");
    stage.way.seconds_for_a_create.store(5, Ordering::Relaxed);
    let asking = stage.post("/upload-key", session::ALICE);
    let ending = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stage.service.keys.close_all().await
    };
    let (response, left) = tokio::join!(asking, ending);
    assert_eq!(response.status(), StatusCode::CREATED);
    assert!(left.is_empty());
    for session in [session::ALICE, "sample-session-of-bob"] {
        let response = stage.post("/upload-key", session).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(stage.keys(), (1, 0));
}

#[test]
fn a_plan_to_do_more_than_upload_is_refused() {
    let emulator = Emulator::builder().in_memory();
    let config = pinata(&emulator).with_table(ENDPOINTS);
    let issuer = config.with_transport(Arc::new(emulator.transport())).build().unwrap();
    let plan = |scope| issuer.plan(&KeyRequest::new("user-alice", scope).unwrap()).unwrap();
    assert!(keys::check(&plan(ScopeRequest::uploader())).is_ok());
    for more in [ScopeRequest::pinner(), ScopeRequest::reader(), ScopeRequest::admin()] {
        let error = keys::check(&plan(more)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Inexpressible);
    }
}
