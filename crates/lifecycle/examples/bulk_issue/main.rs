//! A key for each of a thousand users, at a provider that limits requests.
//!
//! Each secret goes to a file before its key is confirmed, and the store is the journal: another run
//! finishes what an interrupted or killed one left, and no user ends up with two keys.
//!
//! ```text
//! cargo run --example bulk_issue
//! cargo run --example bulk_issue -- --live users.txt --into keys
//! ```
//!
//! `run` is the program, `secrets_file` is what it keeps beside the store, and `summary` is what it
//! prints. What a run leaves in doubt, a worker settles: `cargo run --example scheduled keys/keys.db`.

mod arguments;
mod progress;
mod run;
mod sample;
mod secrets_file;
mod summary;

use std::error::Error;
use std::num::NonZeroU32;

use pinning_keys::IssuerConfig;
use pinning_keys_bulk::RateLimit;
use pinning_keys_lifecycle::SqliteStore;

use arguments::{Live, USAGE};
use run::{Run, manager};

/// The lowest limit that both providers document.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match arguments::parse(std::env::args().skip(1)) {
        Ok(None) => sample::play().await,
        Ok(Some(live)) => self::live(live).await,
        Err(fault) => {
            eprintln!("{USAGE}\n");
            Err(fault.into())
        }
    }
}

/// A run with the account that the environment configures.
async fn live(live: Live) -> Result<(), Box<dyn Error>> {
    let issuer = IssuerConfig::from_env()?.build()?;
    let text = std::fs::read_to_string(&live.users)
        .map_err(|error| format!("{}: {error}", live.users.display()))?;
    let users = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
    std::fs::create_dir_all(&live.into)?;
    let store = SqliteStore::open(live.into.join("keys.db")).await?;
    let limit = RateLimit::per_minute(live.requests_a_minute.unwrap_or(A_MINUTE));
    let run = Run {
        manager: manager(store, &issuer, limit).await?,
        issuer,
        users: users.collect(),
        folder: live.into,
        stop_after: live.stop_after,
    };
    let summary = run.go().await?;
    println!("{summary}");
    if summary.is_complete() {
        Ok(())
    } else if summary.stopped.is_some() {
        Err("not all users have a key: remove the cause, then run it again".into())
    } else {
        Err("not all users have a key: run it again".into())
    }
}
