//! A CI job's key, rotated every 30 days: the job's file gets the new secret, and the old key
//! continues to work for an hour. It runs on the built-in emulator, with a clock that the example
//! moves.

use std::error::Error;
use std::time::{Duration, SystemTime};

use pinning_keys::{IssuerConfig, KeyRequest, ScopeRequest};
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::{Clock as _, KeyManager, Lease, ManualClock, SqliteStore};
use pinning_keys_sinks::SinkSpec;

const HOUR: Duration = Duration::from_hours(1);
const MONTH: Duration = Duration::from_hours(30 * 24);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (emulator, clock) = (Emulator::in_memory(), ManualClock::at(SystemTime::now()));
    let (folder, time) = (tempfile::tempdir()?, clock.clone());
    emulator.set_date_header(move || Some(time.now())); // the provider's clock agrees
    let config = IssuerConfig::from_vars(emulator.pinata().vars())?;
    let issuer = config.with_transport(emulator.transport()).build()?;

    let file = folder.path().join("keys.db");
    let store = SqliteStore::options().clock(clock.clone()).open(file).await?;
    let manager = KeyManager::builder(store).account("main", issuer).build().await?;
    let keys = manager.account("main")?;

    // The same sink gets each key of the job: an env file here, perhaps a command in practice.
    let spec = format!("env:{}#CI_JWT", folder.path().join("ci.env").display());
    let sink = SinkSpec::parse(&spec)?.with_overwrite(true).open()?;
    let request = KeyRequest::new("ci-deploy", ScopeRequest::reader())?;
    let lease = Lease::of(MONTH + Duration::from_hours(24)); // a day in reserve
    let mut key = keys.issue_to(&request, lease, &*sink).await?;
    println!("issued   {}", key.name());

    for _ in 0..2 {
        clock.advance(MONTH);
        // The old key ends only once the new one is stored.
        key = manager.rotate(key.id()).overlap(HOUR).issue_to(&*sink).await?;
        println!("rotated  {}, {} keys live", key.name(), emulator.keys_live());
        clock.advance(HOUR);
        let tick = manager.run_due(10).await?;
        println!("an hour later, {} revoked, {} live", tick.revoked(), emulator.keys_live());
    }
    Ok(())
}
