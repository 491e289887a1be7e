//! What a worker asks the store for while nothing is due.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::counting::What;
use crate::provider::Which;
use crate::report::Report;
use crate::world::World;

const MINUTES: u64 = 58;

pub(super) async fn run(report: &mut Report) -> Result<()> {
    let world = World::new(Which::Pinata, None).await?;
    world.issue(0..10).await?;
    let worker = world.start_worker();
    // The first pass over the listing, and the first of the next hour, do not count.
    sleep(Duration::from_mins(1)).await;
    world.store.take_calls();
    sleep(Duration::from_mins(MINUTES)).await;
    let calls = world.store.take_calls();
    worker.stop().await?;
    let queries = calls.iter().filter(|call| call.what == What::Query).count();
    let a_minute = queries as f64 / MINUTES as f64;
    report.at_most("queries of an idle worker, per minute", 2.0, "", Some(a_minute));
    Ok(())
}
