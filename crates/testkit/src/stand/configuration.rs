//! The configurations of the adapters, and the emulator's routes for each.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method};
use pinning_keys_core::{Error, KeyIssuer, Operation, Permission, PermissionTable};
use pinning_keys_emulator::{Emulator, W3ipfs};
use pinning_keys_http::Transport;
use pinning_keys_http::credentials::{AccountCredential, Cached, CredentialSource, from_fn};
use pinning_keys_pinata::{ENDPOINTS, PinataConfig, RESOURCES, Route, Table};
use pinning_keys_w3ipfs::{SCOPES, W3ipfsConfig};

use super::routes;

/// One way to configure an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configuration {
    /// The Pinata adapter.
    Pinata {
        /// The routes it calls.
        route: Route,
        /// The table of the keys it makes.
        table: Table,
        /// The account's credential.
        credential: Account,
    },
    /// The W3IPFS adapter, with the account's credential.
    W3ipfs(Account),
}

/// The kind of the account's credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// A JWT.
    Jwt,
    /// An API key and its secret.
    KeyPair,
}

/// An issuer, and the debug forms of it and of its configuration.
pub struct Built {
    /// The issuer.
    pub issuer: Arc<dyn KeyIssuer>,
    /// The debug forms.
    pub forms: Vec<String>,
}

impl Configuration {
    /// Every configuration that `build()` accepts, with its name.
    pub const ALL: [(&'static str, Self); 8] = {
        const fn pinata(route: Route, table: Table, credential: Account) -> Configuration {
            Configuration::Pinata { route, table, credential }
        }
        use Account::{Jwt, KeyPair};
        use Route::{Legacy, Sdk, V3};
        use Table::{Endpoints, Resources};
        [
            ("pinata, v3, resources, jwt", pinata(V3, Resources, Jwt)),
            ("pinata, v3, endpoints, jwt", pinata(V3, Endpoints, Jwt)),
            ("pinata, sdk, resources, jwt", pinata(Sdk, Resources, Jwt)),
            ("pinata, sdk, endpoints, jwt", pinata(Sdk, Endpoints, Jwt)),
            ("pinata, legacy, endpoints, jwt", pinata(Legacy, Endpoints, Jwt)),
            ("pinata, legacy, endpoints, key pair", pinata(Legacy, Endpoints, KeyPair)),
            ("w3ipfs, jwt", Self::W3ipfs(Jwt)),
            ("w3ipfs, key pair", Self::W3ipfs(KeyPair)),
        ]
    };

    /// The configuration of this name.
    pub fn named(name: &str) -> Self {
        let known = Self::ALL.into_iter().find(|(known, _)| *known == name);
        known.unwrap_or_else(|| panic!("there is no configuration {name:?}")).1
    }

    /// The least number of conformance cases that a run executes: with fewer, a case is skipped
    /// that was executed before.
    pub fn minimum(self) -> usize {
        match self {
            Self::Pinata { credential: Account::Jwt, .. } => 122,
            // A pair does not show its account.
            Self::Pinata { .. } => 121,
            Self::W3ipfs(Account::Jwt) => 128,
            Self::W3ipfs(Account::KeyPair) => 123,
        }
    }

    /// Whether this is the Pinata adapter.
    pub fn is_pinata(self) -> bool {
        matches!(self, Self::Pinata { .. })
    }

    /// The table of the keys.
    pub fn table(self) -> &'static PermissionTable {
        match self {
            Self::Pinata { table: Table::Endpoints, .. } => &ENDPOINTS,
            Self::Pinata { .. } => &RESOURCES,
            Self::W3ipfs(_) => &SCOPES,
        }
    }

