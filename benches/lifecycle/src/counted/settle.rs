//! Creates whose outcome is unknown.

use anyhow::{Result, ensure};
use pinning_keys_lifecycle::store::{KeyRow, Select, Store as _};
use pinning_keys_lifecycle::{Clock as _, KeyFilter, KeyState};
use tokio::time::sleep;

use super::Size;
use crate::provider::{Kind, Which, count};
use crate::report::Report;
use crate::rows;
use crate::world::{World, rest};

/// How many of the keys in doubt exist, in percent.
const MADE: u64 = 30;

pub(super) async fn run(size: Size, report: &mut Report) -> Result<()> {
    settle(Which::Pinata, size.keys, report).await?;
    settle(Which::W3ipfs, size.keys, report).await
}

async fn settle(which: Which, in_doubt: u64, report: &mut Report) -> Result<()> {
    let world = World::new(which, None).await?;
    let made = in_doubt * MADE / 100;
    let ids = world.issue(0..made).await?;
    let mut others = world.issue(made..made + 1).await?;
    let live = rows::find(&world.store, &others.remove(0)).await?;
    // The first pass over the listing is not measured.
    rest(&world.manager).await?;
    let doubt = |row: &KeyRow| KeyRow {
        state: KeyState::InDoubt,
        open_holder: None,
        references: "[]".to_owned(),
        granted: None,
        settle_after: row.created_at,
        due_at: Some(row.created_at),
        ..row.clone()
    };
    let never_made = (made..in_doubt).map(|number| Ok(doubt(&rows::like(&live, which, number)?)));
    rows::insert(&world.store, never_made).await?;
    rows::change(&world.store, Select::Ids(ids), move |tx| {
        tx.rows = tx.rows.iter().map(doubt).collect();
    })
    .await?;
    let pages = world.pages().await?;
    world.provider.line.take_sent();

    let filter =
        KeyFilter { states: vec![KeyState::InDoubt, KeyState::Revoking], ..KeyFilter::default() };
    while !world.store.keys(&filter, None, 1).await?.is_empty() {
        let tick = world.manager.run_due(1_000).await?;
        let now = world.clock.now();
        sleep(tick.next().duration_since(now).unwrap_or_default()).await;
    }

    let sent = world.provider.line.take_sent();
    let revoked = count(&sent, Kind::Revoke) as u64;
    ensure!(revoked == made, "{revoked} of {made} keys were revoked");
    let most = in_doubt.min(2 * pages) as f64;
    let what = format!("requests to settle {in_doubt} keys in doubt, {which}");
    report.at_most(&what, most, "", Some(count(&sent, Kind::List) as f64));
    Ok(())
}
