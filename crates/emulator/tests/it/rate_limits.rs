//! A request beyond a rate limit is refused in the form of the provider, counted, and without
//! effect.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, ListFault, RateLimit};
use pinning_keys_http::{Limits, Transport as _};
use serde_json::{Value, json};
use tokio::time::advance;

const MINUTE: Duration = Duration::from_secs(60);

async fn send(emulator: &Emulator, method: Method, path: &str, body: Value) -> Response<Bytes> {
    let jwt = if path.starts_with("/api") {
        emulator.w3ipfs().jwt()
    } else {
        emulator.pinata().jwt().to_owned()
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {jwt}"))
        .header("content-type", "application/json")
        .body(body.to_string().into())
        .unwrap();
    let limits = Limits::new(Duration::from_secs(5), 1024 * 1024);
    emulator.transport().send(request, limits).await.unwrap()
}

async fn create(emulator: &Emulator) -> Response<Bytes> {
    let body = json!({ "keyName": "k", "permissions": { "admin": true } });
    send(emulator, Method::POST, "/v3/api_keys", body).await
}

async fn get(emulator: &Emulator, path: &str) -> Response<Bytes> {
    send(emulator, Method::GET, path, Value::Null).await
}

fn retry_after(answer: &Response<Bytes>) -> Option<&str> {
    answer.headers().get("retry-after").map(|value| value.to_str().unwrap())
}

#[tokio::test(start_paused = true)]
async fn refusal_says_when_the_window_ends() {
    let emulator = Emulator::builder().rate_limit(RateLimit::new(2, MINUTE)).in_memory();
    advance(Duration::from_secs(7)).await; // the window opens with the first request
    assert_eq!(create(&emulator).await.status(), StatusCode::OK);
    advance(Duration::from_millis(500)).await;
    assert_eq!(create(&emulator).await.status(), StatusCode::OK);

    let refused = create(&emulator).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(retry_after(&refused), Some("60")); // 59.5 seconds, rounded up
    assert_eq!((emulator.keys_made(), emulator.requests(), emulator.rate_limited()), (2, 3, 1));

    advance(Duration::from_millis(59_499)).await;
    assert_eq!(retry_after(&create(&emulator).await), Some("1"));
    advance(Duration::from_millis(1)).await;
    assert_eq!(create(&emulator).await.status(), StatusCode::OK);
    assert_eq!((emulator.keys_made(), emulator.rate_limited()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn first_matching_limit_counts() {
    let emulator = Emulator::builder()
        .rate_limit(RateLimit::new(1, MINUTE).path("/data/*"))
        .rate_limit(RateLimit::new(2, MINUTE).path("/v3/{all}"))
        .in_memory();
    let status = async |path| get(&emulator, path).await.status().as_u16();
    let statuses = [
        status("/data/testAuthentication").await,
        status("/data/testAuthentication").await,
        status("/v3/api_keys").await,
        status("/v3/api_keys").await,
        status("/v3/api_keys").await,
        status("/users/apiKeys").await,
        status("/api/apiKeys/list").await,
    ];
    assert_eq!(statuses, [200, 429, 200, 200, 429, 200, 200]);
}

#[tokio::test(start_paused = true)]
async fn each_provider_refuses_in_its_own_form() {
    let emulator = Emulator::builder()
        .rate_limit(RateLimit::new(0, MINUTE).path("/api/*").retry_after(false))
        .rate_limit(RateLimit::new(0, MINUTE))
        .in_memory();
    let text = "Rate limit exceeded";
    for (path, expected, body) in [
        ("/v3/api_keys", Some("60"), json!({ "error": { "code": 429, "message": text } })),
        (
            "/users/apiKeys",
            Some("60"),
            json!({ "error": { "reason": "RATE_LIMITED", "details": text } }),
        ),
        ("/api/apiKeys/list", None, json!({ "status": "fail", "message": "Too many requests" })),
    ] {
        let answer = get(&emulator, path).await;
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        assert_eq!(retry_after(&answer), expected, "{path}");
        assert_eq!(serde_json::from_slice::<Value>(answer.body()).unwrap(), body, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn refused_request_reaches_no_fault() {
    let emulator = Emulator::builder().rate_limit(RateLimit::new(1, MINUTE)).in_memory();
    let tally = emulator.faults().add(FaultRule::new(Fault::List(ListFault::Stale)));
    get(&emulator, "/v3/api_keys").await;
    get(&emulator, "/v3/api_keys").await;
    assert_eq!((tally.requests(), emulator.requests(), emulator.rate_limited()), (1, 2, 1));
}
