//! The rules for a guest's key, checked against the emulator: it decides as the provider would,
//! whatever the key was meant to be.

use std::sync::Arc;

use http::Method;
use pinning_keys::pinata::{self, PinataConfig};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{Credential, Error, IssuerConfig, KeyIssuer};
use pinning_keys_emulator::Emulator;

/// The tables that the app supports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    PinataResources,
    PinataEndpoints,
    W3ipfsScopes,
}

/// A deed, its request, and whether a guest may do it.
struct Rule {
    deed: &'static str,
    method: Method,
    path: &'static str,
    allowed: bool,
}

impl Table {
    pub(crate) const ALL: [Self; 3] =
        [Self::PinataResources, Self::PinataEndpoints, Self::W3ipfsScopes];

    /// The app's issuer, except for the address and the credential.
    pub(crate) fn issuer(self, emulator: &Emulator) -> Result<Arc<dyn KeyIssuer>, Error> {
        let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
        let at_pinata = PinataConfig::new().with_base_url(pinata.base_url()).with_jwt(pinata.jwt());
        let at_w3ipfs = W3ipfsConfig::new().with_base_url(w3ipfs.base_url()).with_jwt(w3ipfs.jwt());
        let config = match self {
            Self::PinataResources => IssuerConfig::Pinata(at_pinata),
            Self::PinataEndpoints => {
                IssuerConfig::Pinata(at_pinata.with_table(pinata::Table::Endpoints))
            }
            Self::W3ipfsScopes => IssuerConfig::W3ipfs(at_w3ipfs),
        };
        config.with_transport(emulator.transport()).build()
    }

    /// The deeds that a key can do.
    pub(crate) fn deeds(self, emulator: &Emulator, key: &Credential) -> Vec<&'static str> {
        let rules = self.rules().into_iter();
        rules.filter(|rule| self.may(emulator, key, rule)).map(|rule| rule.deed).collect()
    }

    /// How a key breaks the rules for guests, if it does.
    pub(crate) fn faults(self, emulator: &Emulator, key: &Credential) -> Vec<String> {
        let broken = |rule: Rule| match (self.may(emulator, key, &rule), rule.allowed) {
            (true, false) => Some(format!("can {}", rule.deed)),
            (false, true) => Some(format!("cannot {}", rule.deed)),
            _ => None,
        };
        self.rules().into_iter().filter_map(broken).collect()
    }

    /// Asks the emulator without a request, which would use the key up.
    fn may(self, emulator: &Emulator, key: &Credential, rule: &Rule) -> bool {
        let headers = key.headers();
        match self {
            Self::W3ipfsScopes => emulator.w3ipfs().may(&headers, &rule.method, rule.path),
            _ => emulator.pinata().may(&headers, &rule.method, rule.path),
        }
    }

    /// The rules for guests, as requests to the provider.
    fn rules(self) -> [Rule; 4] {
        let [list, upload, remove, make_keys] = match self {
            Self::PinataResources => {
                ["/v3/files/public", "/v3/files", "/v3/files/public/id", "/v3/api_keys"]
            }
            Self::PinataEndpoints => {
                ["/data/pinList", "/pinning/pinFileToIPFS", "/pinning/unpin/cid", "/v3/api_keys"]
            }
            Self::W3ipfsScopes => {
                ["/api/pinning/pins/", "/api/pinning/", "/api/pinning/unpin/id", "/api/apiKeys/"]
            }
        };
        [
            Rule { deed: "list", method: Method::GET, path: list, allowed: true },
            Rule { deed: "upload", method: Method::POST, path: upload, allowed: false },
            Rule { deed: "remove", method: Method::DELETE, path: remove, allowed: false },
            Rule { deed: "make keys", method: Method::POST, path: make_keys, allowed: false },
        ]
    }
}
