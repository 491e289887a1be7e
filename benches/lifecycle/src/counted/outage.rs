//! Outages of the provider.

use std::time::Duration;

use anyhow::{Context, Result};
use http::StatusCode;
use pinning_keys_lifecycle::Clock as _;
use tokio::time::sleep;

use super::Size;
use crate::provider::{Kind, Outage, Which};
use crate::report::Report;
use crate::rows;
use crate::world::World;

/// How many keys must end during the outage.
const DUE: u64 = 5;

const OUTAGES: [Outage; 4] = [
    Outage::Refused,
    Outage::Status(StatusCode::SERVICE_UNAVAILABLE),
    Outage::Status(StatusCode::TOO_MANY_REQUESTS),
    Outage::Status(StatusCode::UNAUTHORIZED),
];

/// The longest time from the provider's return to the first revocation.
pub(super) async fn run(size: Size, report: &mut Report) -> Result<()> {
    let mut longest = Duration::ZERO;
    for outage in OUTAGES {
        for minutes in [1, 7, 45, size.hours * 60] {
            longest = longest.max(after(outage, Duration::from_mins(minutes)).await?);
        }
    }
    let what = "from the end of an outage to the first revocation";
    report.at_most(what, 60.0, " s", Some(longest.as_secs_f64()));
    Ok(())
}

async fn after(outage: Outage, length: Duration) -> Result<Duration> {
    let world = World::new(Which::Pinata, None).await?;
    let ids = world.issue(0..DUE).await?;
    let worker = world.start_worker();
    sleep(Duration::from_mins(1)).await;
    world.provider.line.set_outage(Some(outage));
    rows::expire(&world.store, ids).await?;
    sleep(length).await;
    world.provider.line.take_sent();
    world.provider.line.set_outage(None);
    let ended = world.clock.monotonic();
    sleep(Duration::from_mins(10)).await;
    worker.stop().await?;
    let sent = world.provider.line.take_sent();
    let first = sent.iter().find(|sent| sent.kind == Kind::Revoke);
    Ok(first.context("nothing was revoked")?.at.saturating_sub(ended))
}
