//! The service while the provider or the network fails.

mod keys;
mod links;
mod refusal;
mod service;
mod session;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::{Method, Request, StatusCode};
use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    Error, ErrorKind, IssuerConfig, KeyIssuer, KeyIssuerExt, KeyQuery, KeyRequest, Permission,
    Revocation, ScopeRequest,
};
use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule, ListFault, Stage};
use pinning_keys_lifecycle::{Clock as _, ManualClock, MemoryStore};
use tower::ServiceExt as _;

use keys::UploadKeys;
use service::Service;

const BOB: &str = "sample-session-of-bob";

const MINUTE: Duration = Duration::from_mins(1);

/// A service, its provider, and the store with its clock.
struct Setup {
    emulator: Emulator,
    issuer: Arc<dyn KeyIssuer>,
    clock: ManualClock,
    store: MemoryStore,
    service: Service,
}

impl Setup {
    async fn at(provider: &str) -> Self {
        let emulator = Emulator::in_memory();
        let clock = ManualClock::at(SystemTime::now());
        let time = clock.clone();
        emulator.set_date_header(move || Some(time.now())); // the provider's clock agrees
        let mut signer = None;
        let config = if provider == "pinata" {
            signer = Some(Arc::new(pinata(&emulator).build().unwrap()));
            IssuerConfig::Pinata(pinata(&emulator).with_table(Table::Endpoints))
        } else {
            let (base_url, jwt) = (emulator.w3ipfs().base_url(), emulator.w3ipfs().jwt());
            IssuerConfig::W3ipfs(W3ipfsConfig::new().with_base_url(base_url).with_jwt(jwt))
        };
        let issuer = config.with_transport(emulator.transport()).build().unwrap();
        let store = MemoryStore::new(clock.clone()).unwrap();
        let keys = UploadKeys::new(store.clone(), Arc::clone(&issuer)).await.unwrap();
        let upload = issuer.holder_route(Permission::PinsAddFile).unwrap().into();
        let service = Service { keys: Arc::new(keys), upload, signer };
        Self { emulator, issuer, clock, store, service }
    }

    /// The process dies, and the service starts again with what the store knows.
    async fn restart(&mut self) {
        let keys = UploadKeys::new(self.store.clone(), Arc::clone(&self.issuer)).await.unwrap();
        self.service.keys = Arc::new(keys);
    }

    /// Lets time pass, with a pass of the worker each minute.
    async fn work(&self, time: Duration) {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            self.clock.advance(MINUTE);
            let _ = self.service.keys.manager.run_due(100).await.unwrap();
        }
    }

    async fn close_all(&self) -> usize {
        let Ok(failed) = self.service.keys.close_all().await else { panic!("the store failed") };
        failed.len()
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
    let setup = Setup::at("pinata").await;
    let response = setup.post("/upload-key", session::ALICE).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let answer: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    let headers = answer["upload"]["headers"].as_object().unwrap();
    let names: Vec<_> = headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["pinata_api_key", "pinata_secret_api_key"]);
    assert!(!answer.to_string().contains("eyJ"));
    assert!(answer["name"].as_str().unwrap().starts_with("user-alice."));
    assert_eq!(answer["max_uses"], 20);
}

#[tokio::test]
async fn request_without_a_session_is_refused() {
    let setup = Setup::at("pinata").await;
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
    let store = MemoryStore::new(ManualClock::at(SystemTime::now())).unwrap();
    let error = UploadKeys::new(store, Arc::new(issuer)).await.err().unwrap();
    assert_eq!(error.downcast::<Error>().unwrap().kind(), ErrorKind::Inexpressible);
    assert_eq!(emulator.requests(), 0);
}

#[tokio::test]
async fn lost_create_leaves_no_key() {
    for provider in ["pinata", "w3ipfs"] {
        let setup = Setup::at(provider).await;
        setup.lose_creates(Duration::ZERO);
        let response = setup.post("/upload-key", session::ALICE).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            text(response).await,
            r#"{"error":"the storage provider cannot be used right now; try again later"}"#
        );
        assert_eq!(setup.keys(), (1, 1), "{provider}");

        // Nobody has the secret of that key, so that it keeps nobody waiting.
        setup.emulator.faults().clear();
        assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
        setup.work(MINUTE * 5).await;
        assert_eq!(setup.keys(), (2, 1), "{provider}");
    }
}

#[tokio::test(start_paused = true)]
async fn late_create_is_found_once_lists_show_it() {
    for provider in ["pinata", "w3ipfs"] {
        let setup = Setup::at(provider).await;
        setup.lose_creates(Duration::from_secs(29));
        assert_eq!(setup.ask("/upload-key").await, StatusCode::SERVICE_UNAVAILABLE);
        setup.lag_lists();
        setup.work(MINUTE).await;
        assert_eq!(setup.keys(), (1, 1), "{provider}");
        setup.emulator.faults().clear();
        setup.work(MINUTE * 5).await;
        assert_eq!(setup.keys(), (1, 0), "{provider}");
    }
}

