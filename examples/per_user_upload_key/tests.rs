//! The service while the provider or the network fails.

mod keys;
mod links;
mod service;
mod session;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::{Method, Request, StatusCode};
use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    ErrorKind, IssuerConfig, KeyIssuer, KeyIssuerExt, KeyQuery, KeyRequest, Permission, Revocation,
    ScopeRequest,
};
use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule, ListFault, Stage};
use tower::ServiceExt as _;

use keys::UploadKeys;
use service::Service;

const BOB: &str = "sample-session-of-bob";

/// A service and its provider.
struct Setup {
    emulator: Emulator,
    issuer: Arc<dyn KeyIssuer>,
    service: Service,
}

impl Setup {
    fn at(provider: &str) -> Self {
        let emulator = Emulator::in_memory();
        let mut signer = None;
        let config = if provider == "pinata" {
            signer = Some(Arc::new(pinata(&emulator).build().unwrap()));
            IssuerConfig::Pinata(pinata(&emulator).with_table(Table::Endpoints))
        } else {
            let (base_url, jwt) = (emulator.w3ipfs().base_url(), emulator.w3ipfs().jwt());
            IssuerConfig::W3ipfs(W3ipfsConfig::new().with_base_url(base_url).with_jwt(jwt))
        };
        let issuer = config.with_transport(emulator.transport()).build().unwrap();
        let keys = Arc::new(UploadKeys::new(Arc::clone(&issuer)).unwrap());
        let upload = issuer.holder_route(Permission::PinsAddFile).unwrap().into();
        let service = Service { keys, upload, signer };
        Self { emulator, issuer, service }
    }

    /// From now on, creates take this long and then lose their answer.
    fn lose_creates(&self, delay: Duration) {
        self.delay_creates(delay);
        self.creates(Fault::CutConnection(Cut::AfterCommit));
    }

    fn delay_creates(&self, delay: Duration) {
        self.creates(Fault::Latency { delay, stage: Stage::AfterCommit });
    }

    fn creates(&self, fault: Fault) {
        self.emulator.faults().add(FaultRule::new(fault).method(Method::POST));
    }

    /// From now on, lists lack the last change.
    fn lag_lists(&self) {
        let stale = FaultRule::new(Fault::List(ListFault::Stale));
        self.emulator.faults().add(stale.method(Method::GET));
    }

    async fn post(&self, path: &str, session: &str) -> Response {
        let request = Request::post(path).header(session::HEADER, session);
        let request = request.body(Body::empty()).unwrap();
        self.service.clone().router().oneshot(request).await.unwrap()
    }

    async fn ask(&self, path: &str) -> StatusCode {
        self.post(path, session::ALICE).await.status()
    }

    /// The keys that were created, and those that are live.
    fn keys(&self) -> (usize, usize) {
        (self.emulator.keys_made(), self.emulator.keys_live())
    }
}

fn pinata(emulator: &Emulator) -> PinataConfig {
    let pinata = emulator.pinata();
    let config = PinataConfig::new().with_base_url(pinata.base_url()).with_jwt(pinata.jwt());
    let config = config.with_upload_url(pinata.base_url());
    config.with_transport(emulator.transport())
}

async fn text(response: Response) -> String {
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body = to_bytes(response.into_body(), 64 * 1024).await.unwrap();
    String::from_utf8(body.into()).unwrap()
}

