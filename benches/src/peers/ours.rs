//! `pinning-keys`, as an app uses it that lets its configuration choose the provider.

use std::marker::PhantomData;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Result, ensure};
use pinning_keys::pinata::PinataConfig;
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{KeyIssuer, KeyRequest, ScopeRequest};

use super::account;
use crate::drive;

/// The issuer, shared by all.
pub(crate) struct Worker<P> {
    issuer: Arc<dyn KeyIssuer>,
    provider: PhantomData<P>,
}

/// A provider that keys are issued at.
pub(crate) trait Provider: Send + 'static {
    fn issuer(address: SocketAddr) -> Result<Arc<dyn KeyIssuer>>;
}

pub(crate) struct Pinata;

impl Provider for Pinata {
    fn issuer(address: SocketAddr) -> Result<Arc<dyn KeyIssuer>> {
        let config = PinataConfig::new().with_base_url(format!("http://{address}"));
        Ok(Arc::new(config.with_jwt(account::jwt()).build()?))
    }
}

pub(crate) struct W3ipfs;

impl Provider for W3ipfs {
    fn issuer(address: SocketAddr) -> Result<Arc<dyn KeyIssuer>> {
        let config = W3ipfsConfig::new().with_base_url(format!("http://{address}/api"));
        let config = config.with_key_pair(account::W3IPFS_KEY, account::W3IPFS_SECRET);
        Ok(Arc::new(config.build()?))
    }
}

impl<P: Provider> drive::Worker for Worker<P> {
    async fn crew(address: SocketAddr, size: usize) -> Result<Vec<Self>> {
        let issuer = P::issuer(address)?;
        let worker = || Self { issuer: Arc::clone(&issuer), provider: PhantomData };
        Ok((0..size).map(|_| worker()).collect())
    }

    async fn issue(&mut self, number: u64) -> Result<()> {
        let request = KeyRequest::new(format!("user-{number}"), ScopeRequest::reader())?;
        let key = self.issuer.issue(&request).await?;
        let shown = key.credential().expose();
        ensure!(shown.bearer().or(shown.api_secret()).is_some(), "the key has no secret");
        Ok(())
    }
}
