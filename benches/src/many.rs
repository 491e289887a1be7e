//! Issues and revokes many keys, and lists very many.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use pinning_keys::bulk::{issue_many, revoke_many};
use pinning_keys::{
    Error, KeyIssuer, KeyIssuerExt, KeyQuery, KeyRef, KeyRequest, Revocation, ScopeRequest,
};
use serde::{Deserialize, Serialize};

use crate::peers;
use crate::process::{Core, peak_memory_kib, pin_to, run_again};
use crate::results::{self, Effort};
use crate::server::{Server, Settings};
use crate::stats::{self, Spread};
use crate::table::Table;

/// How long each answer to bulk work takes, in milliseconds.
const DELAY_MS: u64 = 50;
const MANY: u64 = 1_000;
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(64).unwrap();
/// A short list, and a long one that must need no more memory.
const LISTED: [u64; 2] = [1_000, 100_000];

/// The shortest possible time, in seconds: 16 rounds of 64 calls, 50 ms each.
const IDEAL_SECONDS: f64 = 0.8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Provider {
    Pinata,
    W3ipfs,
}

impl Provider {
    pub(crate) const ALL: [Self; 2] = [Self::Pinata, Self::W3ipfs];

    fn issuer(self, address: SocketAddr) -> Result<Arc<dyn KeyIssuer>> {
        match self {
            Self::Pinata => peers::pinata(address),
            Self::W3ipfs => peers::w3ipfs(address),
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pinata => "Pinata",
            Self::W3ipfs => "W3IPFS",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Work {
    Issue,
    Revoke,
    List,
}

/// The work of a process.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    provider: Provider,
    work: Work,
    keys: u64,
    address: SocketAddr,
}

/// What the work of a process cost.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) provider: Provider,
    pub(crate) work: Work,
    pub(crate) keys: u64,
    pub(crate) seconds: f64,
    pub(crate) peak_kib: u64,
}

/// The median of a figure over the runs of this kind, or `None` if there were none.
fn median(
    figures: &[Figure],
    (provider, work, keys): (Provider, Work, u64),
    figure: impl Fn(&Figure) -> f64,
) -> Option<f64> {
    let runs = figures.iter().filter(|f| (f.provider, f.work, f.keys) == (provider, work, keys));
    stats::median(runs.map(figure))
}

pub(crate) fn bulk(effort: Effort) -> Result<()> {
    let server = Server::start(Settings { delay_ms: DELAY_MS, listed: 0 })?;
    let mut figures = measure(Work::Issue, &[(MANY, &server)], effort)?;
    figures.extend(measure(Work::Revoke, &[(MANY, &server)], effort)?);
    results::save("bulk", effort, &figures)?;
    println!("\n{}", batches(&figures));
    Ok(())
}

pub(crate) fn list(effort: Effort) -> Result<()> {
    let [short, long] = LISTED.map(|listed| Server::start(Settings { delay_ms: 0, listed }));
    let servers = [(LISTED[0], &short?), (LISTED[1], &long?)];
    let figures = measure(Work::List, &servers, effort)?;
    results::save("list", effort, &figures)?;
    println!("\n{}", listings(&figures));
    Ok(())
}

fn measure(work: Work, servers: &[(u64, &Server)], effort: Effort) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for round in 0..effort.rounds {
        eprintln!("{work:?}: round {} of {}", round + 1, effort.rounds);
        for &(keys, server) in servers {
            for provider in Provider::ALL {
                let address = server.address();
                figures.push(run_again("many", &Job { provider, work, keys, address })?);
            }
        }
    }
    Ok(figures)
}

impl Job {
    /// Does the job in this process.
    pub(crate) async fn run(self) -> Result<Figure> {
        pin_to(Core::Client)?;
        let issuer = self.provider.issuer(self.address)?;
        let began = Instant::now();
        match self.work {
            Work::Issue => issue_all(issuer, self.keys).await?,
            Work::Revoke => revoke_all(issuer, self.keys).await?,
            Work::List => list_all(&*issuer, self.keys).await?,
        }
        let Self { provider, work, keys, .. } = self;
        let seconds = began.elapsed().as_secs_f64();
        Ok(Figure { provider, work, keys, seconds, peak_kib: peak_memory_kib()? })
    }
}

