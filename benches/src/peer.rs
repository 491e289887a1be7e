//! The ways to issue keys that are compared.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A way to issue keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Peer {
    /// `hyper` on manually opened connections, without reading the answer: the limit.
    BareHyper,
    /// `reqwest` with a typed body and answer: the least that a library on it costs.
    BareReqwest,
    /// The same for W3IPFS.
    BareReqwestW3ipfs,
    /// `pinning-keys` for Pinata, through its trait object.
    Pinata,
    /// The same for W3IPFS.
    W3ipfs,
    /// The official client, npm's `pinata`.
    Official,
}

impl Peer {
    pub(crate) const ALL: [Self; 6] = [
        Self::BareHyper,
        Self::BareReqwest,
        Self::Pinata,
        Self::BareReqwestW3ipfs,
        Self::W3ipfs,
        Self::Official,
    ];

    /// The peer that this one is compared with: what its user would write without it.
    pub(crate) fn baseline(self) -> Option<Self> {
        match self {
            Self::Pinata => Some(Self::BareReqwest),
            Self::W3ipfs => Some(Self::BareReqwestW3ipfs),
            _ => None,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BareHyper => "bare hyper",
            Self::BareReqwest => "bare reqwest + serde",
            Self::BareReqwestW3ipfs => "bare reqwest + serde, W3IPFS",
            Self::Pinata => "pinning-keys, Pinata",
            Self::W3ipfs => "pinning-keys, W3IPFS",
            Self::Official => "npm pinata (official)",
        })
    }
}
