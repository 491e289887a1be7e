//! The control route, and that it is there only where it is asked for.

use std::time::Duration;

use http::Method;
use pinning_keys_emulator::Emulator;
use pinning_keys_http::Limits;
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
        let (status, answer) = answered(line.send(Method::PUT, CONTROL, "{}").await);
        assert_eq!(status, 405);
        assert!(answer["error"].as_str().unwrap().starts_with("GET shows the rules"));
        assert_eq!(line.create(PINATA, "key").await.unwrap().status(), 200);
        assert_eq!(line.made(), 1);
    }
}

/// A rule of this length.
fn rule_of(bytes: usize) -> String {
    let rule = |text: &str| json!({ "fault": { "body": { "text": text } } }).to_string();
    let blanks = bytes - rule("").len();
    rule(&" ".repeat(blanks))
}

#[tokio::test]
async fn a_rule_takes_no_more_than_64_kib() {
    const MOST: usize = 64 * 1024;
    for line in lines(true).await {
        // The answer repeats the rule.
        let limits = Limits::new(Duration::from_secs(20), 2 * MOST);
        let sent = line.send_limited(limits, Method::POST, CONTROL, &rule_of(MOST)).await;
        assert_eq!(status(sent), 201);
        for bytes in [MOST + 1, 32 * MOST] {
            let (status, answer) =
                answered(line.send(Method::POST, CONTROL, &rule_of(bytes)).await);
            let expected = json!({ "error": "a rule takes at most 64 KiB of JSON" });
            assert_eq!((status, answer), (413, expected));
        }
    }
}

#[tokio::test]
async fn there_are_no_more_than_a_thousand_rules() {
    let rule = r#"{"path":"/nowhere","fault":"refuse_connection"}"#;
    for line in lines(true).await {
        for _ in 0..999 {
            line.add(serde_json::from_str(rule).unwrap());
        }
        assert_eq!(status(line.send(Method::POST, CONTROL, rule).await), 201);
        let (status, answer) = answered(line.send(Method::POST, CONTROL, rule).await);
        let expected = "there are 1000 rules already; DELETE takes them all away";
        assert_eq!((status, &answer["error"]), (409, &json!(expected)));
        line.send(Method::DELETE, CONTROL, "").await.unwrap();
        let added = line.send(Method::POST, CONTROL, rule).await.unwrap();
        assert_eq!(added.status(), 201);
    }
}

/// The page of a browser sends `Origin`; where its host name leads to this machine, `Host`.
#[tokio::test]
async fn web_pages_have_no_say() {
    for line in lines(true).await {
        let rule = r#"{"fault":"refuse_connection"}"#;
        for (header, value) in
            [("origin", "http://example.com"), ("origin", "null"), ("host", "example.com")]
        {
            for method in METHODS {
                let sent = line.send_with((header, value), method, CONTROL, rule).await;
                let (status, answer) = answered(sent);
                assert_eq!(status, 403, "{} {header}", line.name);
                let error = answer["error"].as_str().unwrap().to_lowercase();
                assert!(error.contains(&format!("header {header}")), "{error}");
            }
        }
        assert_eq!(answered(line.get(CONTROL).await).1["rules"], json!([]));
        for host in ["localhost", "127.0.0.1:1"] {
            let sent = line.send_with(("host", host), Method::GET, CONTROL, "").await;
            assert_eq!(status(sent), 200);
        }
        // It is the control route that is careful; what the providers do is another matter.
        let sent = line.send_with(("host", "example.com"), Method::GET, PINATA, "").await;
        assert_eq!(status(sent), 200);
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
