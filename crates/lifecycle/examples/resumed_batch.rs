//! A key for each of a hundred users, interrupted and resumed: the store is the journal, so that no
//! user gets two keys and none is lost. It runs on the built-in emulator.

use std::error::Error;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use pinning_keys::{IssuerConfig, KeyRequest, ScopeRequest};
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::{AccountKeys, ErrorKind, KeyManager, Lease, SqliteStore};

const USERS: usize = 100;
const AT_A_TIME: usize = 16;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (emulator, folder) = (Emulator::in_memory(), tempfile::tempdir()?);
    for run in ["interrupted", "resumed"] {
        // Like a new process: it knows only what is in the file.
        let config = IssuerConfig::from_vars(emulator.pinata().vars())?;
        let issuer = config.with_transport(emulator.transport()).build()?;
        let store = SqliteStore::open(folder.path().join("keys.db")).await?;
        let manager = KeyManager::builder(store).account("main", issuer).build().await?;
        let keys = manager.account("main")?;

        let users = if run == "interrupted" { USERS / 2 } else { USERS };
        let calls = (0..users).map(|user| issue(keys.clone(), format!("user-{user:03}")));
        let results: Vec<_> = stream::iter(calls).buffer_unordered(AT_A_TIME).collect().await;
        let outcomes = results.into_iter().collect::<Result<Vec<bool>, _>>()?;
        let new = outcomes.iter().filter(|is_new| **is_new).count();
        println!("{run:<12} {new} issued, {} had a key", outcomes.len() - new);
    }
    println!("{} keys made for {USERS} users", emulator.keys_made());
    Ok(())
}

/// Issues the key of a user. Returns whether the user had none.
async fn issue(keys: AccountKeys, user: String) -> Result<bool, Box<dyn Error>> {
    let request = KeyRequest::new(user, ScopeRequest::reader())?;
    let lease = Lease::of(Duration::from_hours(24 * 30));
    match keys.issue(&request, lease).await {
        Ok(delivery) => {
            // Store delivery.credential().expose() for the user here.
            delivery.confirm().await?;
            Ok(true)
        }
        // The holder of a key is its name unless another one is given.
        Err(error) if error.kind() == ErrorKind::AlreadyOpen => Ok(false),
        Err(error) => Err(error.into()),
    }
}
