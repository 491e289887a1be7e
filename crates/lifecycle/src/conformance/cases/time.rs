//! store-03: time never goes below the highest that a commit has seen.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::Clock as _;
use crate::conformance::bench::{Bench, change, insert, look, status};
use crate::conformance::case::{Verdict, ensure_eq};
use crate::conformance::dice::plain;
use crate::store::Scope;

const HOUR: Duration = Duration::from_hours(1);

pub(super) async fn time_follows_the_clock(bench: Arc<Bench>) -> Verdict {
    let store = bench.open().await?;
    for _ in 0..2 {
        bench.harness.clock().advance(HOUR);
        ensure_eq!(look(&*store, Scope::default()).await?.now, bench.now(), "the time");
        ensure_eq!(status(&*store).await?.now, bench.now(), "the time in the status");
    }
    Ok(())
}

pub(super) async fn time_stays_when_the_clock_is_set_back(bench: Arc<Bench>) -> Verdict {
    let (store, clock) = (bench.open().await?, bench.harness.clock());
    clock.advance(HOUR);
    let highest = bench.now();
    insert(&*store, &[plain(1, highest)]).await?;
    clock.set(clock.now() - 24 * HOUR);
    for handle in [store, bench.open().await?] {
        ensure_eq!(look(&*handle, Scope::default()).await?.now, highest, "the time");
        ensure_eq!(status(&*handle).await?.now, highest, "the time in the status");
        ensure_eq!(look(&*handle, Scope::default()).await?.clock, bench.now(), "the clock");
    }
    // It goes on as soon as the clock has caught up.
    clock.set(SystemTime::from(highest) + HOUR);
    let now = look(&*bench.open().await?, Scope::default()).await?.now;
    ensure_eq!(now, bench.now(), "the time of the clock, which is later again");
    Ok(())
}

pub(super) async fn a_decision_can_only_raise_the_time(bench: Arc<Bench>) -> Verdict {
    let store = bench.open().await?;
    let raised = bench.now().saturating_add(24 * HOUR);
    change(&*store, Scope::default(), move |tx| tx.store.time_high = raised).await?;
    let lowered = bench.now().saturating_sub(HOUR);
    change(&*store, Scope::default(), move |tx| {
        tx.store.time_high = lowered;
        tx.store.acknowledged = true;
    })
    .await?;
    for handle in [store, bench.open().await?] {
        ensure_eq!(look(&*handle, Scope::default()).await?.now, raised, "the time");
    }
    Ok(())
}
