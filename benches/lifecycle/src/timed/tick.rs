//! A tick of the worker when nothing is due.

use std::time::Instant;

use anyhow::Result;
use pinning_keys_bench_kit::process::peak_memory_kib;
use pinning_keys_lifecycle::SystemClock;
use serde::{Deserialize, Serialize};

use super::place::Address;
use crate::provider::{Provider, Which};
use crate::world::{manager, rest};

/// How many ticks a process measures.
const TICKS: u32 = 20;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(super) address: Address,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(super) tick_ms: Vec<f64>,
    pub(super) peak_kib: u64,
}

impl Job {
    pub(super) async fn run(self) -> Result<Figures> {
        let store = self.address.open().await?;
        let provider = Provider::new(Which::Pinata, SystemClock);
        let manager = manager(&store, &provider, None).await?;
        // The first ones do a pass over the listing.
        rest(&manager).await?;
        let mut tick_ms = Vec::new();
        for _ in 0..TICKS {
            let began = Instant::now();
            manager.run_due(1_000).await?;
            tick_ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
        Ok(Figures { tick_ms, peak_kib: peak_memory_kib()? })
    }
}
