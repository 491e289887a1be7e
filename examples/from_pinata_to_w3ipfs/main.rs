//! What the keys of a Pinata account become at W3IPFS, and what gets lost.
//!
//! Lists the account's keys, and plans a successor for each. Nothing is issued. Without an
//! argument the account is a sample one on the built-in emulator.
//!
//! ```text
//! cargo run --example from_pinata_to_w3ipfs
//! cargo run --example from_pinata_to_w3ipfs -- --live
//! ```

mod successor;

use std::collections::HashSet;
use std::error::Error;
use std::future::poll_fn;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use futures_core::Stream;
use pinning_keys::adapter::IssuerProfile;
use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    IssuerConfig, KeyIssuer, KeyIssuerExt, KeyQuery, KeyRecord, KeyRequest, Permission,
    ScopeRequest,
};
use pinning_keys_emulator::Emulator;

use successor::{Successor, is_used_up};

const USAGE: &str = "\
Shows what each key of a Pinata account becomes at W3IPFS, and what gets lost.

Usage: cargo run --example from_pinata_to_w3ipfs [-- --live]

  --live   read the keys of the Pinata account that the environment configures
           (PINATA_JWT, or the variables PINNING_KEYS_*); nothing is made or changed
  --help   print this";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => sample().await,
        ["--live"] => live().await,
        ["--help" | "-h"] => say(USAGE).map_err(Into::into),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A sample account, with keys as apps have them.
async fn sample() -> Result<(), Box<dyn Error>> {
    use Permission::{GroupsWrite, KeysManage, PinsAddFile, PinsAddJson, PinsList};

    let emulator = Emulator::builder().in_memory();
    let at = |table| {
        PinataConfig::new()
            .with_base_url(emulator.pinata().base_url())
            .with_jwt(emulator.pinata().jwt())
            .with_transport(Arc::new(emulator.transport()))
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
    let once = KeyRequest::new("one upload", ScopeRequest::uploader())?
        .with_max_uses(NonZeroU64::new(1).unwrap());
    endpoints.issue(&once).await?;

    say("The keys of a sample account at Pinata, and what they become at W3IPFS\n")?;
    report(&resources).await
}

async fn live() -> Result<(), Box<dyn Error>> {
    let IssuerConfig::Pinata(config) = IssuerConfig::from_env()? else {
        return Err("the environment does not configure a Pinata account".into());
    };
    say("The keys of the account at Pinata, and what they become at W3IPFS\n")?;
    report(&config.build()?).await
}

async fn report(pinata: &dyn KeyIssuer) -> Result<(), Box<dyn Error>> {
    let w3ipfs = w3ipfs_profile()?;
    let mut keys = pin!(pinata.keys(KeyQuery::new()));
    let (mut names, mut count) = (HashSet::new(), 0);
    while let Some(record) = poll_fn(|cx| keys.as_mut().poll_next(cx)).await {
        let record = record?;
        if record.is_revoked() == Some(true) {
            continue;
        }
        let is_repeated = !is_used_up(&record) && !names.insert(record.name().to_owned());
        say(&text(&record, &Successor::of(&record, &w3ipfs, is_repeated)))?;
        count += 1;
    }
    let keys_counted = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
    say(&format!(
        "{keys_counted}. Nothing was issued: docs/from-pinata-to-w3ipfs.md says how to go on."
    ))?;
    let discrepancies = keys.discrepancies();
    if !discrepancies.is_empty() {
        say(&format!("The list may be incomplete: {discrepancies}."))?;
    }
    Ok(())
}

/// What W3IPFS offers, and which names it takes. That is so without an account there.
fn w3ipfs_profile() -> Result<IssuerProfile, pinning_keys::Error> {
    let emulator = Emulator::builder().in_memory();
    let config = W3ipfsConfig::new()
        .with_base_url(emulator.w3ipfs().base_url())
        .with_jwt(emulator.w3ipfs().jwt())
        .with_transport(Arc::new(emulator.transport()));
    Ok(config.build()?.profile().clone())
}

fn text(record: &KeyRecord, successor: &Successor) -> String {
    let grants = match record.native_grants() {
        [] if record.reading().is_lower_bound() => "permissions of another form".to_owned(),
        [] => "no permissions".to_owned(),
        grants => grants.join(" "),
    };
    let mut lines = vec![format!("{:?}, {grants}", record.name())];
    lines.push(format!("  becomes   {}", successor.becomes()));
    lines.push(format!("  ask for   {}", successor.request_text()));
    if !successor.lost.is_empty() {
        lines.push(format!("  loses     {}", successor.lost));
    }
    lines.extend(successor.notes.iter().map(|note| format!("  note      {note}")));
    lines.push(String::new());
    lines.join("\n")
}

/// Prints a text. That nobody reads it, as behind `| head`, is no failure.
fn say(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}
