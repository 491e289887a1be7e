//! Compares the ways to issue keys.

use anyhow::Result;
use pinning_keys_guard::callgrind;
use serde::{Deserialize, Serialize};

use crate::drive::{Job, Measured};
use crate::peer::Peer;
use crate::peers;
use crate::results::{self, Effort};
use crate::server::{Server, Settings};
use crate::stats::{Spread, median};
use crate::table::Table;

/// How many calls are in flight at once.
pub(crate) const CONCURRENCIES: [usize; 3] = [1, 8, 64];
/// How long the server takes over an answer, in milliseconds.
pub(crate) const DELAYS_MS: [u64; 2] = [0, 50];

/// What was measured.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) runs: Vec<Run>,
    pub(crate) instructions: Vec<Instructions>,
    /// Why the official client was not measured, if it was not.
    pub(crate) without_official: Option<String>,
}

/// A peer's turn.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) peer: Peer,
    pub(crate) concurrency: usize,
    pub(crate) delay_ms: u64,
    pub(crate) round: u32,
    pub(crate) keys: u64,
    pub(crate) measured: Measured,
}

impl Run {
    pub(crate) fn cpu_us_a_key(&self) -> f64 {
        self.measured.cpu_ns as f64 / 1e3 / self.keys as f64
    }

    pub(crate) fn keys_a_second(&self) -> f64 {
        self.keys as f64 / (self.measured.wall_ns as f64 / 1e9)
    }
}

/// How many instructions outside the kernel a peer takes for a key, issued one at a time.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Instructions {
    pub(crate) peer: Peer,
    pub(crate) a_key: u64,
}

impl Figures {
    /// The runs of a peer in one setting.
    pub(crate) fn of(
        &self,
        peer: Peer,
        concurrency: usize,
        delay_ms: u64,
    ) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(move |run| {
            (run.peer, run.concurrency, run.delay_ms) == (peer, concurrency, delay_ms)
        })
    }

    /// The ratio of a figure of a peer to that of another, round by round.
    pub(crate) fn ratio(
        &self,
        (peer, baseline): (Peer, Peer),
        concurrency: usize,
        delay_ms: u64,
        figure: impl Fn(&Run) -> f64,
    ) -> Option<Spread> {
        let runs = self.of(peer, concurrency, delay_ms);
        let ratios = runs.filter_map(|run| {
            let mut others = self.of(baseline, concurrency, delay_ms);
            let other = others.find(|other| other.round == run.round)?;
            Some(figure(run) / figure(other))
        });
        Spread::of(ratios)
    }

    pub(crate) fn instructions_of(&self, peer: Peer) -> Option<u64> {
        self.instructions.iter().find(|count| count.peer == peer).map(|count| count.a_key)
    }
}

/// Measures all peers in all settings.
pub(crate) fn run(effort: Effort) -> Result<()> {
    let mut figures = Figures::default();
    let mut peers = Peer::ALL.to_vec();
    if let Err(error) = peers::install_official() {
        eprintln!("without the official client: {error:#}");
        figures.without_official = Some(format!("{error:#}"));
        peers.retain(|peer| *peer != Peer::Official);
    }
    for delay_ms in DELAYS_MS {
        let server = Server::start(Settings { delay_ms, listed: 0 })?;
        for concurrency in CONCURRENCIES {
            for round in 0..effort.rounds {
                eprintln!(
                    "issue: {concurrency} at a time, responses take {delay_ms} ms, round {} of {}",
                    round + 1,
                    effort.rounds,
                );
                // Alternating, so that no peer always follows the same other one.
                peers.reverse();
                for &peer in &peers {
                    let (warm_up, keys) = keys(peer, concurrency, delay_ms, effort);
                    let address = server.address();
                    let job = Job { peer, address, warm_up, keys, concurrency };
                    let measured = peers::measure(job)?;
                    figures.runs.push(Run { peer, concurrency, delay_ms, round, keys, measured });
                }
            }
        }
    }
    count_instructions(&mut figures)?;
    results::save("issue", effort, &figures)?;
    println!("\n{}", show(&figures));
    Ok(())
}

