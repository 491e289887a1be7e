//! The bench for W3IPFS.

use http::{HeaderMap, HeaderValue};
use pinning_keys_emulator::{Emulator, W3ipfs, W3ipfsAssumptions};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};

use super::{answer, client, names};

pub(crate) const FLAGS: [&str; 7] = [
    "data.pin_list",
    "data.nft_list",
    "pinning.unpin",
    "pinning.pin_by_hash",
    "pinning.pin_file_to_ipfs",
    "pin_nft.unpin_nft",
    "pin_nft.pin_nft_to_ipfs",
];

/// All seven flags; true if wanted.
pub(crate) fn scopes(wanted: impl Fn(&str) -> bool) -> Value {
    let mut scopes = json!({ "admin": false });
    for name in FLAGS {
        let (group, flag) = name.split_once('.').unwrap();
        scopes[group][flag] = json!(wanted(name));
    }
    scopes
}

pub(crate) fn admin() -> Value {
    json!({ "admin": true })
}

pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    client: Client,
}

/// The pair in the answer to a create.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) secret: String,
}

impl Pair {
    /// A pair that no account has.
    pub(crate) fn unknown() -> Self {
        Self { key: "A".repeat(24), secret: "A".repeat(44) }
    }

    /// The pair in the answer to a create.
    pub(crate) fn of(created: &Value) -> Self {
        let text = |name: &str| created["data"][name].as_str().unwrap().to_owned();
        Self { key: text("api_key"), secret: text("secret_key") }
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("pinning_api_key", value(&self.key));
        headers.insert("pinning_secret_key", value(&self.secret));
        headers
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|assume| assume).await
    }

    pub(crate) async fn with(set: impl FnOnce(W3ipfsAssumptions) -> W3ipfsAssumptions) -> Self {
        let assumptions = set(W3ipfsAssumptions::default());
        let emulator = Emulator::builder().w3ipfs_assumptions(assumptions).start().await.unwrap();
        let client = client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { emulator, client }
    }

    pub(crate) fn w3ipfs(&self) -> &W3ipfs {
        self.emulator.w3ipfs()
    }

    /// The account's own key.
    pub(crate) fn own(&self) -> Pair {
        let w3ipfs = self.w3ipfs();
        Pair { key: w3ipfs.api_key().to_owned(), secret: w3ipfs.api_secret().to_owned() }
    }

    /// A request without a credential; the path is the part after `/api`.
    pub(crate) fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", self.w3ipfs().base_url()))
    }

    /// A request with the account's session token.
    pub(crate) fn session(&self, method: &str, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(self.w3ipfs().jwt())
    }

    pub(crate) fn pair(&self, method: &str, path: &str, pair: &Pair) -> RequestBuilder {
        self.bare(method, path).headers(pair.headers())
    }

    pub(crate) async fn try_make(&self, name: &str, scopes: Value) -> (u16, Value) {
        let body = json!({ "name": name, "scopes": scopes });
        answer(self.session("POST", "/apiKeys/").json(&body)).await
    }

    pub(crate) async fn make(&self, name: &str, scopes: Value) -> Pair {
        let (status, body) = self.try_make(name, scopes).await;
        assert_eq!(status, 200, "{body}");
        Pair::of(&body)
    }

    /// The `data` of a page of the list.
    pub(crate) async fn list(&self, query: &str) -> Value {
        let (status, body) = answer(self.session("GET", &format!("/apiKeys/list{query}"))).await;
        assert_eq!((status, &body["status"]), (200, &json!("success")), "{query}: {body}");
        body["data"].clone()
    }

    /// The names on a page of the list.
    pub(crate) async fn names(&self, query: &str) -> Vec<String> {
        names(&self.list(query).await["api_keys"])
    }

    /// The identifier of a key, which only a list shows.
    pub(crate) async fn id(&self, key: &str) -> String {
        let data = self.list("?limit=1000").await;
        let mut keys = data["api_keys"].as_array().unwrap().iter();
        let row = keys.find(|row| row["api_key"] == key).unwrap();
        row["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn delete(&self, pair: &Pair) -> (u16, Value) {
        let id = self.id(&pair.key).await;
        answer(self.session("DELETE", &format!("/apiKeys/{id}"))).await
    }
}

/// The body of a refusal.
pub(crate) fn fail(message: &str) -> Value {
    json!({ "status": "fail", "message": message })
}
