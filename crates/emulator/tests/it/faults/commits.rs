//! Requests that are carried out late or twice, and names that are recorded in part.

use http::{Method, StatusCode};
use pinning_keys_emulator::{Emulator, Fault, FaultRule};
use pinning_keys_http::Reach::MaybeSent;
use pinning_keys_http::TransportErrorKind::Closed;

use super::line::{Line, PINATA, W3IPFS, both, creates, failure, json_of, status};

const BOTH: [&str; 2] = [PINATA, W3IPFS];

/// The names of the keys created at both providers.
fn made(line: &Line) -> Vec<String> {
    let (pinata, w3ipfs) = (line.emulator.pinata().keys(), line.emulator.w3ipfs().keys());
    pinata.into_iter().map(|key| key.name).chain(w3ipfs.into_iter().map(|key| key.name)).collect()
}

/// The path that revokes the only key.
fn revoke(line: &Line) -> String {
    match line.emulator.pinata().keys().first() {
        Some(first) => format!("{PINATA}/{}", first.key),
        None => format!("{W3IPFS}{}", line.emulator.w3ipfs().keys()[0].id),
    }
}

#[tokio::test]
async fn late_create_is_carried_out_before_the_last_request() {
    for line in both().await {
        for (path, late) in [(PINATA, "late-1"), (W3IPFS, "late-2")] {
            let before = line.made();
            line.add(creates(path, Fault::Late { requests: 2 }).nth(1));
            assert_eq!(failure(line.create(path, late).await), (Closed, MaybeSent));
            assert_eq!(line.made(), before, "{} {path}", line.name);
            // The rules may end; the request is still on its way.
            line.emulator.faults().clear();
            assert_eq!(status(line.get("/v3/api_keys").await), StatusCode::OK);
            assert_eq!(line.made(), before, "{} {path}", line.name);
            // Requests of anybody count, unknown ones and unauthorized ones too.
            assert_eq!(status(line.show(&[], "/nowhere").await), StatusCode::NOT_FOUND);
            assert_eq!(line.made(), before + 1, "{} {path}", line.name);
        }
        assert_eq!(made(&line), ["late-1", "late-2"]);
        assert_eq!(line.emulator.requests(), 6);
        assert_eq!(line.emulator.faults().carry_out_late().await, 0);
    }
}

/// The listing that would show the key counts itself.
#[tokio::test]
async fn late_create_shows_in_the_request_that_it_waited_for() {
    let line = Line::in_memory(Emulator::builder());
    line.add(creates(PINATA, Fault::Late { requests: 1 }).nth(1));
    line.create(PINATA, "late").await.unwrap_err();
    let listed = json_of(&line.get(PINATA).await.unwrap());
    assert_eq!(listed["keys"][0]["name"], "late");
}

#[tokio::test]
async fn late_requests_are_carried_out_in_order_when_asked() {
    for line in both().await {
        line.add(creates(PINATA, Fault::Late { requests: u32::MAX }).first(2));
        for name in ["first", "second"] {
            assert_eq!(failure(line.create(PINATA, name).await), (Closed, MaybeSent));
        }
        assert_eq!(made(&line), [""; 0]);
        assert_eq!(line.emulator.faults().carry_out_late().await, 2);
        assert_eq!(made(&line), ["first", "second"]);
        assert_eq!(line.emulator.faults().carry_out_late().await, 0);
        assert_eq!(line.made(), 2);
    }
}

#[tokio::test]
async fn request_that_waits_for_none_is_carried_out_at_once() {
    for line in both().await {
        line.add(creates(PINATA, Fault::Late { requests: 0 }));
        assert_eq!(failure(line.create(PINATA, "key").await), (Closed, MaybeSent));
        assert_eq!(line.made(), 1);
    }
}

