//! Keys that must end while others are issued as fast as the account's rate limit allows.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::join_all;
use pinning_keys_lifecycle::{Clock as _, Lease};
use tokio::time::sleep;

use super::Size;
use crate::provider::{Kind, Sent, Which};
use crate::report::Report;
use crate::rows;
use crate::world::{ACCOUNT, World, issue};

/// Requests per second.
const RATE: u32 = 10;

/// How many callers issue keys, one after another.
const CALLERS: u64 = 20;

/// The k-th revocation may start when twice the time has passed that the rate limit needs for k
/// requests: half of it is for revocations, and none of them waits behind an issue.
pub(super) async fn run(size: Size, report: &mut Report) -> Result<()> {
    let due = size.keys.min(200);
    let world = World::new(Which::Pinata, Some(RATE)).await?;
    let ids = world.issue(0..due).await?;
    let callers = (0..CALLERS).map(|caller| {
        let account = world.manager.account(ACCOUNT);
        async move {
            let account = account?;
            for number in 0.. {
                let _ = issue(&account, (caller + 1) * 1_000_000 + number, Lease::none()).await?;
            }
            anyhow::Ok(())
        }
    });
    let end = async {
        // So that the rate limit is used up when the leases end.
        sleep(Duration::from_secs(30)).await;
        world.provider.line.take_sent();
        rows::expire(&world.store, ids).await?;
        let began = world.clock.monotonic();
        while world.manager.run_due(1_000).await?.revoked() > 0 {}
        anyhow::Ok(began)
    };
    let began = tokio::select! {
        began = end => began?,
        issued = join_all(callers) => {
            issued.into_iter().collect::<Result<Vec<()>>>()?;
            bail!("the callers stopped");
        }
    };
    let sent = world.provider.line.take_sent();
    let (revocations, worst) = starts(&sent, began)?;
    ensure!(revocations as u64 == due, "{revocations} of {due} keys were revoked");
    report.at_most(
        "due revocations under a load of issues, over due / rate",
        2.0,
        " ×",
        Some(worst),
    );
    Ok(())
}

/// How many revocations there are, and the maximum of the start of the k-th, divided by the time
/// that k requests take at the rate limit.
fn starts(sent: &[Sent], began: Duration) -> Result<(usize, f64)> {
    let starts: Vec<_> =
        sent.iter().filter(|sent| sent.kind == Kind::Revoke).map(|sent| sent.at).collect();
    let ratios = starts.iter().zip(1_u32..).map(|(at, number)| {
        let ideal = f64::from(number) / f64::from(RATE);
        at.saturating_sub(began).as_secs_f64() / ideal
    });
    Ok((starts.len(), ratios.max_by(f64::total_cmp).context("nothing was revoked")?))
}
