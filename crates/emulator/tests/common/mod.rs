//! What the tests share: an emulator, and a real HTTP client in front of it. This bench is for
//! Pinata; that for W3IPFS is a module of its own.

// Each test file uses a part of this, and none of it is a public interface.
#![allow(dead_code, unreachable_pub)]

mod client;
pub mod table;
pub mod w3ipfs;

use pinning_keys_emulator::{Emulator, PinataAssumptions};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

pub struct Bench {
    pub emulator: Emulator,
    client: Client,
}

/// The three secrets that a create answers.
#[derive(Clone)]
pub struct Made {
    pub jwt: String,
    pub key: String,
    pub secret: String,
}

impl Bench {
    pub async fn new() -> Self {
        Self::assuming(PinataAssumptions::default()).await
    }

    pub async fn assuming(assumptions: PinataAssumptions) -> Self {
        let emulator = Emulator::builder().pinata_assumptions(assumptions).start().await.unwrap();
        Self { emulator, client: client::client() }
    }

    pub fn admin(&self) -> Made {
        let pinata = self.emulator.pinata();
        Made {
            jwt: pinata.jwt().to_owned(),
            key: pinata.api_key().to_owned(),
            secret: pinata.api_secret().to_owned(),
        }
    }

    /// A request without a credential.
    pub fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", self.emulator.pinata().base_url()))
    }

    pub fn bearer(&self, method: &str, path: &str, made: &Made) -> RequestBuilder {
        self.bare(method, path).bearer_auth(&made.jwt)
    }

    pub fn pair(&self, method: &str, path: &str, made: &Made) -> RequestBuilder {
        self.bare(method, path)
            .header("pinata_api_key", &made.key)
            .header("pinata_secret_api_key", &made.secret)
    }

    /// A request of the admin credential.
    pub fn as_admin(&self, method: &str, path: &str) -> RequestBuilder {
        self.bearer(method, path, &self.admin())
    }

    pub async fn make(&self, name: &str, permissions: Value) -> Made {
        self.create(json!({ "keyName": name, "permissions": permissions })).await
    }

    pub async fn create(&self, body: Value) -> Made {
        let (status, body) = self.try_create(body).await;
        assert_eq!(status, 200, "{body}");
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Made { jwt: text("JWT"), key: text("pinata_api_key"), secret: text("pinata_api_secret") }
    }

    pub async fn try_create(&self, body: Value) -> (u16, Value) {
        answer(self.as_admin("POST", "/v3/api_keys").json(&body)).await
    }

    pub async fn revoke(&self, made: &Made) -> (u16, Value) {
        answer(self.as_admin("DELETE", &format!("/v3/api_keys/{}", made.key))).await
    }

    /// The names on a page of the list.
    pub async fn names(&self, query: &str) -> Vec<String> {
        let (status, body) = answer(self.as_admin("GET", &format!("/v3/api_keys{query}"))).await;
        assert_eq!(status, 200, "{query}: {body}");
        let keys = body["keys"].as_array().unwrap();
        keys.iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
    }
}

/// Status and JSON body.
pub async fn answer(request: RequestBuilder) -> (u16, Value) {
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

/// A recorded answer of the real service: its status and its body.
pub fn observed(name: &str) -> (u16, Value) {
    let path = format!("{}/tests/fixtures/observed/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let recorded: Value = serde_json::from_str(&text).unwrap();
    let status = u16::try_from(recorded["status"].as_u64().unwrap()).unwrap();
    (status, recorded["body"].clone())
}
