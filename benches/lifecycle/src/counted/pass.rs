//! The requests of a pass over an account's listing.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::sleep;

use super::Size;
use crate::provider::Which;
use crate::report::Report;
use crate::world::World;

/// Requests per second.
const RATE: u32 = 10;

/// For how long a pass is watched.
const TIME: Duration = Duration::from_mins(10);

pub(super) async fn run(size: Size, report: &mut Report) -> Result<()> {
    let world = World::new(Which::Pinata, Some(RATE)).await?;
    // A pass that ends early would use less of the rate limit.
    for number in 0..size.keys.max(500) * 4 {
        world.provider.emulator.pinata().create_key(&format!("by-hand-{number}"), "{}");
    }
    let worker = world.start_worker();
    sleep(TIME).await;
    worker.stop().await?;
    let sent = world.provider.line.take_sent();
    let (first, last) = sent.first().zip(sent.last()).context("nothing was listed")?;
    let possible = last.at.saturating_sub(first.at).as_secs_f64() * f64::from(RATE);
    let percent = (sent.len() - 1) as f64 / possible * 100.0;
    report.at_most("pass over the listing, of the rate limit", 5.0, " %", Some(percent));
    Ok(())
}
