//! Keys that other programs created, with any name, scope and age.

use std::time::{Duration, SystemTime};

use http::Method;
use pinning_keys::transport::{Limits, Transport as _};
use pinning_keys_emulator::{BodyFault, Fault, FaultRule};
use serde_json::{Value, json};

use super::Stand;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Stand {
    /// Dates what is created next: more than so many days ago, and less than a day longer.
    pub(crate) fn days_ago(&self, days: u32) {
        self.emulator().set_time(SystemTime::now() - days * DAY - HOUR);
    }

    /// Creates a key at Pinata that may list files. The answer holds its secrets.
    pub(crate) fn pinata_key(&self, name: &str) -> Value {
        self.pinata_key_with(name, &json!({ "resources": ["org:files:read"] }), None)
    }

    pub(crate) fn pinata_key_with(
        &self,
        name: &str,
        permissions: &Value,
        max_uses: Option<u64>,
    ) -> Value {
        let pinata = self.emulator().pinata();
        let mut body = json!({ "keyName": name, "permissions": permissions });
        if let Some(most) = max_uses {
            body["maxUses"] = most.into();
        }
        self.call("POST", &format!("{}/v3/api_keys", pinata.base_url()), pinata.jwt(), &body)
    }

    /// Creates a key at Pinata and spends its only use.
    pub(crate) fn used_up_pinata_key(&self, name: &str) {
        let permissions = json!({ "resources": ["org:files:read"] });
        let key = self.pinata_key_with(name, &permissions, Some(1));
        let url = format!("{}/v3/files/public", self.emulator().pinata().base_url());
        self.call("GET", &url, key["JWT"].as_str().expect("a JWT"), &Value::Null);
    }

    /// Revokes a key at Pinata without the program.
    pub(crate) fn revoke_at_pinata(&self, key: &Value) {
        let pinata = self.emulator().pinata();
        let url = format!("{}/v3/api_keys/{}", pinata.base_url(), public(key));
        self.call("DELETE", &url, pinata.jwt(), &Value::Null);
    }

    /// Makes Pinata answer the next request for its list with this one, which it might send some
    /// day.
    pub(crate) fn pinata_list_is(&self, list: &Value) {
        let fault = Fault::Body(BodyFault::Text(list.to_string()));
        let rule = FaultRule::new(fault).method(Method::GET).path("/v3/api_keys").first(1);
        self.emulator().faults().add(rule);
    }

    /// Creates a key at W3IPFS that may list pins.
    pub(crate) fn w3ipfs_key(&self, name: &str) -> Value {
        let w3ipfs = self.emulator().w3ipfs();
        let scopes = json!({ "admin": false, "data": { "pin_list": true, "nft_list": false },
            "pinning": { "unpin": false, "pin_by_hash": false, "pin_file_to_ipfs": false },
            "pin_nft": { "unpin_nft": false, "pin_nft_to_ipfs": false } });
        let body = json!({ "name": name, "scopes": scopes });
        let url = format!("{}/apiKeys/", w3ipfs.base_url());
        self.call("POST", &url, &w3ipfs.jwt(), &body)["data"].clone()
    }

    fn call(&self, method: &str, url: &str, bearer: &str, body: &Value) -> Value {
        // The transport in memory goes by the emulator's own address.
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer {bearer}"))
            .header("content-type", "application/json")
            .body(if body.is_null() { Vec::new() } else { body.to_string().into_bytes() }.into())
            .expect("a valid request");
        let limits = Limits::new(Duration::from_secs(10), 1 << 20);
        let answer = self.block_on(self.emulator().transport().send(request, limits));
        let answer = answer.expect("an answer");
        assert!(answer.status().is_success(), "{method} {url}: {}", answer.status());
        serde_json::from_slice(answer.body()).expect("JSON")
    }
}

/// The public half of a key that was created at Pinata.
pub(crate) fn public(key: &Value) -> &str {
    key["pinata_api_key"].as_str().expect("the public half")
}

/// The reference of a key that was created at Pinata.
pub(crate) fn reference(key: &Value) -> String {
    format!("v1:pinata:{}", public(key))
}

/// The secrets of the emulated accounts, of every form.
pub(crate) fn every_secret(stand: &Stand) -> [String; 4] {
    let (pinata, w3ipfs) = (stand.emulator().pinata(), stand.emulator().w3ipfs());
    let [pinata_jwt, pinata_secret] = [pinata.jwt(), pinata.api_secret()].map(str::to_owned);
    [pinata_jwt, pinata_secret, w3ipfs.jwt(), w3ipfs.api_secret().to_owned()]
}
