//! Answers with the wrong status or the wrong body.

use std::time::{Duration, SystemTime};

use http::{HeaderValue, Method, StatusCode};
use pinning_keys_emulator::{BodyFault, Emulator, Fault, RetryAfter, Stage};
use pinning_keys_http::{Limits, Reach, TransportErrorKind};
use serde_json::Value;
use tokio::time::timeout;

use super::line::{Line, MOST_READ, PINATA, W3IPFS, both, creates, failure, json_of, new_key};
use crate::common::client;

/// A status below 200 cannot be a final answer, and a success has no page.
#[tokio::test]
async fn status_comes_before_or_after_the_commit() {
    let code = |number| StatusCode::from_u16(number).unwrap();
    for line in both().await {
        for path in [PINATA, W3IPFS] {
            for (status, expected) in [(500, 500), (502, 502), (503, 503), (100, 500), (200, 200)] {
                for (stage, made) in [(Stage::BeforeCommit, 0), (Stage::AfterCommit, 1)] {
                    let context = format!("{} {path} {status} {stage:?}", line.name);
                    let before = line.made();
                    line.add(creates(path, Fault::status(code(status), stage)).nth(1));
                    let answer = line.create(path, &context).await.unwrap();
                    assert_eq!(answer.status(), expected, "{context}");
                    let page = (expected != 200).then_some(b"text/html".as_slice());
                    let content_type = answer.headers().get("content-type");
                    assert_eq!(content_type.map(HeaderValue::as_bytes), page, "{context}");
                    assert_eq!(answer.body().is_empty(), page.is_none(), "{context}");
                    assert!(answer.headers().get("retry-after").is_none(), "{context}");
                    assert_eq!(line.made() - before, made, "{context}");
                }
            }
        }
    }
}

#[tokio::test]
async fn retry_after_takes_every_form() {
    for line in both().await {
        let text = |text: &str| RetryAfter::Text(text.to_owned());
        for (retry_after, expected) in [
            (RetryAfter::Absent, None),
            (RetryAfter::Seconds(2), Some("2")),
            (text("soon"), Some("soon")),
            (text("no\nheader"), None),
        ] {
            line.add(creates(PINATA, Fault::too_many_requests(retry_after)).nth(1));
            let answer = line.create(PINATA, "limited").await.unwrap();
            assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
            let header = answer.headers().get("retry-after");
            assert_eq!(header.map(|value| value.to_str().unwrap()), expected);
        }
        for seconds in [90, -90] {
            let fault = Fault::too_many_requests(RetryAfter::DateIn(seconds));
            line.add(creates(PINATA, fault).nth(1));
            let answer = line.create(PINATA, "limited").await.unwrap();
            let date = answer.headers()["retry-after"].to_str().unwrap();
            let date = httpdate::parse_http_date(date).unwrap();
            let now = SystemTime::now();
            let distance = date.duration_since(now).unwrap_or_else(|past| past.duration());
            assert_eq!(date > now, seconds > 0);
            assert!((80..=100).contains(&distance.as_secs()), "{distance:?}");
        }
        assert_eq!(line.made(), 0);
    }
}

#[tokio::test]
async fn broken_body_comes_with_the_true_status() {
    for line in both().await {
        for (path, secret) in [(PINATA, "pinata_api_secret"), (W3IPFS, "secret_key")] {
            let whole = line.create(path, "whole").await.unwrap();
            let length = whole.body().len();
            let text = BodyFault::Text("{\"status\":\"fail\"}".to_owned());
            for (fault, expected) in [
                (BodyFault::Truncated, length / 2),
                (BodyFault::Empty, 0),
                (BodyFault::NotUtf8, length + 1),
                (text.clone(), 17),
            ] {
                let before = line.made();
                line.add(creates(path, Fault::Body(fault.clone())).nth(1));
                // As long as "whole", so that the lengths can be compared.
                let name = format!("{:.5}", format!("{fault:?}"));
                let answer = line.create(path, &name).await.unwrap();
                assert_eq!(answer.status(), StatusCode::OK);
                assert_eq!(answer.body().len(), expected, "{fault:?}");
                assert_eq!(line.made() - before, 1);
                let read = serde_json::from_slice::<Value>(answer.body());
                assert_eq!(read.is_ok(), fault == text, "{fault:?}");
                let is_text = std::str::from_utf8(answer.body()).is_ok();
                assert_eq!(is_text, fault != BodyFault::NotUtf8, "{fault:?}");
            }
            line.add(creates(path, Fault::Body(BodyFault::Html)).nth(1));
            let answer = line.create(path, "html").await.unwrap();
            assert_eq!(answer.headers()["content-type"], "text/html");
            assert!(answer.body().starts_with(b"<html>"));

            line.add(creates(path, Fault::Body(BodyFault::WrongShape)).nth(1));
            let answer = line.create(path, "shape").await.unwrap();
            assert_eq!(answer.headers()["content-type"], whole.headers()["content-type"]);
            assert!(json_of(&answer).is_array());
            assert!(!String::from_utf8_lossy(answer.body()).contains(secret));
        }
        assert_eq!(line.made(), 2 * 7);
    }
}

