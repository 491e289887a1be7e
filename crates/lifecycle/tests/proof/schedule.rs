//! Runs schedules, each on a separate runtime with one thread, so that it is reproducible.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::runtime::Builder;

use crate::log_lines::LogLines;

/// Whether the whole product runs instead of a sample.
fn is_full() -> bool {
    std::env::var("LIFECYCLE_PROOF").is_ok_and(|value| value == "full")
}

/// Runs all schedules, or in the gate as many of them as there is time for: the same ones each time,
/// and spread over all of them. Prints how many ran.
pub(crate) fn run_all<S: Debug + Clone>(
    what: &str,
    all: &[S],
    in_the_gate: usize,
    schedule: impl AsyncFn(S),
) {
    let mut chosen: Vec<usize> = (0..all.len()).collect();
    if !is_full() {
        chosen.sort_by_key(|index| scattered(*index as u64));
        chosen.truncate(in_the_gate);
    }
    let mut failed = Vec::new();
    for index in &chosen {
        let one = || run(schedule(all[*index].clone()));
        if let Err(why) = catch_unwind(AssertUnwindSafe(one)) {
            let why = why.downcast_ref::<String>().map_or("it panicked", String::as_str);
            failed.push(format!("{:?}\n    {}", all[*index], first_line(why)));
        }
    }
    println!("{what}: {} of {} schedules", chosen.len(), all.len());
    let least = if is_full() { all.len() } else { in_the_gate.min(all.len()) };
    assert!(!chosen.is_empty() && chosen.len() >= least, "{what}: too few schedules ran");
    assert!(failed.is_empty(), "{what}: {} failed\n{}", failed.len(), failed.join("\n"));
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Runs one schedule.
pub(crate) fn run<T>(schedule: impl Future<Output = T>) -> T {
    let _logged = tracing::subscriber::set_default(LogLines);
    LogLines::take();
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime starts");
    let output = runtime.block_on(schedule);
    // Otherwise this would wait for calls that stay pending forever.
    runtime.shutdown_timeout(Duration::ZERO);
    output
}

/// A number without an order that follows from this one (SplitMix64).
fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
