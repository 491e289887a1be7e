//! Keys that work late, or too long.

use http::Method;
use pinning_keys_emulator::{Emulator, Fault, FaultRule, PinataAssumptions};
use serde_json::Value;

use super::line::{Line, PINATA, W3IPFS, both, creates, json_of, status};

/// A key that was made over a line: the headers that present it, and the path that revokes it.
struct Key {
    headers: Vec<(&'static str, String)>,
    test: &'static str,
    revoke: String,
}

impl Key {
    async fn make(line: &Line, path: &str, name: &str) -> Self {
        let answer = json_of(&line.create(path, name).await.unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        if path == PINATA {
            let revoke = format!("{PINATA}/{}", text(&answer["pinata_api_key"]));
            let headers = vec![("authorization", format!("Bearer {}", text(&answer["JWT"])))];
            Self { headers, test: "/data/testAuthentication", revoke }
        } else {
            let keys = line.emulator.w3ipfs().keys();
            let revoke = format!("{W3IPFS}{}", keys.last().unwrap().id);
            let headers = vec![
                ("pinning_api_key", text(&answer["data"]["api_key"])),
                ("pinning_secret_key", text(&answer["data"]["secret_key"])),
            ];
            Self { headers, test: "/api/apiKeys/testAuthentication", revoke }
        }
    }

    /// Whether each of this many requests that present the key is let through.
    async fn works(&self, line: &Line, times: usize) -> Vec<bool> {
        let mut works = Vec::new();
        for _ in 0..times {
            works.push(status(line.show(&self.headers, self.test).await) == 200);
        }
        works
    }

    async fn revoke(&self, line: &Line) {
        assert_eq!(status(line.send(Method::DELETE, &self.revoke, "").await), 200);
    }
}

const BOTH: [&str; 2] = [PINATA, W3IPFS];

#[tokio::test]
async fn late_key_works_after_its_delay() {
    for line in both().await {
        for path in BOTH {
            line.add(creates(path, Fault::LateKey { requests: 2 }).nth(2));
            let prompt = Key::make(&line, path, "prompt").await;
            let late = Key::make(&line, path, "late").await;
            assert_eq!(prompt.works(&line, 1).await, [true], "{} {path}", line.name);
            assert_eq!(late.works(&line, 4).await, [false, false, true, true]);
            late.revoke(&line).await;
            assert_eq!(late.works(&line, 1).await, [false]);
        }
    }
}

#[tokio::test]
async fn lingering_key_works_after_its_revocation() {
    for line in both().await {
        for path in BOTH {
            let lingering = FaultRule::new(Fault::LingeringKey { requests: 2 });
            line.add(lingering.method(Method::DELETE).path(format!("{path}*")).nth(2));
            let [prompt, lingers] =
                [Key::make(&line, path, "prompt").await, Key::make(&line, path, "lingers").await];
            prompt.revoke(&line).await;
            lingers.revoke(&line).await;
            assert_eq!(prompt.works(&line, 1).await, [false], "{} {path}", line.name);
            assert_eq!(lingers.works(&line, 4).await, [true, true, false, false]);
            // The counters report it as revoked at once.
            assert_eq!(line.emulator.keys_live(), 0);
        }
    }
}

#[tokio::test]
async fn longer_of_switch_and_fault_wins() {
    for (switch, fault, refused) in [(3, 1, 3), (1, 3, 3)] {
        let assumptions = PinataAssumptions::default().new_key_refusals(switch);
        let line = Line::in_memory(Emulator::builder().pinata_assumptions(assumptions));
        line.add(creates(PINATA, Fault::LateKey { requests: fault }));
        let key = Key::make(&line, PINATA, "late").await;
        let works = key.works(&line, 5).await;
        assert_eq!(works.iter().filter(|works| !**works).count(), refused);
    }
}

#[tokio::test]
async fn key_faults_on_other_routes_do_nothing() {
    for line in both().await {
        for path in BOTH {
            // Each on the routes of the other.
            let lingering = line.add(creates(path, Fault::LingeringKey { requests: 9 }));
            let late = FaultRule::new(Fault::LateKey { requests: 9 });
            let late = line.add(late.method(Method::DELETE).path(format!("{path}*")));
            let key = Key::make(&line, path, "key").await;
            assert_eq!(key.works(&line, 1).await, [true]);
            key.revoke(&line).await;
            assert_eq!(key.works(&line, 1).await, [false]);
            assert_eq!((lingering.hits(), late.hits()), (1, 1));
        }
    }
}
