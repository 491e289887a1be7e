//! The in-memory transport keeps the promises of `Transport`.

#[path = "common/client.rs"]
mod client;

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use pinning_keys_emulator::{Emulator, InMemoryTransport};
use pinning_keys_http::{Limits, Reach, Transport, TransportErrorKind};
use serde_json::{Value, json};

const MIB: usize = 1024 * 1024;

fn limits() -> Limits {
    Limits::new(Duration::from_secs(5), MIB)
}

/// What the document's `curl` line sends, with host and token replaced.
fn create(emulator: &Emulator) -> Request<Bytes> {
    let body = json!({ "keyname": "A test", "permissions": { "admin": true }, "maxUses": 2 });
    Request::post(format!("{}/v3/api_keys", emulator.pinata().base_url()))
        .header("Authorization", format!("Bearer {}", emulator.pinata().jwt()))
        .header("Content-Type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

#[tokio::test]
async fn the_documented_create_works_in_memory() {
    let emulator = Emulator::builder().in_memory();
    let answer = emulator.transport().send(create(&emulator), limits()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert!(body["JWT"].is_string());
    assert_eq!((emulator.keys_made(), emulator.keys_live(), emulator.requests()), (1, 1, 1));
    assert_eq!(emulator.requests_to(&Method::POST, "/v3/"), 1);
    assert_eq!(emulator.requests_to(&Method::GET, "/v3/"), 0);
    assert_eq!(emulator.requests_to(&Method::POST, "/data"), 0);
}

#[tokio::test]
async fn the_other_provider_is_reached_too() {
    let emulator = Emulator::builder().in_memory();
    let w3ipfs = emulator.w3ipfs();
    let body = json!({ "name": "Admin api key", "scopes": { "admin": true } });
    let request = Request::post(format!("{}/apiKeys/", w3ipfs.base_url()))
        .header("Authorization", format!("Bearer {}", w3ipfs.jwt()))
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let answer = emulator.transport().send(request, limits()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert!(body["data"]["secret_key"].is_string());
    assert_eq!((emulator.keys_made(), w3ipfs.keys_live()), (1, 1));
    assert_eq!(emulator.requests_to(&Method::POST, "/api/apiKeys"), 1);
}

#[tokio::test]
async fn a_started_emulator_has_one_state_behind_socket_and_transport() {
    let emulator = Emulator::start().await.unwrap();
    emulator.transport().send(create(&emulator), limits()).await.unwrap();
    let client = client::client();
    let url = format!("{}/v3/api_keys", emulator.pinata().base_url());
    let answer = client.get(url).bearer_auth(emulator.pinata().jwt()).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["keys"][0]["name"], "A test");
}

#[tokio::test]
async fn another_host_cannot_be_reached() {
    let emulator = Emulator::builder().in_memory();
    for url in ["http://127.0.0.1:10/v3/api_keys", "https://127.0.0.1:9/", "http://localhost:9/"] {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        let error = emulator.transport().send(request, limits()).await.unwrap_err();
        assert_eq!((error.kind(), error.reach()), (TransportErrorKind::Connect, Reach::NotSent));
    }
    assert_eq!(emulator.requests(), 0);
}

#[tokio::test]
async fn a_long_answer_is_cut_off_after_the_key_was_made() {
    let emulator = Emulator::builder().in_memory();
    let short = Limits::new(Duration::from_secs(5), 10);
    let error = emulator.transport().send(create(&emulator), short).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge);
    assert_eq!(error.reach(), Reach::Answered(StatusCode::OK));
    assert_eq!(emulator.keys_made(), 1);
}

#[tokio::test]
async fn without_any_time_nothing_is_sent() {
    let emulator = Emulator::builder().in_memory();
    let none = Limits::new(Duration::ZERO, MIB);
    let error = emulator.transport().send(create(&emulator), none).await.unwrap_err();
    assert_eq!((error.kind(), error.reach()), (TransportErrorKind::Timeout, Reach::NotSent));
    assert_eq!((emulator.keys_made(), emulator.requests()), (0, 0));
}

#[test]
fn it_is_an_object_that_can_be_shared() {
    fn shared<T: Transport + Clone + Send + Sync + 'static>() {}
    shared::<InMemoryTransport>();
    let _: Box<dyn Transport> = Box::new(Emulator::builder().in_memory().transport());
}

#[tokio::test]
async fn other_machines_are_not_served() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let error = Emulator::builder().listen(address.parse().unwrap()).start().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{address}");
    }
}

#[tokio::test]
async fn the_port_is_free_again_after_stop() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.pinata().base_url().strip_prefix("http://").unwrap().to_owned();
    emulator.stop().await;
    let again = Emulator::builder().listen(address.parse().unwrap()).start().await;
    assert!(again.is_ok());
}
