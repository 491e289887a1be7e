//! Distorted lists of keys at both providers.

use http::{Method, StatusCode};
use pinning_keys_emulator::{
    Emulator, EmulatorBuilder, Fault, FaultRule, ListCount, ListFault, PinataAssumptions,
};
use serde_json::Value;

use super::line::{Line, PINATA, W3IPFS, json_of, status};
use crate::common::names;

/// Where to create keys and list them, and where the rows and their count are in the answer. A
/// page has three rows.
struct Provider {
    create: &'static str,
    list: &'static str,
    rows: &'static str,
    count: &'static str,
}

const PROVIDERS: [Provider; 3] = [
    Provider { create: PINATA, list: "/v3/api_keys?", rows: "/keys", count: "/count" },
    Provider { create: PINATA, list: "/users/apiKeys?", rows: "/keys", count: "/count" },
    Provider {
        create: W3IPFS,
        list: "/api/apiKeys/list?limit=3",
        rows: "/data/api_keys",
        count: "/data/total",
    },
];

impl Provider {
    /// From now on, the only fault.
    fn distort(&self, line: &Line, fault: ListFault) {
        line.emulator.faults().clear();
        let path = self.list.split('?').next().unwrap();
        line.add(FaultRule::new(Fault::List(fault)).method(Method::GET).path(path));
    }

    /// The names on the page from this offset, and the count in the answer.
    async fn page(&self, line: &Line, offset: usize) -> (Vec<String>, u64) {
        let answer = line.get(&format!("{}&offset={offset}", self.list)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body = json_of(&answer);
        let count = body.pointer(self.count).and_then(Value::as_u64).unwrap();
        (names(body.pointer(self.rows).unwrap()), count)
    }

    async fn names(&self, line: &Line, offset: usize) -> Vec<String> {
        self.page(line, offset).await.0
    }
}

fn builder() -> EmulatorBuilder {
    let assumptions = PinataAssumptions::default().page_size(3).list_count(ListCount::Total);
    Emulator::builder().pinata_assumptions(assumptions)
}

/// The keys 1 to 4 are listed from 4; at W3IPFS the account's own key is the last.
#[tokio::test]
async fn page_is_distorted_the_same_way_everywhere() {
    for provider in PROVIDERS {
        let mut shuffled = Vec::new();
        for line in [Line::in_memory(builder()), Line::over_tcp(builder()).await] {
            for name in ["1", "2", "3", "4"] {
                assert_eq!(status(line.create(provider.create, name).await), StatusCode::OK);
            }
            let (first, total) = provider.page(&line, 0).await;
            assert_eq!(first, ["4", "3", "2"]);

            provider.distort(&line, ListFault::Stale);
            assert_eq!(provider.names(&line, 0).await, ["3", "2", "1"]);

            // As if a key had been created between two pages: nothing is lost.
            provider.distort(&line, ListFault::Duplicated);
            let (second, new_total) = provider.page(&line, 3).await;
            assert_eq!((second[0].as_str(), new_total), ("2", total + 1));
            assert_eq!((first.len() + second.len() - 1) as u64, total);
            assert_eq!(provider.names(&line, 0).await, ["4", "4", "3"]);

            provider.distort(&line, ListFault::MissingRow);
            let missing = provider.page(&line, 0).await;
            assert_eq!(missing, (vec!["4".to_owned(), "2".to_owned()], total));

            // The order follows from the seed and the number of the request.
            provider.distort(&line, ListFault::Shuffled);
            let mut pages = Vec::new();
            for _ in 0..4 {
                let page = provider.names(&line, 0).await;
                let mut sorted = page.clone();
                sorted.sort();
                assert_eq!(sorted, ["2", "3", "4"]);
                assert_ne!(page, first);
                pages.push(page);
            }
            shuffled.push(pages);

            line.emulator.faults().clear();
            assert_eq!(provider.page(&line, 0).await, (first, total));
        }
        assert_eq!(shuffled[0], shuffled[1]);
    }
}

#[tokio::test]
async fn stale_page_shows_a_revoked_key_as_live() {
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

/// Four creations and one revocation, of which the page does not show the last few.
#[tokio::test]
async fn page_is_stale_by_as_many_changes_as_asked() {
    for provider in PROVIDERS {
        let line = Line::in_memory(builder());
        for name in ["1", "2", "3", "4"] {
            assert_eq!(status(line.create(provider.create, name).await), StatusCode::OK);
        }
        let (pinata, w3ipfs) = (line.emulator.pinata().keys(), line.emulator.w3ipfs().keys());
        let revoke = match pinata.first() {
            Some(first) => format!("{PINATA}/{}", first.key),
            None => format!("{W3IPFS}{}", w3ipfs[0].id),
        };
        assert_eq!(status(line.send(Method::DELETE, &revoke, "").await), StatusCode::OK);
        let newest = [(0, "4"), (1, "4"), (2, "3"), (3, "2"), (4, "1")];
        for (changes, newest) in newest {
            provider.distort(&line, ListFault::StaleBy { changes });
            assert_eq!(provider.names(&line, 0).await[0], newest, "{changes}");
        }
        provider.distort(&line, ListFault::StaleBy { changes: u32::MAX });
        let none = if provider.create == PINATA { vec![] } else { vec!["Default"] };
        assert_eq!(provider.names(&line, 0).await, none);
    }
}

/// A filter selects from the list as the page shows it.
#[tokio::test]
async fn filtered_page_is_stale_too() {
    let line = Line::in_memory(builder());
    for name in ["user-1", "ci", "user-2"] {
        line.create(PINATA, name).await.unwrap();
    }
    let key = line.emulator.pinata().keys()[0].key.clone();
    line.send(Method::DELETE, &format!("{PINATA}/{key}"), "").await.unwrap();
    let searched = async |changes| {
        line.emulator.faults().clear();
        line.add(FaultRule::new(Fault::List(ListFault::StaleBy { changes })));
        let answer = line.get(&format!("{PINATA}?name=user&revoked=false")).await.unwrap();
        names(&json_of(&answer)["keys"])
    };
    assert_eq!(searched(0).await, ["user-2"]);
    assert_eq!(searched(1).await, ["user-2", "user-1"]);
    assert_eq!(searched(2).await, ["user-1"]);
    assert_eq!(searched(4).await, [""; 0]);
}

#[tokio::test]
async fn list_fault_on_other_routes_does_nothing() {
    let line = Line::in_memory(builder());
    line.add(FaultRule::new(Fault::List(ListFault::MissingRow)));
    for path in [PINATA, W3IPFS] {
        assert_eq!(status(line.create(path, "key").await), StatusCode::OK);
    }
    assert_eq!(status(line.get("/v3/files/public").await), StatusCode::OK);
    assert_eq!(line.made(), 2);
}
