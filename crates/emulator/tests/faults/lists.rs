//! Lists of keys that are not as they should be, at both providers.

use http::{Method, StatusCode};
use pinning_keys_emulator::{
    Emulator, EmulatorBuilder, Fault, FaultRule, ListCount, ListFault, PinataAssumptions,
};
use serde_json::Value;

use crate::line::{Line, PINATA, W3IPFS, json_of, status};

const W3IPFS_LIST: &str = "/api/apiKeys/list?limit=3";

/// Where to make keys, where to list them, and where in the answer the rows and their count
/// are. Pages have three rows.
struct Provider {
    create: &'static str,
    list: &'static str,
    rows: &'static str,
    count: &'static str,
}

const PROVIDERS: [Provider; 3] = [
    Provider { create: PINATA, list: "/v3/api_keys?", rows: "/keys", count: "/count" },
    Provider { create: PINATA, list: "/users/apiKeys?", rows: "/keys", count: "/count" },
    Provider { create: W3IPFS, list: W3IPFS_LIST, rows: "/data/api_keys", count: "/data/total" },
];

impl Provider {
    fn rule(&self, fault: ListFault) -> FaultRule {
        let path = self.list.split('?').next().unwrap();
        FaultRule::new(Fault::List(fault)).method(Method::GET).path(path)
    }

    /// The names on the page from here on, and what the answer counts.
    async fn page(&self, line: &Line, offset: usize) -> (Vec<String>, u64) {
        let answer = line.get(&format!("{}&offset={offset}", self.list)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body = json_of(&answer);
        let rows = body.pointer(self.rows).and_then(Value::as_array).cloned().unwrap_or_default();
        let names = rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
        (names, body.pointer(self.count).and_then(Value::as_u64).unwrap())
    }

    async fn names(&self, line: &Line, offset: usize) -> Vec<String> {
        self.page(line, offset).await.0
    }
}

fn builder() -> EmulatorBuilder {
    let assumptions = PinataAssumptions::default().page_size(3).list_count(ListCount::Total);
    Emulator::builder().pinata_assumptions(assumptions)
}

/// For each provider and way, an emulator with the keys 1 to 4, so that lists begin with 4. At
/// W3IPFS the account's own key is the last.
async fn lines() -> Vec<(Line, Provider)> {
    let mut lines = Vec::new();
    for provider in PROVIDERS {
        for line in [Line::in_memory(builder()), Line::over_tcp(builder()).await] {
            for name in ["1", "2", "3", "4"] {
                assert_eq!(status(line.create(provider.create, name).await), StatusCode::OK);
            }
            lines.push((line, Provider { ..provider }));
        }
    }
    lines
}

#[tokio::test]
async fn a_stale_page_is_the_one_before_the_last_change() {
    for (line, provider) in lines().await {
        line.add(provider.rule(ListFault::Stale).from_nth(1));
        assert_eq!(provider.names(&line, 0).await, ["3", "2", "1"]);
        assert_eq!(status(line.create(provider.create, "5").await), StatusCode::OK);
        assert_eq!(provider.names(&line, 0).await, ["4", "3", "2"]);
        line.emulator.faults().clear();
        assert_eq!(provider.names(&line, 0).await, ["5", "4", "3"]);
    }
}

#[tokio::test]
async fn a_stale_page_shows_a_revoked_key_as_live() {
    let line = Line::in_memory(builder());
    line.create(PINATA, "key").await.unwrap();
    line.create(W3IPFS, "key").await.unwrap();
    let revoked = async || {
        let answer = line.get(PINATA).await.unwrap();
        json_of(&answer)["keys"][0]["revoked"].as_bool().unwrap()
    };
    let key = line.emulator.pinata().keys()[0].key.clone();
    let id = line.emulator.w3ipfs().keys()[0].id.clone();
    for path in [format!("{PINATA}/{key}"), format!("{W3IPFS}{id}")] {
        assert_eq!(status(line.send(Method::DELETE, &path, "").await), StatusCode::OK);
    }
    assert!(revoked().await);
    assert_eq!(PROVIDERS[2].names(&line, 0).await, ["Default"]);
    line.add(FaultRule::new(Fault::List(ListFault::Stale)));
    assert!(!revoked().await);
    assert_eq!(PROVIDERS[2].names(&line, 0).await, ["key", "Default"]);
    assert_eq!(line.emulator.keys_live(), 0);
}

#[tokio::test]
async fn a_duplicated_row_is_as_if_a_key_had_been_made_between_two_pages() {
    for (line, provider) in lines().await {
        let (mut names, total) = provider.page(&line, 0).await;
        line.add(provider.rule(ListFault::Duplicated));
        let (second, new_total) = provider.page(&line, 3).await;
        assert_eq!(second[0], names[2]);
        assert_eq!(new_total, total + 1);
        // Nothing is lost.
        names.extend(second);
        names.dedup();
        assert_eq!(names.len() as u64, total);

        let first = provider.names(&line, 0).await;
        assert_eq!(first, ["4", "4", "3"]);
    }
}

#[tokio::test]
async fn a_missing_row_is_still_counted() {
    for (line, provider) in lines().await {
        let (_, total) = provider.page(&line, 0).await;
        line.add(provider.rule(ListFault::MissingRow));
        assert_eq!(provider.page(&line, 0).await, (vec!["4".to_owned(), "2".to_owned()], total));
    }
}

#[tokio::test]
async fn shuffled_rows_follow_from_the_seed() {
    for provider in PROVIDERS {
        let mut seen = Vec::new();
        for line in [Line::in_memory(builder()), Line::over_tcp(builder()).await] {
            for name in ["1", "2", "3", "4"] {
                line.create(provider.create, name).await.unwrap();
            }
            line.add(provider.rule(ListFault::Shuffled));
            let mut pages = Vec::new();
            for _ in 0..4 {
                let page = provider.names(&line, 0).await;
                let mut sorted = page.clone();
                sorted.sort();
                assert_eq!(sorted, ["2", "3", "4"]);
                assert_ne!(page, ["4", "3", "2"]);
                pages.push(page);
            }
            seen.push(pages);
        }
        assert_eq!(seen[0], seen[1]);
    }
}

#[tokio::test]
async fn what_is_no_list_of_keys_is_as_ever() {
    let line = Line::in_memory(builder());
    line.add(FaultRule::new(Fault::List(ListFault::MissingRow)));
    for path in [PINATA, W3IPFS] {
        assert_eq!(status(line.create(path, "key").await), StatusCode::OK);
    }
    assert_eq!(status(line.get("/v3/files/public").await), StatusCode::OK);
    assert_eq!(line.made(), 2);
}