/// The most that the buffers of both ends of a connection hold unread.
const MOST_ON_THE_WAY: u64 = 16 * 1024 * 1024;

#[tokio::test]
async fn endless_body_is_read_up_to_the_limit() {
    for line in both().await {
        let tally = line.add(creates(PINATA, Fault::Body(BodyFault::Endless)));
        for made in 1..=3 {
            let sent = line.create(PINATA, "endless").await;
            let expected = (TransportErrorKind::BodyTooLarge, Reach::Answered(StatusCode::OK));
            assert_eq!(failure(sent), expected, "{}", line.name);
            assert_eq!(line.made(), made);
            // Each time, the client reads up to its limit.
            let limit = made as u64 * MOST_READ as u64;
            let on_the_way = if line.name == "in memory" { 8 * 1024 } else { MOST_ON_THE_WAY };
            let expected = limit..limit + made as u64 * on_the_way;
            assert!(expected.contains(&tally.body_bytes()), "{} {tally:?}", line.name);
        }
    }
}

#[tokio::test]
async fn endless_body_breaks_off_for_a_client_without_limit() {
    let line = Line::in_memory(Emulator::builder());
    let tally = line.add(creates(PINATA, Fault::Body(BodyFault::Endless)));
    let limits = Limits::new(Duration::from_secs(60), usize::MAX);
    let sent = line.send_limited(limits, Method::POST, PINATA, &new_key("endless")).await;
    let expected = (TransportErrorKind::Closed, Reach::Answered(StatusCode::OK));
    assert_eq!(failure(sent), expected);
    assert_eq!(tally.body_bytes(), BodyFault::ENDLESS_BYTES);
}

#[tokio::test]
async fn only_bytes_of_replaced_bodies_are_counted() {
    for line in both().await {
        let odd = BodyFault::Text("0123456789".to_owned());
        let tally = line.add(creates(PINATA, Fault::Body(odd)).nth(2));
        let late = line.add(creates(
            PINATA,
            Fault::Latency { delay: Duration::from_millis(1), stage: Stage::BeforeCommit },
        ));
        for _ in 0..3 {
            line.create(PINATA, "key").await.unwrap();
        }
        assert_eq!((tally.hits(), tally.body_bytes()), (1, 10), "{}", line.name);
        assert_eq!((late.hits(), late.body_bytes()), (3, 0), "{}", line.name);
    }
}

/// Over TCP the server waits for a client that does not read on.
#[tokio::test]
async fn endless_body_does_not_keep_the_server_from_stopping() {
    let line = Line::over_tcp(Emulator::builder()).await;
    line.add(creates(PINATA, Fault::Body(BodyFault::Endless)));
    let url = format!("{}{PINATA}", line.emulator.pinata().base_url());
    let create = client::client().post(url).bearer_auth(line.emulator.pinata().jwt());
    let mut answer = create.body(new_key("endless")).send().await.unwrap();
    let mut read = Vec::new();
    while read.len() < 100_000 {
        read.extend_from_slice(&answer.chunk().await.unwrap().unwrap());
    }
    // The true answer comes first, then blanks.
    let text = String::from_utf8(read).unwrap();
    let answered: Value = serde_json::from_str(&text).unwrap();
    assert!(answered["JWT"].is_string());
    timeout(Duration::from_secs(5), line.emulator.stop()).await.unwrap();
}
