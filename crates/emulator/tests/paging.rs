//! Pages that are exactly full, and numbers at the edge of what they mean.

mod common;

use common::{Bench, answer};
use pinning_keys_emulator::PinataAssumptions;
use serde_json::{Value, json};

/// Something that is listed by the page.
struct Listed {
    path: &'static str,
    make: (&'static str, &'static str),
    rows: &'static str,
    limit: &'static str,
    offset: &'static str,
}

const V3: [Listed; 2] = [
    Listed {
        path: "/v3/groups/public",
        make: ("/v3/groups/public", r#"{"name":"NUMBER"}"#),
        rows: "/data/groups",
        limit: "limit",
        offset: "",
    },
    Listed {
        path: "/v3/files/public",
        make: ("/pinning/pinJSONToIPFS", r#"{"n":"NUMBER"}"#),
        rows: "/data/files",
        limit: "limit",
        offset: "",
    },
];

const LEGACY: [Listed; 2] = [
    Listed {
        path: "/data/pinList",
        make: ("/pinning/pinJSONToIPFS", r#"{"n":"NUMBER"}"#),
        rows: "/rows",
        limit: "pageLimit",
        offset: "pageOffset",
    },
    Listed {
        path: "/pinning/pinJobs",
        make: ("/pinning/pinByHash", r#"{"hashToPin":"bafyNUMBER"}"#),
        rows: "/rows",
        limit: "limit",
        offset: "offset",
    },
];

impl Listed {
    async fn fill(&self, bench: &Bench, items: usize) {
        let (path, body) = self.make;
        for number in 0..items {
            let body: Value =
                serde_json::from_str(&body.replace("NUMBER", &number.to_string())).unwrap();
            let (status, answer) = answer(bench.as_admin("POST", path).json(&body)).await;
            assert_eq!(status, 200, "{path}: {answer}");
        }
    }

    async fn page(&self, bench: &Bench, query: &str) -> (usize, Value) {
        let path = format!("{}?{query}", self.path);
        let (status, body) = answer(bench.as_admin("GET", &path)).await;
        assert_eq!(status, 200, "{path}: {body}");
        (body.pointer(self.rows).unwrap().as_array().unwrap().len(), body)
    }
}

#[tokio::test]
async fn keys_that_fill_their_pages_are_followed_by_an_empty_one() {
    for (keys, full) in [(10, 1), (20, 2)] {
        let bench = Bench::new().await;
        for number in 0..keys {
            bench.make(&number.to_string(), json!({})).await;
        }
        for page in 0..full {
            assert_eq!(bench.names(&format!("?offset={}", page * 10)).await.len(), 10);
        }
        assert_eq!(bench.names(&format!("?offset={keys}")).await.len(), 0);
    }
}

#[tokio::test]
async fn v3_lists_that_fill_their_pages_end_with_an_empty_token() {
    for listed in V3 {
        for (items, full) in [(10, 1), (20, 2)] {
            let bench = Bench::new().await;
            listed.fill(&bench, items).await;
            let mut token = String::new();
            for number in 1..=full {
                let (rows, body) = listed.page(&bench, &format!("pageToken={token}")).await;
                body["data"]["next_page_token"].as_str().unwrap().clone_into(&mut token);
                assert_eq!((rows, token.is_empty()), (10, number == full), "{}", listed.path);
            }
        }
    }
}

#[tokio::test]
async fn legacy_lists_that_fill_their_pages_are_followed_by_an_empty_one() {
    for listed in LEGACY {
        for items in [10, 20] {
            let bench = Bench::new().await;
            listed.fill(&bench, items).await;
            for (offset, rows) in [(0, 10), (items - 10, 10), (items, 0), (items + 1000, 0)] {
                let query = format!("{}={offset}", listed.offset);
                let (found, body) = listed.page(&bench, &query).await;
                assert_eq!((found, &body["count"]), (rows, &json!(items)), "{query}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_holds_something_whatever_its_length_is_said_to_be() {
    let bench = Bench::assuming(PinataAssumptions::default().page_size(0).data_page_size(0)).await;
    for name in ["a", "b"] {
        bench.make(name, json!({})).await;
    }
    assert_eq!(bench.names("").await, ["b"]);
    assert_eq!(bench.names("?offset=1").await, ["a"]);
    for listed in V3.into_iter().chain(LEGACY) {
        let bench =
            Bench::assuming(PinataAssumptions::default().page_size(0).data_page_size(0)).await;
        listed.fill(&bench, 2).await;
        for query in [String::new(), format!("{}=0", listed.limit)] {
            assert_eq!(listed.page(&bench, &query).await.0, 1, "{}?{query}", listed.path);
        }
    }
}

#[tokio::test]
async fn what_is_no_whole_number_is_refused_in_the_words_of_the_family() {
    let bench = Bench::new().await;
    let keys = answer(bench.as_admin("GET", "/v3/api_keys?offset=-1")).await;
    assert_eq!((keys.0, &keys.1["error"]["code"]), (400, &json!(400)));
    let refused = |listed: &Listed, name: &str, number: &str| {
        answer(bench.as_admin("GET", &format!("{}?{name}={number}", listed.path)))
    };
    for number in ["-1", "1.5", "x", "99999999999999999999"] {
        for listed in V3 {
            let (status, body) = refused(&listed, listed.limit, number).await;
            assert_eq!((status, &body["error"]["code"]), (400, &json!(400)), "{body}");
        }
        for listed in LEGACY {
            for name in [listed.limit, listed.offset] {
                let (status, body) = refused(&listed, name, number).await;
                let reason = &body["error"]["reason"];
                assert_eq!((status, reason), (400, &json!("INVALID_REQUEST")), "{name}={number}");
            }
        }
    }
}
