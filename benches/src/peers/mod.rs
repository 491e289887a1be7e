//! Runs the peers.

mod bare_hyper;
mod bare_reqwest;
mod official;
mod ours;

use anyhow::Result;

use crate::drive::{Job, Measured, drive};
use crate::peer::Peer;
use crate::process::run_again;

/// Does the job in its own process.
pub(crate) fn measure(job: Job) -> Result<Measured> {
    run_again(if job.peer == Peer::Official { "official" } else { "peer" }, &job)
}

/// Does the job in this process.
pub(crate) async fn run(job: Job) -> Result<Measured> {
    match job.peer {
        Peer::BareHyper => drive::<bare_hyper::Worker>(job).await,
        Peer::BareReqwest => drive::<bare_reqwest::Worker<bare_reqwest::Pinata>>(job).await,
        Peer::BareReqwestW3ipfs => drive::<bare_reqwest::Worker<bare_reqwest::W3ipfs>>(job).await,
        Peer::Pinata | Peer::W3ipfs => drive::<ours::Worker>(job).await,
        Peer::Official => anyhow::bail!("it runs in Node"),
    }
}

pub(crate) use official::{become_node, install as install_official};
pub(crate) use ours::{pinata, w3ipfs};

/// The account's credentials, as long as real ones; no server here checks them.
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