/// How many keys a peer issues before the clock starts, and after it.
fn keys(peer: Peer, concurrency: usize, delay_ms: u64, effort: Effort) -> (u64, u64) {
    let crew = concurrency as u64;
    match (delay_ms, peer) {
        _ if effort.quick => (2 * crew, 4 * crew),
        // 1,000 keys if 64 are in flight, otherwise about a second's worth.
        (1.., _) if crew >= 64 => (2 * crew, 1_000),
        (1.., _) => (2 * crew, 20 * crew),
        // Its engine first has to compile what runs often.
        (0, Peer::Official) => (2_000, 4_000),
        (0, _) => (2_000, 20_000),
    }
}

/// Counts the instructions of the peers that are compared.
fn count_instructions(figures: &mut Figures) -> Result<()> {
    if callgrind::version().is_none() {
        eprintln!("instructions are not counted: valgrind is not installed");
        return Ok(());
    }
    let server = Server::start(Settings::default())?;
    let program = std::env::current_exe()?;
    for peer in Peer::ALL {
        if peer == Peer::Official {
            continue;
        }
        eprintln!("issue: counting the instructions of {peer}");
        let arguments = |keys| {
            let job = Job { peer, address: server.address(), warm_up: 50, keys, concurrency: 1 };
            vec!["peer".to_owned(), serde_json::to_string(&job).expect("a job has a JSON form")]
        };
        let a_key = callgrind::per_run(&program, arguments, (100, 600))?;
        figures.instructions.push(Instructions { peer, a_key });
    }
    Ok(())
}

pub(crate) fn show(figures: &Figures) -> String {
    let mut parts = Vec::new();
    for delay_ms in DELAYS_MS {
        for concurrency in CONCURRENCIES {
            let table = setting(figures, concurrency, delay_ms);
            parts
                .push(format!("{concurrency} at a time, responses take {delay_ms} ms:\n\n{table}"));
        }
    }
    if let Some(why) = &figures.without_official {
        parts.push(format!("Without the official client: {why}.\n"));
    }
    if !figures.instructions.is_empty() {
        let table = instructions(figures);
        parts.push(format!("Instructions per key outside the kernel, one at a time:\n\n{table}"));
    }
    parts.join("\n")
}

fn setting(figures: &Figures, concurrency: usize, delay_ms: u64) -> Table {
    let mut table = Table::new(&[
        "peer",
        "keys/s",
        "CPU µs/key",
        "p50 ms",
        "p99 ms",
        "peak MiB",
        "CPU over bare reqwest",
    ]);
    for peer in Peer::ALL {
        let of =
            |figure: fn(&Run) -> f64| median(figures.of(peer, concurrency, delay_ms).map(figure));
        let Some(keys_a_second) = of(Run::keys_a_second) else { continue };
        let cell = |figure, digits: usize| format!("{:.digits$}", of(figure).unwrap_or_default());
        let ratio = peer.baseline().and_then(|baseline| {
            figures.ratio((peer, baseline), concurrency, delay_ms, Run::cpu_us_a_key)
        });
        table.row([
            peer.to_string(),
            format!("{keys_a_second:.0}"),
            cell(Run::cpu_us_a_key, 1),
            cell(|run| f64::from(run.measured.p50_ns) / 1e6, 3),
            cell(|run| f64::from(run.measured.p99_ns) / 1e6, 3),
            cell(|run| run.measured.peak_kib as f64 / 1024.0, 1),
            ratio.map_or_else(String::new, |ratio| ratio.to_string()),
        ]);
    }
    table
}

fn instructions(figures: &Figures) -> Table {
    let mut table = Table::new(&["peer", "instructions", "over bare reqwest"]);
    for count in &figures.instructions {
        let baseline = count.peer.baseline().and_then(|peer| figures.instructions_of(peer));
        let over = baseline.map(|baseline| count.a_key as f64 / baseline as f64);
        table.row([
            count.peer.to_string(),
            count.a_key.to_string(),
            over.map_or_else(String::new, |over| format!("{over:.2}")),
        ]);
    }
    table
}
