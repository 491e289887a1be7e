//! Dates in responses follow the time that a test sets, in bodies and in the header `Date`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Response, StatusCode};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, RateLimit, Stage};
use serde_json::json;

use crate::common::{Bench, w3ipfs};
use crate::faults::line::{Line, PINATA, W3IPFS};

/// 2024-06-12T15:34:50Z.
fn june() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_718_206_490)
}

#[tokio::test]
async fn pinata_dates_keys_by_the_set_time() {
    let bench = Bench::new().await;
    for (time, name) in [(june(), "old"), (june() - Duration::from_secs(86_400), "older")] {
        bench.emulator.set_time(time);
        bench.make(name, json!({ "admin": true })).await;
    }
    let (_, listed) = bench.call("GET", "/v3/api_keys").await;
    assert_eq!(listed["keys"][0]["createdAt"], "2024-06-11T15:34:50.000Z");
    assert_eq!(listed["keys"][1]["createdAt"], "2024-06-12T15:34:50.000Z");
}

#[tokio::test]
async fn w3ipfs_dates_keys_by_the_set_time() {
    let bench = w3ipfs::Bench::new().await;
    bench.emulator.set_time(june());
    bench.make("old", w3ipfs::admin()).await;
    bench.make("a second younger", w3ipfs::admin()).await;
    let listed = bench.list("").await;
    assert_eq!(listed["api_keys"][0]["created_at"], "2024-06-12T15:34:51.000000Z");
    assert_eq!(listed["api_keys"][1]["created_at"], "2024-06-12T15:34:50.000000Z");
    assert_eq!(listed["api_keys"][2]["created_at"], "2025-01-01T00:00:03.000000Z");
}

fn date(answer: &Response<Bytes>) -> Option<&str> {
    answer.headers().get("date").map(|value| value.to_str().unwrap())
}

async fn lines() -> [Line; 2] {
    let limit = || RateLimit::new(0, Duration::from_secs(60)).path("/limited");
    let builder = || Emulator::builder().rate_limit(limit());
    [Line::in_memory(builder()), Line::over_tcp(builder()).await]
}

/// Those of both providers, of the emulator itself and of faults.
#[tokio::test]
async fn every_response_has_the_date_of_the_clock() {
    for line in lines().await {
        let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
        line.add(FaultRule::new(unavailable).path("/down"));
        line.emulator.set_date_header(|| Some(june()));
        for (path, status) in
            [(PINATA, 200), (W3IPFS, 404), ("/nowhere", 404), ("/down", 503), ("/limited", 429)]
        {
            let answer = line.get(path).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(date(&answer), Some("Wed, 12 Jun 2024 15:34:50 GMT"), "{path}");
            assert_eq!(answer.headers().get_all("date").iter().count(), 1, "{path}");
        }
    }
}

#[tokio::test]
async fn date_header_follows_the_system_until_it_is_set() {
    for line in lines().await {
        let answer = line.get(PINATA).await.unwrap();
        let date_of_system = httpdate::parse_http_date(date(&answer).unwrap()).unwrap();
        let distance = SystemTime::now().duration_since(date_of_system).unwrap();
        assert!(distance < Duration::from_secs(60), "{} {distance:?}", line.name);

        // The time of bodies is another one.
        line.emulator.set_time(june());
        assert_ne!(date(&line.get(PINATA).await.unwrap()), Some("Wed, 12 Jun 2024 15:34:50 GMT"));

        line.emulator.set_date_header(|| None);
        assert_eq!(date(&line.get(PINATA).await.unwrap()), None, "{}", line.name);
    }
}

#[tokio::test]
async fn date_header_beyond_its_range_is_clamped() {
    let line = Line::in_memory(Emulator::builder());
    let day = Duration::from_secs(86_400);
    for (time, text) in [
        (UNIX_EPOCH - day, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (UNIX_EPOCH + 366 * 8_030 * day, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ] {
        line.emulator.set_date_header(move || Some(time));
        assert_eq!(date(&line.get(PINATA).await.unwrap()), Some(text));
    }
}