    /// Builds an issuer for the emulator's account, with this origin for the provider's.
    ///
    /// # Errors
    ///
    /// If `build()` rejects the configuration.
    pub fn build(
        self,
        emulator: &Emulator,
        origin: &str,
        transport: Arc<dyn Transport>,
        deadline: Duration,
    ) -> Result<Built, Error> {
        match self {
            Self::Pinata { route, table, credential } => {
                let pinata = emulator.pinata();
                let config = PinataConfig::new()
                    .with_base_url(origin)
                    .with_route(route)
                    .with_table(table)
                    .with_transport(transport)
                    .with_deadline(deadline);
                let config = match credential {
                    Account::Jwt => config.with_jwt(pinata.jwt()),
                    Account::KeyPair => config.with_key_pair(pinata.api_key(), pinata.api_secret()),
                };
                let form = format!("{config:?}");
                let issuer = config.build()?;
                Ok(Built { forms: vec![form, format!("{issuer:?}")], issuer: Arc::new(issuer) })
            }
            Self::W3ipfs(credential) => {
                let w3ipfs = emulator.w3ipfs();
                let config = W3ipfsConfig::new()
                    .with_base_url(format!("{origin}/api"))
                    .with_transport(transport)
                    .with_deadline(deadline);
                let config = match credential {
                    Account::Jwt => config.with_credentials(session(w3ipfs.clone())),
                    Account::KeyPair => config.with_key_pair(w3ipfs.api_key(), w3ipfs.api_secret()),
                };
                let form = format!("{config:?}");
                let issuer = config.build()?;
                Ok(Built { forms: vec![form, format!("{issuer:?}")], issuer: Arc::new(issuer) })
            }
        }
    }

    /// The secrets of the account.
    pub fn secrets(self, emulator: &Emulator) -> Vec<String> {
        let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
        match self {
            Self::Pinata { .. } => vec![pinata.jwt().to_owned(), pinata.api_secret().to_owned()],
            Self::W3ipfs(_) => vec![w3ipfs.jwt(), w3ipfs.api_secret().to_owned()],
        }
    }

    /// Whether these credential headers allow a permission at the emulator, if a route is known
    /// that needs it.
    pub fn may(
        self,
        emulator: &Emulator,
        headers: &HeaderMap,
        permission: Permission,
    ) -> Option<bool> {
        if let Self::Pinata { table, .. } = self {
            let (method, path) = routes::at_pinata(permission, table == Table::Endpoints)?;
            Some(emulator.pinata().may(headers, &method, path))
        } else {
            let (method, path) = routes::at_w3ipfs(permission)?;
            Some(emulator.w3ipfs().may(headers, &method, path))
        }
    }

    /// Whether the emulator recognizes the holder of a key by these headers, on the route with
    /// which anyone tries a credential out.
    pub fn authenticates(self, emulator: &Emulator, headers: &HeaderMap) -> bool {
        let (method, path) = self.request(Operation::Verify);
        match self {
            Self::Pinata { .. } => emulator.pinata().may(headers, &method, path),
            Self::W3ipfs(_) => emulator.w3ipfs().may(headers, &method, path),
        }
    }

    /// The request of an operation, as the emulator's fault rules name it.
    pub fn request(self, operation: Operation) -> (Method, &'static str) {
        use Operation::{Issue, List, Revoke, Verify};
        let route = match self {
            Self::Pinata { route, .. } => Some(route),
            Self::W3ipfs(_) => None,
        };
        match (route, operation) {
            (Some(Route::V3), Issue) => (Method::POST, "/v3/api_keys"),
            (Some(Route::V3), List) => (Method::GET, "/v3/api_keys"),
            (Some(Route::V3), Revoke) => (Method::DELETE, "/v3/api_keys/{key}"),
            (Some(Route::Sdk), Issue) => (Method::POST, "/v3/pinata/keys"),
            (Some(Route::Sdk), List) => (Method::GET, "/v3/pinata/keys"),
            (Some(Route::Sdk), Revoke) => (Method::PUT, "/v3/pinata/keys/{key}"),
            (Some(Route::Legacy), Issue) => (Method::POST, "/users/generateApiKey"),
            (Some(Route::Legacy), List) => (Method::GET, "/users/apiKeys"),
            (Some(Route::Legacy), Revoke) => (Method::PUT, "/users/revokeApiKey"),
            (Some(_), Verify) => (Method::GET, "/data/testAuthentication"),
            (None, Issue) => (Method::POST, "/api/apiKeys"),
            (None, List) => (Method::GET, "/api/apiKeys/list"),
            (None, Revoke) => (Method::DELETE, "/api/apiKeys/{id}"),
            (None, Verify) => (Method::GET, "/api/apiKeys/testAuthentication"),
            (route, other) => panic!("no request is known for {other} at {route:?}"),
        }
    }
}

/// A source that logs in again when the session's JWT has expired.
fn session(w3ipfs: W3ipfs) -> Arc<dyn CredentialSource> {
    Arc::new(Cached::new(from_fn(move |_| ready(AccountCredential::bearer(w3ipfs.jwt())))))
}
