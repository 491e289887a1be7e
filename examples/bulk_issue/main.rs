//! A key for each of a thousand users, at a provider that limits requests.
//!
//! Each secret goes to a file at once, and a journal lets another run finish what an interrupted or
//! killed one left: no user ends up with two keys.
//!
//! ```text
//! cargo run --example bulk_issue --features bulk
//! cargo run --example bulk_issue --features bulk -- --live users.txt --into keys
//! ```
//!
//! `run` is the program, `journal` and `secrets_file` are what it keeps, and `summary` is what it
//! prints.

mod arguments;
mod journal;
mod progress;
mod run;
mod secrets_file;
mod summary;

use std::error::Error;
use std::io;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys::bulk::{RateLimit, RateLimits, Throttled};
use pinning_keys::pinata::PinataConfig;
use pinning_keys::{IssuerConfig, KeyIssuer};
use pinning_keys_emulator::{self as emulator, Cut, Emulator, Fault, FaultRule, Stage};

use arguments::{Live, USAGE};
use run::Run;

/// The users of the sample, and the keys after which its first run is interrupted.
const USERS: usize = 1_000;
const INTERRUPTED_AFTER: usize = 400;

/// The requests per second that the built-in emulator allows.
const A_SECOND: NonZeroU32 = NonZeroU32::new(200).unwrap();

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match arguments::parse(std::env::args().skip(1)) {
        Ok(None) => sample().await,
        Ok(Some(live)) => self::live(&live).await,
        Err(fault) => {
            eprintln!("{USAGE}\n");
            Err(fault.into())
        }
    }
}

/// Two runs for the same users, of which the first is interrupted and loses two answers.
async fn sample() -> Result<(), Box<dyn Error>> {
    let second = Duration::from_secs(1);
    let limit = emulator::RateLimit::new(A_SECOND.get(), second).path("/v3/*");
    let emulator = Emulator::builder().rate_limit(limit).start().await?;
    let create = |fault| FaultRule::new(fault).method(Method::POST).path("/v3/api_keys");
    let lost = Fault::status(StatusCode::BAD_GATEWAY, Stage::AfterCommit);
    emulator.faults().add(create(lost).nth(100));
    emulator.faults().add(create(Fault::CutConnection(Cut::BeforeRead)).nth(200));

    let config = PinataConfig::new()
        .with_base_url(emulator.pinata().base_url())
        .with_jwt(emulator.pinata().jwt());
    let limits = RateLimits::shared(RateLimit::per_second(A_SECOND));
    let issuer = Arc::new(Throttled::new(config.build()?, limits));
    let folder = Folder::temporary()?;
    let users = (1..=USERS).map(|n| format!("user-{n:04}")).collect();
    let mut run = Run {
        issuer,
        users,
        folder: folder.0.clone(),
        lag: Duration::ZERO, // the emulator lists a key at once
        stop_after: None,
        durable: false, // these secrets are worthless
    };

    println!("A key for each of {USERS} users");
    println!("on the built-in emulator, which allows {A_SECOND} requests per second\n");
    run.stop_after = Some(INTERRUPTED_AFTER);
    let first = run.go().await?;
    println!("First run, interrupted\n{first}");
    if first.was_interrupted {
        return Ok(());
    }
    run.stop_after = None;
    println!("Second run\n{}", run.go().await?);
    let (live, stored) = (emulator.keys_live(), secrets_file::count(&folder.0)?);
    let (refused, requests) = (emulator.rate_limited(), emulator.requests());
    println!("{live} keys are live at the emulator, and the secrets of {stored} are stored.");
    println!("{refused} of {requests} requests exceeded the rate limit.");
    Ok(())
}

/// A run with the account that the environment configures.
async fn live(live: &Live) -> Result<(), Box<dyn Error>> {
    let issuer = IssuerConfig::from_env()?.build()?;
    let limits = match live.requests_a_minute {
        Some(requests) => RateLimits::shared(RateLimit::per_minute(requests)),
        None => documented(&*issuer)?,
    };
    let lag = live.lag.unwrap_or_else(|| issuer.profile().propagation());
    let text = std::fs::read_to_string(&live.users)
        .map_err(|error| format!("{}: {error}", live.users.display()))?;
    let users = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
    std::fs::create_dir_all(&live.into)?;
    let run = Run {
        issuer: Arc::new(Throttled::new(issuer, limits)),
        users: users.collect(),
        folder: live.into.clone(),
        lag,
        stop_after: live.stop_after,
        durable: true,
    };
    let summary = run.go().await?;
    println!("{summary}");
    if summary.is_complete() {
        Ok(())
    } else if summary.stopped_by.is_some() {
        Err("not all users have a key: remove the cause, then run it again".into())
    } else {
        Err("not all users have a key: run it again".into())
    }
}

/// The documented limits of the provider; of Pinata's plans, the lowest.
fn documented(issuer: &dyn KeyIssuer) -> Result<RateLimits, Box<dyn Error>> {
    match issuer.profile().provider() {
        "pinata" => Ok(RateLimits::PINATA_FREE),
        "w3ipfs" => Ok(RateLimits::W3IPFS),
        other => {
            Err(format!("the rate limit of {other} is unknown: set --requests-a-minute").into())
        }
    }
}

/// A folder that is removed with the secrets in it.
struct Folder(PathBuf);

impl Folder {
    fn temporary() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("bulk_issue-{}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
