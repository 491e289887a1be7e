//! An emulator with a real HTTP client in front of it; this bench is for Pinata.

pub(crate) mod client;
pub(crate) mod table;
pub(crate) mod w3ipfs;

use pinning_keys_emulator::{Emulator, Pinata, PinataAssumptions};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    client: Client,
}

/// The three secrets in the answer to a create.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) jwt: String,
    pub(crate) key: String,
    pub(crate) secret: String,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|assume| assume).await
    }

    pub(crate) async fn with(set: impl FnOnce(PinataAssumptions) -> PinataAssumptions) -> Self {
        let assumptions = set(PinataAssumptions::default());
        let emulator = Emulator::builder().pinata_assumptions(assumptions).start().await.unwrap();
        Self { emulator, client: client::client() }
    }

    pub(crate) fn pinata(&self) -> &Pinata {
        self.emulator.pinata()
    }

    pub(crate) fn admin(&self) -> Made {
        let pinata = self.pinata();
        Made {
            jwt: pinata.jwt().to_owned(),
            key: pinata.api_key().to_owned(),
            secret: pinata.api_secret().to_owned(),
        }
    }

    /// A request without a credential.
    pub(crate) fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", self.pinata().base_url()))
    }

    pub(crate) fn bearer(&self, method: &str, path: &str, made: &Made) -> RequestBuilder {
        self.bare(method, path).bearer_auth(&made.jwt)
    }

    pub(crate) fn pair(&self, method: &str, path: &str, made: &Made) -> RequestBuilder {
        self.bare(method, path)
            .header("pinata_api_key", &made.key)
            .header("pinata_secret_api_key", &made.secret)
    }

    /// A request with the admin credential.
    pub(crate) fn as_admin(&self, method: &str, path: &str) -> RequestBuilder {
        self.bearer(method, path, &self.admin())
    }

    /// The answer to a request with the admin credential.
    pub(crate) async fn call(&self, method: &str, path: &str) -> (u16, Value) {
        answer(self.as_admin(method, path)).await
    }

    /// The answer to a request with the admin credential and this body.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        answer(self.as_admin(method, path).json(body)).await
    }

    pub(crate) async fn make(&self, name: &str, permissions: Value) -> Made {
        self.create(json!({ "keyName": name, "permissions": permissions })).await
    }

    pub(crate) async fn create(&self, body: Value) -> Made {
        let (status, body) = self.try_create(body).await;
        assert_eq!(status, 200, "{body}");
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Made { jwt: text("JWT"), key: text("pinata_api_key"), secret: text("pinata_api_secret") }
    }

    pub(crate) async fn try_create(&self, body: Value) -> (u16, Value) {
        self.send("POST", "/v3/api_keys", &body).await
    }

    pub(crate) async fn revoke(&self, made: &Made) -> (u16, Value) {
        self.call("DELETE", &format!("/v3/api_keys/{}", made.key)).await
    }

    /// The names on a page of the list.
    pub(crate) async fn names(&self, query: &str) -> Vec<String> {
        let (status, body) = self.call("GET", &format!("/v3/api_keys{query}")).await;
        assert_eq!(status, 200, "{query}: {body}");
        names(&body["keys"])
    }
}

/// The `name` of every row; of no row if the list is null.
pub(crate) fn names(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().into_iter().flatten();
    rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// The names of all members, sorted.
pub(crate) fn members(value: &Value) -> Vec<&str> {
    let mut members: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    members
}

/// Status and body; a body of plain text as a JSON string.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    let text = response.text().await.unwrap();
    if matches!(content_type.as_str(), "text/plain; charset=utf-8" | "text/plain") {
        return (status, Value::String(text));
    }
    assert_eq!(content_type, "application/json; charset=utf-8");
    (status, serde_json::from_str(&text).unwrap())
}

/// A recorded answer of the real service.
pub(crate) fn observed(name: &str) -> (u16, Value) {
    let path = format!("{}/tests/fixtures/observed/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let recorded: Value = serde_json::from_str(&text).unwrap();
    let status = u16::try_from(recorded["status"].as_u64().unwrap()).unwrap();
    (status, recorded["body"].clone())
}
