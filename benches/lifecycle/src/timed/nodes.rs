//! Several nodes on one PostgreSQL.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use pinning_keys_bench_kit::process::run_again;
use pinning_keys_bench_kit::stats::Spread;
use pinning_keys_lifecycle::{Clock as _, KeyManager, SystemClock};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::place::{Engine, Place};
use super::{Job as AnyJob, Size, fill};
use crate::provider::{Kind, Provider, Which, count};
use crate::report::Report;
use crate::rows;
use crate::world::{manager, rest};

/// How many nodes are compared with one.
const NODES: usize = 3;

/// How long a revocation takes.
const DELAY: Duration = Duration::from_millis(50);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    due: u64,
    rate: u32,
    rounds: u32,
}

/// The share of the rate limit that was used in each round; empty if PostgreSQL is not installed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    one: Vec<f64>,
    several: Vec<f64>,
    /// How many revocations were sent for a key that another node had revoked.
    twice: u64,
}

pub(super) fn run(size: Size, report: &mut Report) -> Result<()> {
    let Size { due, rate, rounds, .. } = size;
    let job = Job { due: due / 10, rate, rounds };
    let figures: Figures = run_again("job", &AnyJob::Nodes(job))?;
    let several = Spread::of(figures.several);
    report.at_most(
        "work that three nodes on one PostgreSQL do twice",
        0.0,
        "",
        several.map(|_| figures.twice as f64),
    );
    report.at_least("three nodes on one PostgreSQL, of the rate limit", 0.9, several);
    report.shown("one node, of the rate limit", Spread::of(figures.one), "");
    Ok(())
}

impl Job {
    pub(super) async fn run(self) -> Result<Figures> {
        let Some(place) = Place::new(Engine::Postgres)? else { return Ok(Figures::default()) };
        let address = place.database("nodes");
        fill(&address, Which::Pinata, self.due * u64::from(self.rounds) * 2).await?;
        let provider = Provider::new(Which::Pinata, SystemClock);
        let mut nodes = Vec::new();
        for _ in 0..NODES {
            // Separate connections, as in separate processes.
            nodes.push(manager(&address.open().await?, &provider, Some(self.rate)).await?);
        }
        rest(&nodes[0]).await?;
        provider.line.delay(DELAY);
        let store = address.open().await?;
        let mut figures = Figures::default();
        let mut first = 0;
        for _ in 0..self.rounds {
            for (nodes, used) in
                [(&nodes[..1], &mut figures.one), (&nodes[..], &mut figures.several)]
            {
                rows::make_due(&store, &provider, first..first + self.due).await?;
                first += self.due;
                let (share, sent) = self.end_all(&provider, nodes).await?;
                used.push(share);
                figures.twice += sent - self.due;
            }
        }
        Ok(figures)
    }

    /// Lets the nodes end all that is due. Returns the share of the rate limit that was used, and
    /// how many revocations were sent.
    async fn end_all(&self, provider: &Provider, nodes: &[KeyManager]) -> Result<(f64, u64)> {
        provider.line.take_sent();
        let began = SystemClock.monotonic();
        let workers = nodes.iter().map(|node| {
            node.run(async {
                while provider.emulator.keys_live() > 0 {
                    sleep(Duration::from_millis(1)).await;
                }
            })
        });
        try_join_all(workers).await?;
        let sent = provider.line.take_sent();
        let revocations = sent.iter().filter(|sent| sent.kind == Kind::Revoke);
        let last = revocations.map(|sent| sent.at).max().context("nothing was revoked")?;
        let possible = last.saturating_sub(began).as_secs_f64() * f64::from(self.rate);
        let revoked = count(&sent, Kind::Revoke) as u64;
        ensure!(revoked >= self.due, "not all keys were revoked");
        // The first needs no time.
        Ok(((revoked - 1) as f64 / possible, revoked))
    }
}