#[tokio::test]
async fn late_revocation_revokes_later() {
    for path in BOTH {
        let line = Line::in_memory(Emulator::builder());
        line.create(path, "key").await.unwrap();
        line.add(FaultRule::new(Fault::Late { requests: 5 }).method(Method::DELETE));
        assert_eq!(failure(line.send(Method::DELETE, &revoke(&line), "").await).0, Closed);
        assert_eq!(line.emulator.keys_live(), 1);
        line.emulator.faults().carry_out_late().await;
        assert_eq!(line.emulator.keys_live(), 0);
    }
}

/// The credential is that of the request, at the time when it is carried out.
#[tokio::test]
async fn late_request_of_an_expired_session_does_nothing() {
    let line = Line::in_memory(Emulator::builder());
    line.add(creates(W3IPFS, Fault::Late { requests: 5 }));
    line.create(W3IPFS, "late").await.unwrap_err();
    line.emulator.w3ipfs().expire_jwt();
    assert_eq!(line.emulator.faults().carry_out_late().await, 1);
    assert_eq!(line.made(), 0);
}

/// A taken name is not taken again, as for any other create.
#[tokio::test]
async fn late_create_of_a_taken_name_does_nothing() {
    let line = Line::in_memory(Emulator::builder());
    line.add(creates(W3IPFS, Fault::Late { requests: 1 }).nth(1));
    line.create(W3IPFS, "key").await.unwrap_err();
    // The late one is carried out first.
    assert_eq!(status(line.create(W3IPFS, "key").await), StatusCode::CONFLICT);
    assert_eq!(line.made(), 1);
}

#[tokio::test]
async fn repeated_create_makes_a_twin_if_names_may_repeat() {
    for line in both().await {
        line.add(FaultRule::new(Fault::Twice).method(Method::POST).first(2));
        let answer = line.create(PINATA, "twin").await.unwrap();
        let keys = line.emulator.pinata().keys();
        assert_eq!(keys.iter().map(|key| &*key.name).collect::<Vec<_>>(), ["twin", "twin"]);
        // The answer is that of the second.
        assert_eq!(json_of(&answer)["pinata_api_key"], keys[1].key);

        assert_eq!(status(line.create(W3IPFS, "single").await), StatusCode::CONFLICT);
        assert_eq!(line.emulator.w3ipfs().keys()[0].name, "single");
        assert_eq!((line.made(), line.emulator.requests()), (3, 2), "{}", line.name);
    }
}

#[tokio::test]
async fn repeated_revocation_gets_the_second_answer() {
    for (path, second) in [(PINATA, StatusCode::OK), (W3IPFS, StatusCode::NOT_FOUND)] {
        let line = Line::in_memory(Emulator::builder());
        line.create(path, "key").await.unwrap();
        line.add(FaultRule::new(Fault::Twice).method(Method::DELETE));
        assert_eq!(status(line.send(Method::DELETE, &revoke(&line), "").await), second);
        assert_eq!(line.emulator.keys_live(), 0);
    }
}

#[tokio::test]
async fn truncated_name_is_recorded_in_characters() {
    for line in both().await {
        for path in BOTH {
            line.add(creates(path, Fault::TruncatedName { chars: 3 }).nth(1));
            assert_eq!(status(line.create(path, "äöü-12").await), StatusCode::OK);
            assert_eq!(status(line.create(path, "whole").await), StatusCode::OK);
        }
        assert_eq!(made(&line), ["äöü", "whole", "äöü", "whole"], "{}", line.name);
    }
}

/// Names are compared as they are recorded.
#[tokio::test]
async fn truncated_name_may_be_taken() {
    let line = Line::in_memory(Emulator::builder());
    line.add(creates(W3IPFS, Fault::TruncatedName { chars: 3 }));
    assert_eq!(status(line.create(W3IPFS, "key-1").await), StatusCode::OK);
    assert_eq!(status(line.create(W3IPFS, "key-2").await), StatusCode::CONFLICT);
    assert_eq!(made(&line), ["key"]);
}
