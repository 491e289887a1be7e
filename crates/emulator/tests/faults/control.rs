//! The control route, and that it is there only where it is asked for.

use http::Method;
use pinning_keys_emulator::Emulator;
use serde_json::json;

use crate::line::{Line, PINATA, Sent, json_of, new_key, status};

const CONTROL: &str = "/_emulator/faults";

const METHODS: [Method; 3] = [Method::GET, Method::POST, Method::DELETE];

async fn lines(on: bool) -> [Line; 2] {
    let builder = || Emulator::builder().control_route(on);
    [Line::in_memory(builder()), Line::over_tcp(builder()).await]
}

fn answered(sent: Sent) -> (u16, serde_json::Value) {
    let answer = sent.unwrap();
    (answer.status().as_u16(), json_of(&answer))
}

#[tokio::test]
async fn who_does_not_ask_for_it_has_none() {
    let rule = r#"{"fault":{"cut_connection":"after_commit"}}"#;
    for line in lines(false).await.into_iter().chain(crate::line::both().await) {
        for method in METHODS {
            let unknown = line.send(method.clone(), "/_emulator/faultz", rule).await.unwrap();
            let control = line.send(method, CONTROL, rule).await.unwrap();
            assert_eq!((unknown.status(), unknown.body()), (control.status(), control.body()));
            assert_eq!(control.status(), 404);
        }
        assert_eq!(line.emulator.requests(), 6);
        assert_eq!(status(line.create(PINATA, "key").await), 200);
    }
}

#[tokio::test]
async fn rules_are_added_shown_and_taken_away() {
    for line in lines(true).await {
        let empty = json!({ "hits": 0, "rules": [] });
        assert_eq!(answered(line.get(CONTROL).await), (200, empty.clone()));

        let rule = json!({
            "method": "POST",
            "path": PINATA,
            "requests": { "nth": 2 },
            "fault": { "status": { "code": 503, "stage": "after_commit" } },
        });
        let added = line.send(Method::POST, CONTROL, &rule.to_string()).await;
        let shown = |requests, hits| json!({ "rule": rule, "requests": requests, "hits": hits, "body_bytes": 0 });
        assert_eq!(answered(added), (201, shown(0, 0)));
        for expected in [200, 503] {
            assert_eq!(status(line.create(PINATA, "key").await), expected);
        }
        let expected = json!({ "hits": 1, "rules": [shown(2, 1)] });
        assert_eq!(answered(line.get(CONTROL).await), (200, expected));
        assert_eq!(line.made(), 2);

        let cleared = line.send(Method::DELETE, CONTROL, "").await.unwrap();
        assert_eq!((cleared.status().as_u16(), cleared.body().len()), (204, 0));
        assert_eq!(answered(line.get(CONTROL).await), (200, empty));
        // Of all this, two requests were for a provider.
        assert_eq!(line.emulator.requests(), 2);
    }
}

#[tokio::test]
async fn faults_do_not_reach_the_control_route() {
    for line in lines(true).await {
        let rule = r#"{"fault":{"cut_connection":"before_read"}}"#;
        assert_eq!(status(line.send(Method::POST, CONTROL, rule).await), 201);
        assert!(line.create(PINATA, "key").await.is_err());
        assert_eq!(answered(line.get(CONTROL).await).1["hits"], 1);
        assert_eq!(status(line.send(Method::DELETE, CONTROL, "").await), 204);
        assert_eq!(status(line.create(PINATA, "key").await), 200);
    }
}

#[tokio::test]
async fn what_is_no_rule_is_refused_and_says_why() {
    for line in lines(true).await {
        for (body, part) in [
            ("", "EOF"),
            ("[]", "invalid"),
            (r#"{"fault":{"status":{"code":99}}}"#, "not a status from 200 to 599"),
            (r#"{"fault":"explode"}"#, "unknown variant `explode`"),
        ] {
            let (status, answer) = answered(line.send(Method::POST, CONTROL, body).await);
            let error = answer["error"].as_str().unwrap();
            assert_eq!(status, 400);
            assert!(error.starts_with("the body is not a rule: "), "{error}");
            assert!(error.contains(part), "{body}: {error}");
        }
        assert_eq!(status(line.send(Method::PUT, CONTROL, "{}").await), 405);
        assert_eq!(status(line.create(PINATA, "key").await), 200);
        assert_eq!(line.made(), 1);
    }
}

#[tokio::test]
async fn the_library_and_the_route_change_one_plan() {
    for line in lines(true).await {
        let rule = r#"{"fault":{"body":"empty"}}"#;
        line.add(serde_json::from_str(rule).unwrap());
        assert_eq!(answered(line.get(CONTROL).await).1["rules"][0]["hits"], 0);
        let answer = line.send(Method::POST, PINATA, &new_key("key")).await.unwrap();
        assert!(answer.body().is_empty());
        line.send(Method::DELETE, CONTROL, "").await.unwrap();
        assert_eq!(line.emulator.faults().hits(), 0);
    }
}
