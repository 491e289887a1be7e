//! Pinata's accounts, and issuers that talk to a script.

#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

#[path = "../../../../tests/support/script.rs"]
mod script;

use std::sync::Arc;

use pinning_keys_pinata::{PinataConfig, PinataIssuer, Route};

pub(crate) use script::{Script, Step, answer, body, fixture};

/// What the scripted account authenticates with.
pub(crate) const ACCOUNT_JWT: &str = "eyJjYW5hcnkiOiJhY2NvdW50In0.account.canary7";

/// The key and the secret that it authenticates with where it does so with a pair.
pub(crate) const ACCOUNT_PAIR: (&str, &str) = ("canary-key-5d1c", "canary-secret-a0f3");

/// The routes, by the names that settings and fixtures have for them.
pub(crate) const ROUTES: [(&str, Route); 3] =
    [("v3", Route::V3), ("sdk", Route::Sdk), ("legacy", Route::Legacy)];

impl Script {
    /// An issuer of resources keys that talks to this script.
    pub(crate) fn issuer(&self) -> PinataIssuer {
        self.config().build().unwrap()
    }

    /// The configuration of an issuer that talks to this script.
    pub(crate) fn config(&self) -> PinataConfig {
        self.config_without_credential().with_jwt(ACCOUNT_JWT)
    }

    /// The same, without what the account authenticates with.
    pub(crate) fn config_without_credential(&self) -> PinataConfig {
        PinataConfig::new()
            .with_base_url("https://pinata.test")
            .with_transport(Arc::new(self.clone()))
    }
}
