//! Pages that are exactly full, and numbers at the edge of what they mean.

use serde_json::{Value, json};

use crate::common::Bench;

/// A list of the data plane that comes in pages.
struct Listed {
    path: &'static str,
    make: (&'static str, &'static str),
    rows: &'static str,
    limit: &'static str,
    /// Empty for v3 lists, which have page tokens instead.
    offset: &'static str,
    /// The rows of a page without a limit; documented for the legacy lists.
    default: usize,
}

const V3: [Listed; 2] = [
    Listed {
        path: "/v3/groups/public",
        make: ("/v3/groups/public", r#"{"name":"NUMBER"}"#),
        rows: "/data/groups",
        limit: "limit",
        offset: "",
        default: 10,
    },
    Listed {
        path: "/v3/files/public",
        make: ("/pinning/pinJSONToIPFS", r#"{"n":"NUMBER"}"#),
        rows: "/data/files",
        limit: "limit",
        offset: "",
        default: 10,
    },
];

const LEGACY: [Listed; 2] = [
    Listed {
        path: "/data/pinList",
        make: ("/pinning/pinJSONToIPFS", r#"{"n":"NUMBER"}"#),
        rows: "/rows",
        limit: "pageLimit",
        offset: "pageOffset",
        default: 10,
    },
    Listed {
        path: "/pinning/pinJobs",
        make: ("/pinning/pinByHash", r#"{"hashToPin":"bafyNUMBER"}"#),
        rows: "/rows",
        limit: "limit",
        offset: "offset",
        default: 5,
    },
];

impl Listed {
    async fn fill(&self, bench: &Bench, items: usize) {
        let (path, body) = self.make;
        for number in 0..items {
            let body = serde_json::from_str(&body.replace("NUMBER", &number.to_string())).unwrap();
            let (status, answer) = bench.send("POST", path, &body).await;
            assert_eq!(status, 200, "{path}: {answer}");
        }
    }

    async fn page(&self, bench: &Bench, query: &str) -> (usize, Value) {
        let path = format!("{}?{query}", self.path);
        let (status, body) = bench.call("GET", &path).await;
        assert_eq!(status, 200, "{path}: {body}");
        (body.pointer(self.rows).unwrap().as_array().unwrap().len(), body)
    }
}

#[tokio::test]
async fn full_last_page_of_v3_ends_with_an_empty_token() {
    for listed in V3 {
        let bench = Bench::new().await;
        listed.fill(&bench, 20).await;
        let mut token = String::new();
        for last in [false, true] {
            let (rows, body) = listed.page(&bench, &format!("pageToken={token}")).await;
            body["data"]["next_page_token"].as_str().unwrap().clone_into(&mut token);
            assert_eq!((rows, token.is_empty()), (10, last), "{}", listed.path);
        }
    }
}

#[tokio::test]
async fn full_last_page_of_legacy_is_followed_by_an_empty_one() {
    for listed in LEGACY {
        let bench = Bench::new().await;
        listed.fill(&bench, 20).await;
        for (offset, rows) in
            [(0, listed.default), (20 - listed.default, listed.default), (20, 0), (1020, 0)]
        {
            let query = format!("{}={offset}", listed.offset);
            let (found, body) = listed.page(&bench, &query).await;
            assert_eq!((found, &body["count"]), (rows, &json!(20)), "{query}");
        }
    }
}

#[tokio::test]
async fn page_length_of_zero_is_taken_as_one() {
    for (listed, default) in V3.iter().map(|v3| (v3, 1)).chain(LEGACY.iter().map(|old| (old, 2))) {
        let bench = Bench::with(|assume| assume.page_size(0).data_page_size(0)).await;
        listed.fill(&bench, 2).await;
        // The switch is for v3: the legacy lists have documented lengths.
        for (query, rows) in [(String::new(), default), (format!("{}=0", listed.limit), 1)] {
            assert_eq!(listed.page(&bench, &query).await.0, rows, "{}?{query}", listed.path);
        }
        for name in ["a", "b"] {
            bench.make(name, json!({})).await;
        }
        assert_eq!(bench.names("?offset=1").await, ["a"]);
    }
}

#[tokio::test]
async fn invalid_number_is_refused_in_the_form_of_the_family() {
    let bench = Bench::new().await;
    let v3 = V3.iter().map(|listed| (listed.path, listed.limit, "code", json!(400)));
    let keys = ("/v3/api_keys", "offset", "code", json!(400));
    let legacy = LEGACY.iter().flat_map(|listed| {
        let names = [listed.limit, listed.offset].into_iter();
        names.map(|name| (listed.path, name, "reason", json!("INVALID_REQUEST")))
    });
    for (path, name, member, expected) in v3.chain([keys]).chain(legacy) {
        for number in ["-1", "1.5", "x", "99999999999999999999"] {
            let (status, body) = bench.call("GET", &format!("{path}?{name}={number}")).await;
            assert_eq!((status, &body["error"][member]), (400, &expected), "{path} {number}");
        }
    }
}

#[tokio::test]
async fn legacy_page_has_at_most_the_documented_thousand_rows() {
    let bench = Bench::new().await;
    for listed in LEGACY {
        let path = |limit: usize| format!("{}?{}={limit}", listed.path, listed.limit);
        assert_eq!(bench.call("GET", &path(1000)).await.0, 200, "{}", listed.path);
        assert_eq!(bench.call("GET", &path(1001)).await.0, 400, "{}", listed.path);
    }
}
