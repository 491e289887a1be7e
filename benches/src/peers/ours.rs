//! `pinning-keys`, as used by an app whose configuration chooses the provider.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Result, ensure};
use pinning_keys::pinata::PinataConfig;
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{KeyIssuer, KeyRequest, ScopeRequest};

use super::account;
use crate::drive::{self, Job};
use crate::peer::Peer;

/// The issuer, which all workers share.
pub(crate) struct Worker(Arc<dyn KeyIssuer>);

pub(crate) fn pinata(address: SocketAddr) -> Result<Arc<dyn KeyIssuer>> {
    let config = PinataConfig::new().with_base_url(format!("http://{address}"));
    Ok(Arc::new(config.with_jwt(account::jwt()).build()?))
}

pub(crate) fn w3ipfs(address: SocketAddr) -> Result<Arc<dyn KeyIssuer>> {
    let config = W3ipfsConfig::new().with_base_url(format!("http://{address}/api"));
    let config = config.with_key_pair(account::W3IPFS_KEY, account::W3IPFS_SECRET);
    Ok(Arc::new(config.build()?))
}

impl drive::Worker for Worker {
    async fn crew(job: Job) -> Result<Vec<Self>> {
        let issuer = if job.peer == Peer::W3ipfs { w3ipfs } else { pinata };
        let issuer = issuer(job.address)?;
        Ok((0..job.concurrency).map(|_| Self(Arc::clone(&issuer))).collect())
    }

    async fn issue(&mut self, number: u64) -> Result<()> {
        let request = KeyRequest::new(format!("user-{number}"), ScopeRequest::reader())?;
        let key = self.0.issue(&request).await?;
        let exposed = key.credential().expose();
        ensure!(exposed.bearer().or(exposed.api_secret()).is_some(), "the key has no secret");
        Ok(())
    }
}
