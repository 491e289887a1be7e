//! The same key with every table of both providers, side by side.
//!
//! Plans a scope, issues a key, uses it where it may and may not be used, lists it, revokes it, and
//! shows that it no longer works. Everything runs on a built-in emulator, unless `--live` asks for
//! the account that the environment configures.
//!
//! ```text
//! cargo run --example switch_providers
//! cargo run --example switch_providers -- --live
//! ```

mod data_api;
mod report;
mod walk;

use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;

use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::transport::{ReqwestTransport, Transport};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{IssuerConfig, KeyIssuer, Permission, ScopeRequest};
use pinning_keys_emulator::Emulator;

use data_api::DataApi;
use walk::Walk;

const USAGE: &str = "\
Issues the same scope with every table and shows what each key can do.

Usage: cargo run --example switch_providers [-- --live]

  --live   use the account that the environment configures (PINATA_JWT or PINNING_KEYS_*)
           instead of the built-in emulator: asks first, creates keys that can only read,
           and revokes them";

/// An issuer, and the data API that the holders of its keys call.
struct Column {
    issuer: Arc<dyn KeyIssuer>,
    api: DataApi,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        None => on_the_emulator().await?,
        Some("--live") => live().await?,
        Some("--help" | "-h") => println!("{USAGE}"),
        Some(_) => return Err("usage: switch_providers [--live | --help]".into()),
    }
    Ok(())
}

async fn on_the_emulator() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start().await?;
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let at_pinata = PinataConfig::new().with_base_url(pinata.base_url()).with_jwt(pinata.jwt());
    let at_w3ipfs = W3ipfsConfig::new().with_base_url(w3ipfs.base_url()).with_jwt(w3ipfs.jwt());
    let mut columns = pinata_columns(&at_pinata)?;
    columns.push(Column::new(IssuerConfig::W3ipfs(at_w3ipfs))?);

    let request = ScopeRequest::needs([Permission::PinsAddFile, Permission::PinsList])
        .prefers([Permission::PinsAddJson])
        .tolerates("pinata:org:files:write");
    println!("One request, three tables, on the built-in emulator ({})", pinata.base_url());
    println!("{request}\n");
    let transport = ReqwestTransport::new()?;
    walk_all(&columns, &request, |column| column.walk(&transport).with_uploads()).await?;
    println!("Next: --example per_user_upload_key, or -- --live with your own account.");
    Ok(())
}

async fn live() -> Result<(), Box<dyn Error>> {
    let columns = match IssuerConfig::from_env()? {
        IssuerConfig::Pinata(config) => pinata_columns(&config)?,
        config => vec![Column::new(config)?],
    };
    let provider = columns[0].issuer.profile().provider();
    println!(
        "This creates {} in the {provider} account, one for each table. A key can only list pins, \
         is used for a few requests that read, and is then revoked.\nNothing else is changed.",
        report::keys(columns.len())
    );
    print!("Continue? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        println!("Nothing was sent.");
        return Ok(());
    }

    let request = ScopeRequest::reader();
    println!("\n{request}\n");
    let transport = ReqwestTransport::new()?;
    walk_all(&columns, &request, |column| column.walk(&transport)).await
}

/// Leads a key through its life in each column, and prints the result.
async fn walk_all<'a>(
    columns: &'a [Column],
    request: &ScopeRequest,
    walk_in: impl Fn(&'a Column) -> Walk<'a>,
) -> Result<(), Box<dyn Error>> {
    let mut walks = Vec::new();
    for column in columns {
        match walk_in(column).run(request).await {
            Ok(walk) => walks.push(walk),
            Err(error) => {
                eprintln!("{error}");
                break;
            }
        }
    }
    let is_complete = walks.len() == columns.len();
    if !walks.is_empty() {
        println!("{}", report::text(&walks, is_complete));
    }
    let left: Vec<_> = walks.iter().filter(|walk| !walk.is_over()).collect();
    for walk in &left {
        eprintln!("LEFT BEHIND: key {}: revoke it at the provider", walk.key);
    }
    if is_complete && left.is_empty() { Ok(()) } else { Err("a walk failed".into()) }
}

impl Column {
    fn new(config: IssuerConfig) -> Result<Self, pinning_keys::Error> {
        let issuer = config.build()?;
        let api = DataApi::of(Arc::clone(&issuer));
        Ok(Self { issuer, api })
    }

    fn walk<'a>(&'a self, transport: &'a dyn Transport) -> Walk<'a> {
        Walk::new(self.issuer.as_ref(), transport, &self.api)
    }
}

/// A column for each of Pinata's tables that the configured route supports.
fn pinata_columns(config: &PinataConfig) -> Result<Vec<Column>, pinning_keys::Error> {
    let column = |table| Column::new(IssuerConfig::Pinata(config.clone().with_table(table)));
    let endpoints = column(Table::Endpoints)?; // every route supports these
    Ok(column(Table::Resources).into_iter().chain([endpoints]).collect())
}
