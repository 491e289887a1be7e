//! The worker as a job of an existing scheduler: one pass, and an exit code for monitoring.
//!
//! With cron, every minute:
//!
//! ```text
//! * * * * *  PINATA_JWT=… scheduled /var/lib/app/keys.db
//! ```
//!
//! With systemd, a timer (`OnCalendar=minutely`) that starts a service of `Type=oneshot`; in
//! Kubernetes, a `CronJob` with `concurrencyPolicy: Forbid`. Two passes at once do no harm.
//!
//! Without an argument it shows a pass over an empty store, on the built-in emulator.

use std::error::Error;
use std::process::ExitCode;

use pinning_keys::IssuerConfig;
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::{KeyManager, SqliteStore};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (config, file) = if let Some(file) = std::env::args_os().nth(1) {
        (IssuerConfig::from_env()?, file.into())
    } else {
        let emulator = Emulator::in_memory();
        let config = IssuerConfig::from_vars(emulator.pinata().vars())?;
        (config.with_transport(emulator.transport()), folder.path().join("keys.db"))
    };
    let store = SqliteStore::open(file).await?;
    let builder = KeyManager::builder(store).actor("cron");
    let manager = builder.account("main", config.build()?).build().await?;

    let tick = manager.run_due(1_000).await?;
    println!("{} revoked, {} settled, {} overdue", tick.revoked(), tick.settled(), tick.overdue());
    for (account, error) in tick.errors() {
        eprintln!("{account}: {error:#}");
    }
    let is_fine = tick.errors().is_empty() && tick.overdue() == 0;
    Ok(if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
