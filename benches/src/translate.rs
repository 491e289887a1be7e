//! Measures translating requests and planning keys: time and allocations, for every table.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use pinning_keys::KeyRequest;
use pinning_keys::adapter::PermissionTable;
use serde::{Deserialize, Serialize};

use crate::process::cargo;
use crate::results::{self, Effort};
use crate::table::Table;
use pinning_keys_translating::{TABLES, every_request, issuer, key_request, presets};

/// How often a request is translated between two readings of the clock, and how often that is
/// repeated. The best counts, since other work on the machine only adds time.
const BATCH: u32 = 64;
const BATCHES: usize = 9;
/// How often a request that seems the slowest is measured again.
const LOOKS: u32 = 20;

const EVERY: &str = "every request";

/// What was measured for a request, or the maximum over many.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) table: String,
    pub(crate) request: String,
    pub(crate) translate_ns: f64,
    pub(crate) plan_ns: f64,
    pub(crate) translate_allocations: u64,
    pub(crate) plan_allocations: u64,
}

impl Figure {
    /// Whether this is the figure of a preset.
    pub(crate) fn is_preset(&self) -> bool {
        self.request != EVERY
    }
}

/// What the bench `allocations` prints.
#[derive(Deserialize)]
struct Counts {
    table: String,
    request: String,
    translate: u64,
    plan: u64,
}

pub(crate) fn run(effort: Effort) -> Result<()> {
    let criterion = results::folder()?.join("criterion");
    cargo_bench("presets", &criterion)?;
    let printed = cargo_bench("allocations", &criterion)?;
    let counts: Vec<Counts> = serde_json::from_slice(&printed)?;
    let counts: BTreeMap<_, _> = counts
        .iter()
        .map(|count| ((count.table.as_str(), count.request.as_str()), count))
        .collect();

    let mut figures = Vec::new();
    for table in TABLES {
        let name = table.to_string();
        let names = presets(table).into_iter().map(|(preset, _)| preset);
        for request in names.chain([EVERY]) {
            let (translate_ns, plan_ns) = match request {
                EVERY => worst(table),
                _ => (
                    estimate(&criterion, &format!("translate {name} {request}"))?,
                    estimate(&criterion, &format!("plan {name} {request}"))?,
                ),
            };
            let counts = counts.get(&(&*name, request)).context("a count is missing")?;
            figures.push(Figure {
                table: name.clone(),
                request: request.to_owned(),
                translate_ns,
                plan_ns,
                translate_allocations: counts.translate,
                plan_allocations: counts.plan,
            });
        }
    }
    results::save("translate", effort, &figures)?;
    println!("\n{}", show(&figures));
    Ok(())
}

/// Runs a bench of this package and returns what it printed.
fn cargo_bench(name: &str, criterion: &Path) -> Result<Vec<u8>> {
    eprintln!("translate: cargo bench --bench {name}");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = cargo()
        .args(["bench", "--quiet", "--package", "pinning-keys-translating"])
        .args(["--bench", name, "--manifest-path"])
        .arg(manifest)
        .env("CRITERION_HOME", criterion)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo bench --bench {name} failed:\n{errors}");
    Ok(output.stdout)
}

/// The median that criterion measured, in nanoseconds.
fn estimate(criterion: &Path, bench: &str) -> Result<f64> {
    #[derive(Deserialize)]
    struct Estimates {
        median: Estimate,
    }
    #[derive(Deserialize)]
    struct Estimate {
        point_estimate: f64,
    }
    let path = criterion.join(bench).join("new/estimates.json");
    let bytes = std::fs::read(&path).with_context(|| format!("no {}", path.display()))?;
    let Estimates { median } = serde_json::from_slice(&bytes)?;
    Ok(median.point_estimate)
}

/// The times to translate and to plan the slowest of all requests that the table grants, in
/// nanoseconds.
fn worst(table: &'static PermissionTable) -> (f64, f64) {
    let issuer = issuer(table);
    let granted = every_request(table).into_iter().filter(|scope| table.translate(scope).is_ok());
    let requests: Vec<_> = granted.map(key_request).collect();
    let translate =
        slowest(&requests, |request| best_of(|| table.translate(black_box(request.scope()))));
    (translate, slowest(&requests, |request| best_of(|| issuer.plan(black_box(request)))))
}

/// The greatest figure of any request. A request that seems the slowest is measured again, since
/// the machine may have been busy, until it remains the slowest.
fn slowest(requests: &[KeyRequest], measure: impl Fn(&KeyRequest) -> f64) -> f64 {
    let mut figures: Vec<(f64, u32)> =
        requests.iter().map(|request| (measure(request), 0)).collect();
    loop {
        let all = figures.iter().enumerate();
        let Some((slowest, &(figure, looks))) = all.max_by(|(_, a), (_, b)| a.0.total_cmp(&b.0))
        else {
            return 0.0;
        };
        if looks == LOOKS {
            return figure;
        }
        figures[slowest] = (figure.min(measure(&requests[slowest])), looks + 1);
    }
}

fn best_of<T>(mut work: impl FnMut() -> T) -> f64 {
    let batches = (0..BATCHES).map(|_| {
        let began = Instant::now();
        for _ in 0..BATCH {
            black_box(work());
        }
        began.elapsed().as_nanos() as f64 / f64::from(BATCH)
    });
    batches.fold(f64::INFINITY, f64::min)
}

pub(crate) fn show(figures: &[Figure]) -> String {
    let mut table =
        Table::new(&["table", "request", "translate ns", "allocations", "plan ns", "allocations"]);
    for figure in figures {
        table.row([
            figure.table.clone(),
            figure.request.clone(),
            format!("{:.1}", figure.translate_ns),
            figure.translate_allocations.to_string(),
            format!("{:.0}", figure.plan_ns),
            figure.plan_allocations.to_string(),
        ]);
    }
    format!("{table}\n{EVERY}: the slowest that the table grants, and the most allocations.")
}
