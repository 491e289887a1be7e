//! Stores with very many keys.

use anyhow::Result;
use pinning_keys_bench_kit::process::run_again;
use pinning_keys_bench_kit::stats::{Spread, median};
use pinning_keys_lifecycle::SystemClock;
use serde::{Deserialize, Serialize};

use super::place::{Address, Engine, Place};
use super::{Job as AnyJob, Size, fill, pass, tick};
use crate::counting::What;
use crate::provider::{Provider, Which};
use crate::report::Report;
use crate::rows;
use crate::world::{manager, rest};

/// How many keys a claim is for.
const CLAIMED: usize = 100;

/// How many claims are measured in a round.
const CLAIMS: u32 = 10;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(super) engine: Engine,
    pub(super) size: Size,
}

/// What was measured; empty if the database is not installed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// An idle tick, in milliseconds.
    tick_ms: Vec<f64>,
    /// How much more memory an idle tick needs with many keys than with few, in KiB.
    tick_growth_kib: Option<f64>,
    /// A claim, in milliseconds.
    claim_ms: Vec<f64>,
    /// The same as `tick_growth_kib` for a pass over the listing.
    pass_growth_kib: Option<f64>,
}

impl Job {
    pub(super) async fn run(self) -> Result<Figures> {
        let Some(place) = Place::new(self.engine)? else { return Ok(Figures::default()) };
        let Size { rows, few, rounds, .. } = self.size;
        let [few_ticks, ticks] = [self.ticks(&place, few).await?, self.ticks(&place, rows).await?];
        let [few_pass, pass] = [pass(&place, few).await?, pass(&place, rows).await?];
        let peak = |ticks: &[tick::Figures]| median(ticks.iter().map(|tick| tick.peak_kib as f64));
        let claimed = place.database("claims");
        fill(&claimed, Which::Pinata, rows).await?;
        Ok(Figures {
            tick_growth_kib: peak(&ticks).zip(peak(&few_ticks)).map(|(all, few)| all - few),
            tick_ms: ticks.into_iter().flat_map(|tick| tick.tick_ms).collect(),
            claim_ms: claims(&claimed, rounds).await?,
            pass_growth_kib: Some(pass.peak_kib as f64 - few_pass.peak_kib as f64),
        })
    }

    /// Ticks of several processes, one after another, with this many keys.
    async fn ticks(&self, place: &Place, keys: u64) -> Result<Vec<tick::Figures>> {
        let address = place.database(&format!("ticks-{keys}"));
        fill(&address, Which::Pinata, keys).await?;
        let job = AnyJob::Tick(tick::Job { address });
        (0..self.size.rounds).map(|_| run_again("job", &job)).collect()
    }
}

/// A pass over a listing of this many keys.
async fn pass(place: &Place, keys: u64) -> Result<pass::Figures> {
    let address = place.database(&format!("pass-{keys}"));
    fill(&address, Which::W3ipfs, keys).await?;
    run_again("job", &AnyJob::Pass(pass::Job { address, keys }))
}

/// The times of claims, in milliseconds.
async fn claims(address: &Address, rounds: u32) -> Result<Vec<f64>> {
    let store = address.open().await?;
    let provider = Provider::new(Which::Pinata, SystemClock);
    let manager = manager(&store, &provider, None).await?;
    rest(&manager).await?;
    let mut times = Vec::new();
    let mut first = 0;
    for _ in 0..rounds * CLAIMS {
        let next = first + CLAIMED as u64;
        rows::make_due(&store, &provider, first..next).await?;
        first = next;
        store.take_calls();
        manager.run_due(CLAIMED).await?;
        let calls = store.take_calls();
        let claims = calls.iter().filter(|call| call.what == What::Claim(CLAIMED));
        times.extend(claims.map(|call| call.took.as_secs_f64() * 1e3));
    }
    Ok(times)
}

/// Compares the figures with the budgets.
pub(super) fn report(engine: Engine, size: Size, figures: Figures, report: &mut Report) {
    let Size { rows, few, .. } = size;
    let mib = |kib: Option<f64>| kib.map(|kib| kib / 1024.0);
    report.time(&format!("idle tick, {rows} leases, {engine}"), 5.0, Spread::of(figures.tick_ms));
    let what = format!("idle tick, {rows} leases, memory over {few}, {engine}");
    report.at_most(&what, 2.0, " MiB", mib(figures.tick_growth_kib));
    let what = format!("claim of {CLAIMED} keys among {rows}, {engine}");
    report.time(&what, 10.0, Spread::of(figures.claim_ms));
    let what = format!("pass over {rows} keys, memory over {few}, {engine}");
    report.at_most(&what, 2.0, " MiB", mib(figures.pass_growth_kib));
}
