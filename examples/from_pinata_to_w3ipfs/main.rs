//! What the keys of a Pinata account become at W3IPFS, and what they lose.
//!
//! Lists the account's keys and plans a successor for each. Nothing is issued. The account is a
//! sample on a built-in emulator, or with `--live` the one that the environment configures.
//!
//! ```text
//! cargo run --example from_pinata_to_w3ipfs
//! cargo run --example from_pinata_to_w3ipfs -- --live
//! ```

mod successor;

use std::collections::HashSet;
use std::error::Error;
use std::num::NonZeroU64;

use pinning_keys::adapter::IssuerProfile;
use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    IssuerConfig, KeyIssuer, KeyIssuerExt, KeyQuery, KeyRecord, KeyRequest, Permission,
    ScopeRequest,
};
use pinning_keys_emulator::Emulator;

use successor::{Successor, is_used_up};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        None => sample().await,
        Some("--live") => live().await,
        Some(_) => Err("usage: cargo run --example from_pinata_to_w3ipfs [-- --live]".into()),
    }
}

/// A sample account with the keys that apps have.
async fn sample() -> Result<(), Box<dyn Error>> {
    use Permission::{GroupsWrite, KeysManage, PinsAddFile, PinsAddJson, PinsList};

    let emulator = Emulator::in_memory();
    let at = |table| {
        PinataConfig::new()
            .with_base_url(emulator.pinata().base_url())
            .with_jwt(emulator.pinata().jwt())
            .with_transport(emulator.transport())
            .with_table(table)
            .build()
    };
    let (resources, endpoints) = (at(Table::Resources)?, at(Table::Endpoints)?);
    let files_write = "pinata:org:files:write";
    for (issuer, name, scope) in [
        (&resources, "admin", ScopeRequest::admin()),
        (&resources, "dashboard", ScopeRequest::reader()),
        (&resources, "ci deploy", ScopeRequest::needs([PinsAddFile]).tolerates(files_write)),
        (
            &resources,
            "gallery",
            ScopeRequest::needs([PinsAddFile, GroupsWrite]).tolerates(files_write),
        ),
        (&resources, "key server", ScopeRequest::needs([KeysManage]).tolerates("pinata:org:write")),
        (&endpoints, "uploader", ScopeRequest::uploader()),
        (&endpoints, "metadata", ScopeRequest::needs([PinsAddJson, PinsList])),
    ] {
        issuer.issue(&KeyRequest::new(name, scope)?).await?;
    }
    let once =
        KeyRequest::new("one upload", ScopeRequest::uploader())?.with_max_uses(NonZeroU64::MIN);
    endpoints.issue(&once).await?;

    println!("The keys of a sample account at Pinata, and what they become at W3IPFS\n");
    report(&resources).await
}

async fn live() -> Result<(), Box<dyn Error>> {
    let IssuerConfig::Pinata(config) = IssuerConfig::from_env()? else {
        return Err("the environment does not configure a Pinata account".into());
    };
    println!("The keys of the account at Pinata, and what they become at W3IPFS\n");
    report(&config.build()?).await
}

async fn report(pinata: &dyn KeyIssuer) -> Result<(), Box<dyn Error>> {
    let w3ipfs = w3ipfs_profile()?;
    let mut keys = pinata.keys(KeyQuery::new());
    let (mut names, mut count) = (HashSet::new(), 0);
    while let Some(record) = keys.next().await {
        let record = record?;
        if record.is_revoked() == Some(true) {
            continue;
        }
        let is_repeated = !is_used_up(&record) && !names.insert(record.name().to_owned());
        print_key(&record, &Successor::of(&record, &w3ipfs, is_repeated));
        count += 1;
    }
    let keys_counted = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
    println!(
        "{keys_counted}. Nothing was issued: docs/from-pinata-to-w3ipfs.md has the next steps."
    );
    if !keys.discrepancies().is_empty() {
        println!("The list may be incomplete: {}.", keys.discrepancies());
    }
    Ok(())
}

/// What W3IPFS supports, which needs no account there.
fn w3ipfs_profile() -> Result<IssuerProfile, pinning_keys::Error> {
    let emulator = Emulator::in_memory();
    let config = W3ipfsConfig::new()
        .with_base_url(emulator.w3ipfs().base_url())
        .with_jwt(emulator.w3ipfs().jwt())
        .with_transport(emulator.transport());
    Ok(config.build()?.profile().clone())
}

fn print_key(record: &KeyRecord, successor: &Successor) {
    let grants = match record.native_grants() {
        [] if record.reading().is_lower_bound() => "permissions in another form".to_owned(),
        [] => "no permissions".to_owned(),
        grants => grants.join(" "),
    };
    println!("{:?}, {grants}", record.name());
    println!("  becomes   {}", successor.becomes());
    println!("  ask for   {}", successor.request_text());
    if !successor.lost.is_empty() {
        println!("  loses     {}", successor.lost);
    }
    for note in &successor.notes {
        println!("  note      {note}");
    }
    println!();
}
