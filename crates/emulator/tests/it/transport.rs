//! The in-memory transport keeps the promises of `Transport`.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use pinning_keys_emulator::Emulator;
use pinning_keys_http::{Limits, Reach, Transport, TransportErrorKind};
use serde_json::{Value, json};

use crate::common::client::client;

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
async fn started_emulator_has_one_state_behind_socket_and_transport() {
    let emulator = Emulator::start().await.unwrap();
    let transport: Arc<dyn Transport> = emulator.transport();
    let answer = transport.send(create(&emulator), limits()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!((emulator.keys_made(), emulator.keys_live(), emulator.requests()), (1, 1, 1));
    assert_eq!(emulator.requests_to(&Method::POST, "/v3/"), 1);
    assert_eq!(emulator.requests_to(&Method::GET, "/v3/"), 0);
    assert_eq!(emulator.requests_to(&Method::POST, "/data"), 0);

    let url = format!("{}/v3/api_keys", emulator.pinata().base_url());
    let answer = client().get(url).bearer_auth(emulator.pinata().jwt()).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["keys"][0]["name"], "A test");
}

#[tokio::test]
async fn other_host_is_not_reached() {
    let emulator = Emulator::in_memory();
    for url in ["http://127.0.0.1:10/v3/api_keys", "https://127.0.0.1:9/", "http://localhost:9/"] {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        let error = emulator.transport().send(request, limits()).await.unwrap_err();
        assert_eq!((error.kind(), error.reach()), (TransportErrorKind::Connect, Reach::NotSent));
    }
    assert_eq!(emulator.requests(), 0);
}

#[tokio::test]
async fn limits_are_kept() {
    let answered = Reach::Answered(StatusCode::OK);
    for (timeout, max_body_bytes, kind, reach, made) in [
        (Duration::from_secs(5), 10, TransportErrorKind::BodyTooLarge, answered, 1),
        (Duration::ZERO, MIB, TransportErrorKind::Timeout, Reach::NotSent, 0),
    ] {
        let emulator = Emulator::in_memory();
        let limits = Limits::new(timeout, max_body_bytes);
        let error = emulator.transport().send(create(&emulator), limits).await.unwrap_err();
        assert_eq!((error.kind(), error.reach()), (kind, reach));
        assert_eq!((emulator.keys_made(), emulator.requests()), (made, made as u64));
    }
}

#[tokio::test]
async fn other_machines_are_not_served() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let error = Emulator::builder().listen(address.parse().unwrap()).start().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{address}");
    }
}

/// Keys are counted together, and no secret appears in a `Debug` form.
#[tokio::test]
async fn both_providers_are_counted_together_and_keep_their_secrets() {
    let emulator = Emulator::in_memory();
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let created = emulator.transport().send(create(&emulator), limits()).await.unwrap();
    let at_pinata: Value = serde_json::from_slice(created.body()).unwrap();
    let body = json!({ "name": "k", "scopes": { "admin": true } });
    let request = Request::post(format!("{}/apiKeys/", w3ipfs.base_url()))
        .header("Authorization", format!("Bearer {}", w3ipfs.jwt()))
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let created = emulator.transport().send(request, limits()).await.unwrap();
    let at_w3ipfs: Value = serde_json::from_slice(created.body()).unwrap();
    assert_eq!((emulator.keys_made(), pinata.keys_made(), w3ipfs.keys_made()), (2, 1, 1));

    let id = &w3ipfs.keys()[0].id;
    let request = Request::delete(format!("{}/apiKeys/{id}", w3ipfs.base_url()))
        .header("Authorization", format!("Bearer {}", w3ipfs.jwt()))
        .body(Bytes::new())
        .unwrap();
    emulator.transport().send(request, limits()).await.unwrap();
    assert_eq!((emulator.keys_live(), pinata.keys_live(), w3ipfs.keys_live()), (1, 1, 0));
    assert_eq!(pinata.keys()[0].scopes, r#"{"admin":true}"#);
    assert_eq!(w3ipfs.keys()[0].scopes, r#"{"admin":true}"#);

    let text = format!(
        "{emulator:?} {pinata:?} {w3ipfs:?} {:?} {:?} {:?}",
        emulator.transport(),
        pinata.keys(),
        w3ipfs.keys()
    );
    for secret in [
        at_pinata["JWT"].as_str().unwrap(),
        at_pinata["pinata_api_secret"].as_str().unwrap(),
        at_w3ipfs["data"]["secret_key"].as_str().unwrap(),
        pinata.jwt(),
        pinata.api_secret(),
        w3ipfs.api_secret(),
        &w3ipfs.jwt(),
        &w3ipfs.refresh_token(),
    ] {
        assert!(!text.contains(secret));
    }
}
