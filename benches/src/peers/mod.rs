//! What one could issue keys with.

mod bare_hyper;
mod bare_reqwest;
mod official;
mod ours;

use std::fmt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::drive::{Job, Measured, drive};

/// A way to issue keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Peer {
    /// `hyper` on connections made by hand, and the answer not read: the limit.
    BareHyper,
    /// `reqwest` with a typed body and answer: what a library on it cannot avoid.
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

    /// What the peer is compared with: what its user would write without it.
    pub(crate) fn baseline(self) -> Option<Self> {
        match self {
            Self::Pinata => Some(Self::BareReqwest),
            Self::W3ipfs => Some(Self::BareReqwestW3ipfs),
            _ => None,
        }
    }

    /// Does the job in a process of its own.
    pub(crate) fn measure(self, job: Job) -> Result<Measured> {
        let command = if self == Self::Official { "official" } else { "peer" };
        let output = Command::new(std::env::current_exe()?)
            .args([command, &serde_json::to_string(&job)?])
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("{self} cannot be run"))?;
        ensure!(output.status.success(), "{self} failed");
        Ok(serde_json::from_slice(&output.stdout)?)
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

/// Does the job in this process.
pub(crate) async fn run(job: Job) -> Result<Measured> {
    match job.peer {
        Peer::BareHyper => drive::<bare_hyper::Worker>(job).await,
        Peer::BareReqwest => drive::<bare_reqwest::Worker<bare_reqwest::Pinata>>(job).await,
        Peer::BareReqwestW3ipfs => drive::<bare_reqwest::Worker<bare_reqwest::W3ipfs>>(job).await,
        Peer::Pinata => drive::<ours::Worker<ours::Pinata>>(job).await,
        Peer::W3ipfs => drive::<ours::Worker<ours::W3ipfs>>(job).await,
        Peer::Official => anyhow::bail!("it does not run in this process"),
    }
}

pub(crate) use official::{become_node, install as install_official};
pub(crate) use ours::{Pinata as OurPinata, Provider as OurProvider, W3ipfs as OurW3ipfs};

/// The account's credentials, which nobody checks here. As long as true ones.
mod account {
    use pinning_keys_guard::answers;

    pub(super) fn jwt() -> String {
        let answer = answers::pinata_created();
        answer.split('"').nth(3).unwrap_or_default().to_owned()
    }

    pub(super) const W3IPFS_KEY: &str = "c2FtcGxlYWNjb3VudGtleXNhbXBsZWFjY291bnRrZXk=";
    pub(super) const W3IPFS_SECRET: &str =
        "c2FtcGxlYWNjb3VudHNlY3JldHNhbXBsZWFjY291bnRzZWNyZXRzYW1wbGVhY2NvdW50c2VjcmV0";
}
