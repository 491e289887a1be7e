//! What a guest's key must be able to do and what it must not, asked of the emulator: it answers
//! as the provider would, whatever the key was meant to be.

use std::sync::Arc;

use http::Method;
use pinning_keys::pinata::{self, PinataConfig};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{Credential, Error, IssuerConfig, KeyIssuer};
use pinning_keys_emulator::Emulator;

/// The tables that the app can be configured for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    PinataResources,
    PinataEndpoints,
    W3ipfsScopes,
}

/// A deed, the request for it, and whether a guest may do it.
struct Rule {
    deed: &'static str,
    method: Method,
    path: &'static str,
    allowed: bool,
}

impl Table {
    pub(crate) const ALL: [Self; 3] =
        [Self::PinataResources, Self::PinataEndpoints, Self::W3ipfsScopes];

    /// An issuer as the app's configuration makes it, but for the address and the credential.
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
        config.with_transport(Arc::new(emulator.transport())).build()
    }

    /// What a key can do, of the deeds that the rules are about.
    pub(crate) fn deeds(self, emulator: &Emulator, key: &Credential) -> Vec<&'static str> {
        let rules = self.rules().into_iter();
        rules.filter(|rule| self.may(emulator, key, rule)).map(|rule| rule.deed).collect()
    }

    /// How a key breaks the rules for guests; empty where it keeps them.
    pub(crate) fn faults(self, emulator: &Emulator, key: &Credential) -> Vec<String> {
        let broken = |rule: Rule| match (self.may(emulator, key, &rule), rule.allowed) {
            (true, false) => Some(format!("can {}", rule.deed)),
            (false, true) => Some(format!("cannot {}", rule.deed)),
            _ => None,
        };
        self.rules().into_iter().filter_map(broken).collect()
    }

    /// Asks without sending a request, so that no use of the key is spent.
    fn may(self, emulator: &Emulator, key: &Credential, rule: &Rule) -> bool {
        let headers = key.headers();
        match self {
            Self::W3ipfsScopes => emulator.w3ipfs().may(&headers, &rule.method, rule.path),
            _ => emulator.pinata().may(&headers, &rule.method, rule.path),
        }
    }

    /// The rules for guests, in the provider's routes.
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
