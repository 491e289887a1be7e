//! Requests that are redirected.

use http::{Method, StatusCode};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, RedirectTo};

use super::line::{Line, PINATA, Sent, W3IPFS, both, creates, new_key, status};
use crate::common::client;

const CODES: [u16; 5] = [301, 302, 303, 307, 308];

fn redirect(code: u16, to: RedirectTo) -> Fault {
    Fault::Redirect { code: StatusCode::from_u16(code).unwrap(), to }
}

fn location(sent: Sent) -> Option<String> {
    let answer = sent.unwrap();
    answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_status_to_every_target_makes_nothing() {
    for line in both().await {
        for code in CODES {
            for (path, to, expected) in [
                (PINATA, RedirectTo::Slash, Some("/v3/api_keys/")),
                (W3IPFS, RedirectTo::Slash, Some("/api/apiKeys")),
                (PINATA, RedirectTo::Path("/v4/keys".to_owned()), Some("/v4/keys")),
                (
                    PINATA,
                    RedirectTo::Host("http://other.invalid".to_owned()),
                    Some("http://other.invalid/v3/api_keys"),
                ),
                (
                    W3IPFS,
                    RedirectTo::Host("http://127.0.0.1:1/".to_owned()),
                    Some("http://127.0.0.1:1/api/apiKeys/"),
                ),
                (PINATA, RedirectTo::Nowhere, None),
                (PINATA, RedirectTo::Path("/no\nheader".to_owned()), None),
            ] {
                line.add(creates(path, redirect(code, to.clone())).nth(1));
                let sent = line.create(path, "redirected").await;
                assert_eq!(sent.as_ref().unwrap().status().as_u16(), code);
                assert_eq!(location(sent).as_deref(), expected, "{to:?}");
            }
        }
        assert_eq!(line.made(), 0);
    }
}

#[tokio::test]
async fn redirect_keeps_the_query() {
    for line in both().await {
        line.add(FaultRule::new(redirect(307, RedirectTo::Slash)).nth(1));
        let sent = line.get("/v3/api_keys?offset=3").await;
        assert_eq!(location(sent).as_deref(), Some("/v3/api_keys/?offset=3"));
        let host = RedirectTo::Host("http://other.invalid".to_owned());
        line.add(FaultRule::new(redirect(307, host)).nth(1));
        let sent = line.get("/v3/api_keys?offset=3").await;
        assert_eq!(location(sent).as_deref(), Some("http://other.invalid/v3/api_keys?offset=3"));
    }
}

/// Pinata serves its paths without a trailing slash only, so a client could not follow otherwise.
#[tokio::test]
async fn redirect_target_serves_until_the_plan_is_cleared() {
    for line in both().await {
        assert_eq!(status(line.create("/v3/api_keys/", "too early").await), 404);
        for (to, path) in [
            (RedirectTo::Slash, "/v3/api_keys/"),
            (RedirectTo::Path("/v4/keys?x=1".to_owned()), "/v4/keys"),
        ] {
            let before = line.made();
            line.add(creates(PINATA, redirect(308, to)).nth(1));
            assert_eq!(status(line.create(PINATA, "sent away").await), 308);
            assert_eq!(status(line.create(path, "followed").await), StatusCode::OK);
            assert_eq!(status(line.create(PINATA, "direct").await), StatusCode::OK);
            assert_eq!(line.made() - before, 2);
            // Requests are counted by the path that was asked for.
            assert!(line.emulator.requests_to(&Method::POST, path) > 0);
            line.emulator.faults().clear();
            assert_eq!(status(line.create(path, "too late").await), 404);
        }
    }
}

/// With a client that follows every redirect, as most do by default.
#[tokio::test]
async fn another_emulator_can_be_the_target() {
    let line = Line::over_tcp(Emulator::builder()).await;
    let other = Line::over_tcp(Emulator::builder()).await;
    let host = other.emulator.pinata().base_url().to_owned();
    line.add(creates(PINATA, redirect(307, RedirectTo::Host(host))));
    let pinata = line.emulator.pinata();
    let create = client::client()
        .post(format!("{}{PINATA}", pinata.base_url()))
        .header("pinata_api_key", pinata.api_key())
        .header("pinata_secret_api_key", pinata.api_secret())
        .body(new_key("elsewhere"));
    let answer = create.send().await.unwrap();
    // It arrived there, where this route ignores key pairs.
    assert_eq!(answer.status(), 401);
    assert_eq!((line.emulator.requests(), other.emulator.requests()), (1, 1));
    assert_eq!((line.made(), other.made()), (0, 0));
}
