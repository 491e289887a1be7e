//! The configurations, and what of the emulator's routes belongs to each.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use pinning_keys::adapter::PermissionTable;
use pinning_keys::pinata::{ENDPOINTS, PinataConfig, RESOURCES, Route, Table};
use pinning_keys::transport::Transport;
use pinning_keys::w3ipfs::{SCOPES, W3ipfsConfig};
use pinning_keys::{Error, KeyIssuer, Operation};
use pinning_keys_emulator::Emulator;

/// A way to set an adapter up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Configuration {
    Pinata { route: Route, table: Table, credential: Account },
    W3ipfs(Account),
}

/// What the account is talked to with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    Jwt,
    KeyPair,
}

/// An issuer, and the `Debug` forms of what it is made of.
pub(crate) struct Built {
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    pub(crate) forms: Vec<String>,
}

impl Configuration {
    /// Every configuration that can be, by the name of its tests.
    pub(crate) const ALL: [(&'static str, Self); 8] = {
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

    /// How many cases are executed at least: fewer mean that something that was looked at is
    /// looked at no more.
    pub(crate) fn minimum(self) -> usize {
        if self.is_pinata() { 105 } else { 107 }
    }

    pub(crate) fn is_pinata(self) -> bool {
        matches!(self, Self::Pinata { .. })
    }

    pub(crate) fn table(self) -> &'static PermissionTable {
        match self {
            Self::Pinata { table: Table::Endpoints, .. } => &ENDPOINTS,
            Self::Pinata { .. } => &RESOURCES,
            Self::W3ipfs(_) => &SCOPES,
        }
    }

    /// An issuer for the account of the emulator, as if its provider were at this origin.
    pub(crate) fn build(
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
                    Account::Jwt => config.with_jwt(w3ipfs.jwt()),
                    Account::KeyPair => config.with_key_pair(w3ipfs.api_key(), w3ipfs.api_secret()),
                };
                let form = format!("{config:?}");
                let issuer = config.build()?;
                Ok(Built { forms: vec![form, format!("{issuer:?}")], issuer: Arc::new(issuer) })
            }
        }
    }

    /// The secrets that the adapter is given.
    pub(crate) fn secrets(self, emulator: &Emulator) -> Vec<String> {
        let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
        match self {
            Self::Pinata { .. } => vec![pinata.jwt().to_owned(), pinata.api_secret().to_owned()],
            Self::W3ipfs(_) => vec![w3ipfs.jwt(), w3ipfs.api_secret().to_owned()],
        }
    }

    /// The request that an operation comes to, as the emulator's fault rules name it.
    pub(crate) fn request(self, operation: Operation) -> (Method, &'static str) {
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
            (route, other) => panic!("no request is written down for {other} at {route:?}"),
        }
    }
}
