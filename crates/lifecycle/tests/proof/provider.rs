//! The accounts of the proof: five ways to reach an emulator.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys::IssuerConfig;
use pinning_keys_core::{KeyIssuer, ScopeRequest};
use pinning_keys_emulator::{Emulator, ListedSecret, PinataAssumptions, W3ipfsAssumptions};
use pinning_keys_http::Transport;

/// How an account is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Pinata's v3 routes and the table of resources.
    Pinata,
    /// Pinata's legacy routes and the table of endpoints; they say `"Revoked"` of any key.
    PinataLegacy,
    /// The same with a key pair, which shows no identity.
    PinataPair,
    /// W3IPFS with a session's token.
    W3ipfs,
    /// W3IPFS with a key pair, which shows no identity.
    W3ipfsPair,
}

/// A key as the emulator's own ledger has it.
#[derive(Clone, Debug)]
pub(crate) struct LedgerKey {
    pub(crate) name: String,
    pub(crate) public: String,
    pub(crate) is_live: bool,
    pub(crate) scopes: serde_json::Value,
}

impl Provider {
    pub(crate) const ALL: [Self; 5] =
        [Self::Pinata, Self::PinataLegacy, Self::PinataPair, Self::W3ipfs, Self::W3ipfsPair];

    /// The account behind it; a second seed makes a second account. Its lists show secrets, which
    /// is the harder choice.
    pub(crate) fn emulator(seed: u64) -> Emulator {
        let pinata = PinataAssumptions::default().list_shows_secret(true);
        let w3ipfs = W3ipfsAssumptions::default().listed_secret(ListedSecret::Full);
        Emulator::builder()
            .seed(seed)
            .pinata_assumptions(pinata)
            .w3ipfs_assumptions(w3ipfs)
            .in_memory()
    }

    pub(crate) fn is_pinata(self) -> bool {
        !matches!(self, Self::W3ipfs | Self::W3ipfsPair)
    }

    /// Whether the account's credential shows which account it is.
    pub(crate) fn shows_identity(self) -> bool {
        !matches!(self, Self::PinataPair | Self::W3ipfsPair)
    }

    pub(crate) fn issuer(
        self,
        emulator: &Emulator,
        transport: Arc<dyn Transport>,
    ) -> Arc<dyn KeyIssuer> {
        let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
        let provider = if self.is_pinata() { "pinata" } else { "w3ipfs" };
        let config = IssuerConfig::for_provider(provider).unwrap();
        let legacy = |config: IssuerConfig| {
            let config = config.with_setting("route", "legacy").unwrap();
            config.with_setting("table", "endpoints").unwrap()
        };
        let config = match self {
            Self::Pinata => config.with_jwt(pinata.jwt()),
            Self::PinataLegacy => legacy(config).with_jwt(pinata.jwt()),
            Self::PinataPair => legacy(config).with_key_pair(pinata.api_key(), pinata.api_secret()),
            Self::W3ipfs => config.with_jwt(w3ipfs.jwt()),
            Self::W3ipfsPair => config.with_key_pair(w3ipfs.api_key(), w3ipfs.api_secret()),
        };
        let base = if self.is_pinata() { pinata.base_url() } else { w3ipfs.base_url() };
        let config = config.with_base_url(base).with_deadline(Duration::from_secs(30));
        config.with_transport(transport).build().unwrap()
    }

    /// What the proof's keys may do.
    pub(crate) fn scope(self) -> ScopeRequest {
        if self == Self::Pinata { ScopeRequest::reader() } else { ScopeRequest::uploader() }
    }

    /// Every key that was ever created.
    pub(crate) fn keys(self, emulator: &Emulator) -> Vec<LedgerKey> {
        let parsed = |text: &str| serde_json::from_str(text).unwrap();
        if self.is_pinata() {
            let keys = emulator.pinata().keys().into_iter();
            keys.map(|key| LedgerKey {
                is_live: !key.revoked,
                scopes: parsed(&key.scopes),
                name: key.name,
                public: key.key,
            })
            .collect()
        } else {
            let keys = emulator.w3ipfs().keys().into_iter();
            keys.map(|key| LedgerKey {
                is_live: !key.deleted,
                scopes: parsed(&key.scopes),
                name: key.name,
                public: key.api_key,
            })
            .collect()
        }
    }

    /// The names of the keys that were revoked, in the order in which that happened.
    pub(crate) fn revocations(self, emulator: &Emulator) -> Vec<String> {
        if self.is_pinata() {
            emulator.pinata().revocations().into_iter().map(|key| key.name).collect()
        } else {
            emulator.w3ipfs().revocations().into_iter().map(|key| key.name).collect()
        }
    }

    /// The path of the key routes, for rules about faults.
    pub(crate) fn paths(self) -> &'static str {
        match self {
            Self::Pinata => "/v3/api_keys*",
            Self::PinataLegacy | Self::PinataPair => "/users/*",
            Self::W3ipfs | Self::W3ipfsPair => "/api/apiKeys*",
        }
    }
}
