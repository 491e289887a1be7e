//! Times and memory, with real databases. Each measurement runs in separate processes.

mod ends;
mod full;
mod listing;
mod nodes;
mod pass;
mod place;
mod tick;

use std::time::Duration;

use anyhow::Result;
use pinning_keys_bench_kit::process::run_again_in;
use pinning_keys_bench_kit::results::Effort;
use pinning_keys_lifecycle::{Lease, SystemClock};
use serde::{Deserialize, Serialize};

use crate::provider::{Provider, Which};
use crate::report::Report;
use crate::rows;
use crate::world::{ACCOUNT, issue, manager};
use place::{Address, Engine, folder_in_memory};

/// How much is done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Size {
    /// How many rows a large store has.
    rows: u64,
    /// How many rows a smaller one has: enough to fill the cache of SQLite, which holds 2 MB.
    few: u64,
    /// How many keys end at once.
    due: u64,
    /// The rate limit of the nodes, in requests per second.
    rate: u32,
    rounds: u32,
}

impl Size {
    pub(crate) fn of(effort: Effort) -> Self {
        let rounds = effort.rounds;
        if effort.quick {
            Self { rows: 1_000, few: 300, due: 100, rate: 50, rounds }
        } else {
            Self { rows: 100_000, few: 10_000, due: 1_000, rate: 10, rounds }
        }
    }
}

/// The work of a process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Job {
    Full(full::Job),
    Tick(tick::Job),
    Pass(pass::Job),
    Ends(ends::Job),
    Nodes(nodes::Job),
}

impl Job {
    /// Does the work in this process. Returns what it measured, as JSON.
    pub(crate) async fn run(self) -> Result<String> {
        Ok(match self {
            Self::Full(job) => serde_json::to_string(&job.run().await?)?,
            Self::Tick(job) => serde_json::to_string(&job.run().await?)?,
            Self::Pass(job) => serde_json::to_string(&job.run().await?)?,
            Self::Ends(job) => serde_json::to_string(&job.run().await?)?,
            Self::Nodes(job) => serde_json::to_string(&job.run().await?)?,
        })
    }
}

/// Measures everything.
pub(crate) fn run(size: Size, report: &mut Report) -> Result<()> {
    for engine in Engine::ALL {
        eprintln!("{engine}: stores with {} keys", size.rows);
        let job = Job::Full(full::Job { engine, size });
        full::report(engine, size, run_again_in(&folder_in_memory(), "job", &job)?, report);
    }
    eprintln!("keys that end at once");
    ends::run(size, report)?;
    eprintln!("several nodes");
    nodes::run(size, report)
}

/// Fills a store with live keys, whose leases end one after another from tomorrow on.
async fn fill(address: &Address, which: Which, keys: u64) -> Result<()> {
    let store = address.open().await?;
    let provider = Provider::new(which, SystemClock);
    let manager = manager(&store, &provider, None).await?;
    let day = Duration::from_hours(24);
    let delivery = issue(&manager.account(ACCOUNT)?, 0, Lease::of(day)).await?;
    delivery.confirm().await?;
    let template = rows::find(&store, delivery.id()).await?;
    let rows = (0..keys).map(|number| {
        let mut row = rows::like(&template, which, number)?;
        let second = Duration::from_secs(number);
        row.expires_at = row.expires_at.map(|at| at.saturating_add(second));
        row.max_until = row.expires_at;
        row.due_at = row.expires_at;
        Ok(row)
    });
    rows::insert(&store, rows).await
}
