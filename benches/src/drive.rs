//! Issues keys through a peer and measures it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::peer::Peer;
use crate::process::{Core, cpu_time, peak_memory_kib, pin_to};
use crate::stats::percentile;

/// The work of a peer's process.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) peer: Peer,
    pub(crate) address: SocketAddr,
    /// How many keys are issued before the clock starts.
    pub(crate) warm_up: u64,
    pub(crate) keys: u64,
    pub(crate) concurrency: usize,
}

/// What the work cost.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) wall_ns: u64,
    pub(crate) cpu_ns: u64,
    pub(crate) p50_ns: u32,
    pub(crate) p99_ns: u32,
    pub(crate) peak_kib: u64,
}

/// Issues one key after another.
pub(crate) trait Worker: Send + Sized + 'static {
    /// Creates the workers of a job, which issue keys at the same time.
    async fn crew(job: Job) -> Result<Vec<Self>>;

    /// Issues the key of this number and checks the answer.
    fn issue(&mut self, number: u64) -> impl Future<Output = Result<()>> + Send;
}

/// Does the job in this process.
pub(crate) async fn drive<W: Worker>(job: Job) -> Result<Measured> {
    pin_to(Core::Client)?;
    let crew = W::crew(job).await?;
    let (crew, _) = issue_all(crew, job.warm_up).await?;

    let (cpu, began) = (cpu_time(), Instant::now());
    let (_crew, mut latencies) = issue_all(crew, job.keys).await?;
    let (cpu, wall) = (cpu_time().saturating_sub(cpu), began.elapsed());

    latencies.sort_unstable();
    Ok(Measured {
        wall_ns: nanos(wall),
        cpu_ns: nanos(cpu),
        p50_ns: percentile(&latencies, 0.5),
        p99_ns: percentile(&latencies, 0.99),
        peak_kib: peak_memory_kib()?,
    })
}

/// Has the crew issue `keys` keys. Returns how long each took, in nanoseconds.
async fn issue_all<W: Worker>(crew: Vec<W>, keys: u64) -> Result<(Vec<W>, Vec<u32>)> {
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for mut worker in crew {
        let next = Arc::clone(&next);
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= keys {
                    return anyhow::Ok((worker, latencies));
                }
                let began = Instant::now();
                worker.issue(number).await?;
                latencies.push(u32::try_from(nanos(began.elapsed())).unwrap_or(u32::MAX));
            }
        });
    }
    let (mut crew, mut latencies) = (Vec::new(), Vec::new());
    while let Some(done) = tasks.join_next().await {
        let (worker, took) = done??;
        crew.push(worker);
        latencies.extend(took);
    }
    Ok((crew, latencies))
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
