//! Keys that all end at once.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use pinning_keys::bulk::revoke_many;
use pinning_keys::{KeyRef, Revocation};
use pinning_keys_bench_kit::process::run_again;
use pinning_keys_bench_kit::stats::Spread;
use pinning_keys_lifecycle::SystemClock;
use serde::{Deserialize, Serialize};

use super::place::{Engine, Place};
use super::{Job as AnyJob, Size, fill};
use crate::provider::{Provider, Which};
use crate::report::Report;
use crate::rows;
use crate::world::{manager, rest};

/// How long a revocation takes.
const DELAY: Duration = Duration::from_millis(50);

/// How many revocations are in flight at once; the worker has the same number.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(64).unwrap();

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    due: u64,
    rounds: u32,
}

/// The seconds of each round; empty if PostgreSQL is not installed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    worker: Vec<f64>,
    /// `bulk::revoke_many` of as many keys, through the same issuer.
    bulk: Vec<f64>,
}

pub(super) fn run(size: Size, report: &mut Report) -> Result<()> {
    let Size { due, rounds, .. } = size;
    let figures: Figures = run_again("job", &AnyJob::Ends(Job { due, rounds }))?;
    let ideal = due.div_ceil(AT_ONCE.get() as u64) as f64 * DELAY.as_secs_f64();
    let over = |seconds: &[f64]| Spread::of(seconds.iter().map(|seconds| seconds / ideal));
    let what = format!("{due} leases end at once, 50 ms each, over the ideal, PostgreSQL");
    report.ratio(&what, 1.3, over(&figures.worker));
    report.shown("the same keys by `bulk::revoke_many`, over the ideal", over(&figures.bulk), " ×");
    Ok(())
}

impl Job {
    pub(super) async fn run(self) -> Result<Figures> {
        let Some(place) = Place::new(Engine::Postgres)? else { return Ok(Figures::default()) };
        let address = place.database("ends");
        let (due, rounds) = (self.due, u64::from(self.rounds));
        fill(&address, Which::Pinata, due * rounds).await?;
        let store = address.open().await?;
        let provider = Provider::new(Which::Pinata, SystemClock);
        let manager = manager(&store, &provider, None).await?;
        rest(&manager).await?;
        provider.line.delay(DELAY);
        let mut figures = Figures::default();
        for round in 0..rounds {
            rows::make_due(&store, &provider, round * due..(round + 1) * due).await?;
            let began = Instant::now();
            let mut revoked = 0;
            while revoked < due {
                revoked += manager.run_due(1_000).await?.revoked() as u64;
            }
            figures.worker.push(began.elapsed().as_secs_f64());
            figures.bulk.push(revoke_in_bulk(&provider, due).await?);
        }
        Ok(figures)
    }
}

/// Revokes keys that no store knows. Returns the seconds.
async fn revoke_in_bulk(provider: &Provider, keys: u64) -> Result<f64> {
    let make = |number| provider.emulator.pinata().create_key(&format!("bulk-{number}"), "{}");
    let references: Vec<KeyRef> = (0..keys)
        .map(|number| KeyRef::new(Which::Pinata.id(), make(number).key))
        .collect::<Result<_, _>>()?;
    let began = Instant::now();
    let mut results = revoke_many(provider.issuer()?, references).with_concurrency(AT_ONCE);
    while let Some((_, revocation)) = results.next().await {
        ensure!(revocation? == Revocation::Revoked, "a key was not revoked");
    }
    Ok(began.elapsed().as_secs_f64())
}