#[tokio::test]
async fn answer_has_the_key_pair_but_not_the_token() {
    let setup = Setup::at("pinata");
    let response = setup.post("/upload-key", session::ALICE).await;
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
async fn request_without_a_session_is_refused() {
    let setup = Setup::at("pinata");
    for path in ["/upload-key", "/log-out"] {
        let response = setup.post(path, "sample-session-of-mallory").await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(text(response).await, r#"{"error":"log in first"}"#);
    }
    assert_eq!(setup.emulator.requests(), 0);
}

#[tokio::test]
async fn table_that_cannot_separate_uploading_is_refused_at_start() {
    let emulator = Emulator::in_memory();
    let issuer = pinata(&emulator).build().unwrap();
    let error = UploadKeys::new(Arc::new(issuer)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Inexpressible);
    assert_eq!(emulator.requests(), 0);
}

#[tokio::test]
async fn lost_create_leaves_no_key() {
    for provider in ["pinata", "w3ipfs"] {
        let setup = Setup::at(provider);
        setup.lose_creates(Duration::ZERO);
        let response = setup.post("/upload-key", session::ALICE).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            text(response).await,
            r#"{"error":"the storage provider cannot be used right now; try again later"}"#
        );
        assert_eq!(setup.keys(), (1, 0), "{provider}");

        setup.emulator.faults().clear();
        assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
        assert_eq!(setup.keys(), (2, 1), "{provider}");
    }
}

#[tokio::test(start_paused = true)]
async fn late_create_is_not_taken_for_undone_while_lists_lag() {
    for provider in ["pinata", "w3ipfs"] {
        let setup = Setup::at(provider);
        setup.lose_creates(Duration::from_secs(29));
        setup.lag_lists();
        for _ in 0..2 {
            assert_eq!(setup.ask("/upload-key").await, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(setup.keys(), (1, 1), "{provider}");
        }
        setup.emulator.faults().clear();
        assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
        assert_eq!(setup.keys(), (2, 1), "{provider}");
    }
}

#[tokio::test(start_paused = true)]
async fn key_that_cannot_be_revoked_blocks_another_one() {
    let setup = Setup::at("pinata");
    assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
    setup.emulator.faults().add(FaultRule::new(Fault::RefuseConnection));
    for path in ["/upload-key", "/log-out"] {
        assert_eq!(setup.ask(path).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(setup.keys(), (1, 1));
    }
    assert_eq!(setup.service.keys.close_all().await.len(), 1);

    setup.emulator.faults().clear();
    assert_eq!(setup.ask("/log-out").await, StatusCode::NO_CONTENT);
    assert_eq!(setup.keys(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn unlisted_key_counts_as_gone_only_after_a_while() {
    let setup = Setup::at("w3ipfs");
    let issuer = &setup.issuer;
    assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
    let page = issuer.list(&KeyQuery::new()).await.unwrap();
    let made = page.records().iter().find(|key| key.name().starts_with("user-alice-")).unwrap();
    assert_eq!(issuer.revoke(made.key_ref()).await.unwrap(), Revocation::Revoked);

    assert_eq!(setup.ask("/upload-key").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(setup.keys(), (1, 0));

    tokio::time::advance(issuer.profile().propagation() + Duration::from_secs(1)).await;
    assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
    assert_eq!(setup.keys(), (2, 1));
}

#[tokio::test]
async fn link_needs_a_session_and_a_provider_that_has_links() {
    for (provider, expected) in [("pinata", StatusCode::CREATED), ("w3ipfs", StatusCode::NOT_FOUND)]
    {
        let setup = Setup::at(provider);
        assert_eq!(setup.ask("/upload-link").await, expected, "{provider}");
        let stranger = setup.post("/upload-link", "no-such-session").await;
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(setup.keys(), (0, 0));
    }
}

#[tokio::test]
async fn refused_account_is_a_bad_gateway_to_users() {
    let mut setup = Setup::at("pinata");
    let config = pinata(&setup.emulator).with_jwt("eyJ.of.another").with_table(Table::Endpoints);
    let keys = UploadKeys::new(Arc::new(config.build().unwrap())).unwrap();
    setup.service.keys = Arc::new(keys);
    let response = setup.post("/upload-key", session::ALICE).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(text(response).await, r#"{"error":"the storage provider cannot be used"}"#);
}

#[tokio::test]
async fn concurrent_requests_leave_one_key_for_each_user() {
    let setup = Setup::at("w3ipfs");
    let bob = setup.post("/upload-key", BOB).await.status();
    let (first, second) = tokio::join!(setup.ask("/upload-key"), setup.ask("/upload-key"));
    assert_eq!([bob, first, second], [StatusCode::CREATED; 3]);
    assert_eq!(setup.keys(), (3, 2));
    assert!(setup.service.keys.close_all().await.is_empty());
    assert_eq!(setup.keys(), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn disconnected_client_leaves_no_unknown_key() {
    for loses_creates in [false, true] {
        let setup = Setup::at("w3ipfs");
        setup.delay_creates(Duration::from_secs(29));
        if loses_creates {
            setup.lose_creates(Duration::ZERO);
        }
        setup.lag_lists();
        let asking = setup.ask("/upload-key");
        assert!(tokio::time::timeout(Duration::from_secs(1), asking).await.is_err());
        assert_eq!(setup.keys(), (1, 1));

        // This waits for the create in flight, and does not find the key in the list.
        assert_eq!(setup.ask("/log-out").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(setup.keys(), (1, 1));

        setup.emulator.faults().clear();
        assert_eq!(setup.ask("/log-out").await, StatusCode::NO_CONTENT);
        assert_eq!(setup.keys(), (1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn stopping_service_revokes_a_key_in_flight_and_issues_none() {
    let setup = Setup::at("pinata");
    setup.delay_creates(Duration::from_secs(5));
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        setup.service.keys.close_all().await
    };
    let (status, left) = tokio::join!(setup.ask("/upload-key"), stopping);
    assert_eq!(status, StatusCode::CREATED);
    assert!(left.is_empty());
    for session in [session::ALICE, BOB] {
        let response = setup.post("/upload-key", session).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(setup.keys(), (1, 0));
}

#[test]
fn plan_for_more_than_uploading_is_refused() {
    let emulator = Emulator::in_memory();
    let issuer = pinata(&emulator).with_table(Table::Endpoints).build().unwrap();
    let plan = |scope| issuer.plan(&KeyRequest::new("user-alice", scope).unwrap()).unwrap();
    assert!(keys::check(&plan(ScopeRequest::uploader())).is_ok());
    for more in [ScopeRequest::pinner(), ScopeRequest::reader(), ScopeRequest::admin()] {
        let error = keys::check(&plan(more)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Inexpressible);
    }
}