async fn issue_all(issuer: Arc<dyn KeyIssuer>, keys: u64) -> Result<()> {
    let request = |i| KeyRequest::new(format!("user-{i}"), ScopeRequest::reader());
    let requests: Vec<KeyRequest> = (0..keys).map(request).collect::<Result<_, Error>>()?;
    let mut results = issue_many(issuer, requests).with_concurrency(AT_ONCE);
    while let Some((request, key)) = results.next().await {
        ensure!(key?.name() == request.name(), "a key has the wrong name");
    }
    Ok(())
}

async fn revoke_all(issuer: Arc<dyn KeyIssuer>, keys: u64) -> Result<()> {
    let provider = issuer.profile().provider();
    let reference = |i| KeyRef::new(provider, format!("key-{i}"))?.with_id(format!("id-{i}"));
    let references: Vec<KeyRef> = (0..keys).map(reference).collect::<Result<_, Error>>()?;
    let mut results = revoke_many(issuer, references).with_concurrency(AT_ONCE);
    while let Some((_, revocation)) = results.next().await {
        ensure!(revocation? == Revocation::Revoked, "a key was not revoked");
    }
    Ok(())
}

async fn list_all(issuer: &dyn KeyIssuer, keys: u64) -> Result<()> {
    let mut records = issuer.keys(KeyQuery::new());
    let mut count = 0;
    while let Some(record) = records.next().await {
        count += u64::from(!record?.name().is_empty());
    }
    ensure!(count == keys, "{count} of {keys} keys were listed");
    Ok(())
}

pub(crate) fn batches(figures: &[Figure]) -> Table {
    let mut table = Table::new(&["1,000 keys, 64 at a time, 50 ms", "seconds", "over the ideal"]);
    for work in [Work::Issue, Work::Revoke] {
        for provider in Provider::ALL {
            let kind = (provider, work, MANY);
            let Some(seconds) = median(figures, kind, |figure| figure.seconds) else { continue };
            let over = over_ideal(figures, provider, work);
            table.row([
                format!("{}, {provider}", if work == Work::Issue { "issue" } else { "revoke" }),
                format!("{seconds:.3}"),
                over.map_or_else(String::new, |over| over.to_string()),
            ]);
        }
    }
    table
}

pub(crate) fn listings(figures: &[Figure]) -> Table {
    let mut table = Table::new(&["list as a stream", "keys", "seconds", "keys/s", "peak MiB"]);
    for provider in Provider::ALL {
        for keys in LISTED {
            let kind = (provider, Work::List, keys);
            let Some(seconds) = median(figures, kind, |figure| figure.seconds) else { continue };
            let peak = median(figures, kind, |figure| figure.peak_kib as f64 / 1024.0);
            table.row([
                provider.to_string(),
                keys.to_string(),
                format!("{seconds:.3}"),
                format!("{:.0}", keys as f64 / seconds),
                format!("{:.1}", peak.unwrap_or_default()),
            ]);
        }
    }
    table
}

/// How much more memory the long list needed than the short one, in MiB.
pub(crate) fn growth_mib(figures: &[Figure], provider: Provider) -> Option<f64> {
    let peak = |keys| median(figures, (provider, Work::List, keys), |f| f.peak_kib as f64 / 1024.0);
    Some(peak(LISTED[1])? - peak(LISTED[0])?)
}

/// The time of a batch as a multiple of the ideal time.
pub(crate) fn over_ideal(figures: &[Figure], provider: Provider, work: Work) -> Option<Spread> {
    let runs = figures.iter().filter(|f| (f.provider, f.work) == (provider, work));
    Spread::of(runs.map(|figure| figure.seconds / IDEAL_SECONDS))
}
