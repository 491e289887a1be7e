//! Revocations that need an id that only a listing shows.

use anyhow::{Result, ensure};

use super::Size;
use crate::provider::{Kind, Which, count};
use crate::report::Report;
use crate::rows;
use crate::world::{World, rest};

pub(super) async fn run(size: Size, report: &mut Report) -> Result<()> {
    let due = size.keys;
    let world = World::new(Which::W3ipfs, None).await?;
    // The first pass over the listing, which is not measured, must not show the ids.
    rest(&world.manager).await?;
    let ids = world.issue(0..due).await?;
    let pages = world.pages().await?;
    world.provider.line.take_sent();

    rows::expire(&world.store, ids).await?;
    let tick = world.manager.run_due(1_000).await?;

    ensure!(tick.revoked() as u64 == due, "{} of {due} keys were revoked", tick.revoked());
    let sent = world.provider.line.take_sent();
    ensure!(count(&sent, Kind::Revoke) as u64 == due, "a key was revoked twice");
    let a_key = sent.len() as f64 / due as f64;
    let most = 1.0 + pages as f64 / due as f64;
    let what = format!("requests to revoke a key, {due} at once, W3IPFS");
    report.at_most(&what, most, "", Some(a_key));
    Ok(())
}
