//! A pass over a listing of very many keys, all of which the store knows.

use std::sync::Arc;

use anyhow::Result;
use pinning_keys::{IssuerConfig, KeyIssuer as _, KeyRequest, ScopeRequest};
use pinning_keys_bench_kit::process::peak_memory_kib;
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::KeyManager;
use serde::{Deserialize, Serialize};

use super::listing::Listing;
use super::place::Address;
use crate::rows;
use crate::world::ACCOUNT;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(super) address: Address,
    pub(super) keys: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(super) peak_kib: u64,
}

impl Job {
    pub(super) async fn run(self) -> Result<Figures> {
        let store = self.address.open().await?;
        let id = rows::id_text(0);
        let name = rows::find(&store, &id.parse()?).await?.name;
        let emulator = Emulator::in_memory();
        let listing = Listing::new(emulator.transport(), self.keys, name, id);
        let issuer = IssuerConfig::from_vars(emulator.w3ipfs().vars())?
            .with_transport(Arc::new(listing))
            .build()?;
        issuer.issue(&KeyRequest::new("pattern", ScopeRequest::reader())?).await?;
        let manager = KeyManager::builder(store).account(ACCOUNT, issuer).build().await?;
        let mut seen = 0;
        while seen < self.keys {
            seen += manager.run_due(1_000).await?.seen() as u64;
        }
        Ok(Figures { peak_kib: peak_memory_kib()? })
    }
}