#[tokio::test(start_paused = true)]
async fn key_that_cannot_be_revoked_blocks_another_one() {
    let setup = Setup::at("pinata").await;
    assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
    setup.emulator.faults().add(FaultRule::new(Fault::RefuseConnection));
    for path in ["/upload-key", "/log-out"] {
        assert_eq!(setup.ask(path).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(setup.keys(), (1, 1));
    }
    assert_eq!(setup.close_all().await, 1);

    setup.emulator.faults().clear();
    assert_eq!(setup.ask("/log-out").await, StatusCode::NO_CONTENT);
    assert_eq!(setup.keys(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn unlisted_key_counts_as_gone_only_after_a_while() {
    let setup = Setup::at("w3ipfs").await;
    let issuer = &setup.issuer;
    assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
    let page = issuer.list(&KeyQuery::new()).await.unwrap();
    let made = page.records().iter().find(|key| key.name().starts_with("user-alice.")).unwrap();
    assert_eq!(issuer.revoke(made.key_ref()).await.unwrap(), Revocation::Revoked);

    assert_eq!(setup.ask("/upload-key").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(setup.keys(), (1, 0));

    setup.work(MINUTE * 2).await;
    assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
    assert_eq!(setup.keys(), (2, 1));
}

#[tokio::test]
async fn link_needs_a_session_and_a_provider_that_has_links() {
    for (provider, expected) in [("pinata", StatusCode::CREATED), ("w3ipfs", StatusCode::NOT_FOUND)]
    {
        let setup = Setup::at(provider).await;
        assert_eq!(setup.ask("/upload-link").await, expected, "{provider}");
        let stranger = setup.post("/upload-link", "no-such-session").await;
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(setup.keys(), (0, 0));
    }
}

#[tokio::test]
async fn refused_account_is_a_bad_gateway_to_users() {
    let mut setup = Setup::at("pinata").await;
    setup.store = MemoryStore::new(setup.clock.clone()).unwrap();
    let config = pinata(&setup.emulator).with_jwt("eyJ.of.another").with_table(Table::Endpoints);
    setup.issuer = Arc::new(config.build().unwrap());
    setup.restart().await;
    let response = setup.post("/upload-key", session::ALICE).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(text(response).await, r#"{"error":"the storage provider cannot be used"}"#);
}

#[tokio::test]
async fn concurrent_requests_leave_one_key_for_each_user() {
    let setup = Setup::at("w3ipfs").await;
    let bob = setup.post("/upload-key", BOB).await.status();
    let (first, second) = tokio::join!(setup.ask("/upload-key"), setup.ask("/upload-key"));
    // One of the two may have to ask again.
    assert_eq!(bob, StatusCode::CREATED);
    assert!([first, second].contains(&StatusCode::CREATED), "{first} {second}");
    setup.work(MINUTE * 5).await;
    assert_eq!(setup.emulator.keys_live(), 2);
    assert_eq!(setup.close_all().await, 0);
    assert_eq!(setup.emulator.keys_live(), 0);
}

#[tokio::test(start_paused = true)]
async fn disconnected_client_leaves_no_key() {
    for loses_creates in [false, true] {
        let setup = Setup::at("w3ipfs").await;
        setup.delay_creates(Duration::from_secs(29));
        if loses_creates {
            setup.lose_creates(Duration::ZERO);
        }
        let asking = setup.ask("/upload-key");
        assert!(tokio::time::timeout(Duration::from_secs(1), asking).await.is_err());
        assert_eq!(setup.keys(), (1, 1));

        // The create is still in flight, and whatever it makes, nobody gets its secret.
        assert_eq!(setup.ask("/log-out").await, StatusCode::NO_CONTENT);
        tokio::time::sleep(MINUTE).await;
        setup.work(MINUTE * 5).await;
        assert_eq!(setup.keys(), (1, 0), "{loses_creates}");
    }
}

#[tokio::test]
async fn key_ends_with_its_lease() {
    for provider in ["pinata", "w3ipfs"] {
        let setup = Setup::at(provider).await;
        assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
        setup.work(MINUTE * 58).await;
        assert_eq!(setup.keys(), (1, 1), "{provider}");
        setup.work(MINUTE * 3).await;
        assert_eq!(setup.keys(), (1, 0), "{provider}");
    }
}

#[tokio::test]
async fn service_that_starts_again_knows_its_keys() {
    for provider in ["pinata", "w3ipfs"] {
        let mut setup = Setup::at(provider).await;
        assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
        assert_eq!(setup.post("/upload-key", BOB).await.status(), StatusCode::CREATED);
        setup.restart().await;
        assert_eq!(setup.ask("/upload-key").await, StatusCode::CREATED);
        assert_eq!(setup.keys(), (3, 2), "{provider}");
        assert_eq!(setup.close_all().await, 0);
        assert_eq!(setup.keys(), (3, 0), "{provider}");
    }
}

#[tokio::test(start_paused = true)]
async fn stopping_service_revokes_a_key_in_flight_and_issues_none() {
    let setup = Setup::at("pinata").await;
    setup.delay_creates(Duration::from_secs(5));
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        setup.close_all().await
    };
    let (status, left) = tokio::join!(setup.ask("/upload-key"), stopping);
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(left, 0);
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
