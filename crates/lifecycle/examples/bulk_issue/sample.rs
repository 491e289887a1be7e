//! Two runs for the same users on the built-in emulator, of which the first is interrupted and loses
//! two answers.

use std::error::Error;
use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use pinning_keys::{IssuerConfig, KeyIssuer};
use pinning_keys_bulk::RateLimit;
use pinning_keys_emulator::{self as emulator, Cut, Emulator, Fault, FaultRule, Stage};
use pinning_keys_lifecycle::{Clock, SqliteStore, SystemClock};

use crate::run::{Run, manager};
use crate::secrets_file;

/// The users, and the keys after which the first run is interrupted.
const USERS: usize = 1_000;
const INTERRUPTED_AFTER: usize = 400;

/// The requests per second that the emulator allows.
const A_SECOND: NonZeroU32 = NonZeroU32::new(200).unwrap();

pub(crate) async fn play() -> Result<(), Box<dyn Error>> {
    let limit = emulator::RateLimit::new(A_SECOND.get(), Duration::from_secs(1)).path("/v3/*");
    let emulator = Emulator::builder().rate_limit(limit).start().await?;
    let create = |fault| FaultRule::new(fault).method(Method::POST).path("/v3/api_keys");
    let lost = Fault::status(StatusCode::BAD_GATEWAY, Stage::AfterCommit);
    emulator.faults().add(create(lost).nth(100));
    emulator.faults().add(create(Fault::CutConnection(Cut::BeforeRead)).nth(200));

    let issuer: Arc<dyn KeyIssuer> = IssuerConfig::from_vars(emulator.pinata().vars())?.build()?;
    let (folder, clock) =
        (tempfile::Builder::new().prefix("bulk_issue-").tempdir()?, Skipping::default());
    let store = SqliteStore::options().clock(clock.clone());
    let store = store.open(folder.path().join("keys.db")).await?;
    let mut run = Run {
        manager: manager(store, &issuer, RateLimit::per_second(A_SECOND)).await?,
        issuer,
        users: (1..=USERS).map(|n| format!("user-{n:04}")).collect(),
        folder: folder.path().to_owned(),
        stop_after: Some(INTERRUPTED_AFTER),
    };

    println!("A key for each of {USERS} users");
    println!("on the built-in emulator, which allows {A_SECOND} requests per second\n");
    let first = run.go().await?;
    println!("First run, interrupted\n{first}");
    if first.was_interrupted {
        return Ok(());
    }
    let (mut settled, mut revoked) = (0, 0);
    for _ in 0..3 {
        clock.skip(Duration::from_mins(2));
        let tick = run.manager.run_due(1_000).await?;
        (settled, revoked) = (settled + tick.settled(), revoked + tick.revoked());
    }
    println!("A worker, minutes later\n  settled   {settled:>5}   {revoked} revoked\n");
    run.stop_after = None;
    println!("Second run\n{}", run.go().await?);
    let (live, stored) = (emulator.keys_live(), secrets_file::count(folder.path())?);
    let (refused, requests) = (emulator.rate_limited(), emulator.requests());
    println!("{live} keys are live at the emulator, and the secrets of {stored} are stored.");
    println!("{refused} of {requests} requests exceeded the rate limit.");
    Ok(())
}

/// A clock that skips the minutes in which nothing happens.
#[derive(Clone, Default)]
struct Skipping(Arc<AtomicU64>);

impl Skipping {
    fn skip(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    fn skipped(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

impl Clock for Skipping {
    fn now(&self) -> SystemTime {
        SystemClock.now() + self.skipped()
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic() + self.skipped()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        SystemClock.sleep(time)
    }
}
