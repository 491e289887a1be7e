//! A key with a lease: it is issued for a day, stored, confirmed, and revoked when its lease is
//! over. It runs on the built-in emulator, with a clock that the example moves.

use std::error::Error;
use std::fs;
use std::time::{Duration, SystemTime};

use pinning_keys::{IssuerConfig, KeyRequest, ScopeRequest};
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::{Clock as _, KeyManager, Lease, ManualClock, SqliteStore};

const DAY: Duration = Duration::from_hours(24);

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

    let request = KeyRequest::new("ci-deploy", ScopeRequest::reader())?;
    let delivery = keys.issue(&request, Lease::of(DAY)).await?;
    // If the program dies here, the key is revoked at its delivery deadline.
    let secret = serde_json::to_vec(&delivery.credential().expose())?;
    fs::write(folder.path().join("secret.json"), secret)?;
    let key = delivery.confirm().await?; // from here on it belongs to its holder
    println!("issued    {} is {}", key.name(), key.state());

    clock.advance(DAY);
    let tick = manager.run_due(10).await?;
    println!("next day  {} key revoked, {} live", tick.revoked(), emulator.keys_live());
    Ok(())
}
