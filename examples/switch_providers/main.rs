//! The same keys at every provider and table, side by side.
//!
//! Plans a scope, issues a key, uses the key where it may and may not be used, lists and
//! revokes it, and shows that it is dead. Everything happens on the built-in emulator, unless
//! `--live` asks for the account that the environment configures.
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
use std::process::ExitCode;
use std::sync::Arc;

use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::transport::{ReqwestTransport, Transport};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{IssuerConfig, KeyIssuer, Permission, ScopeRequest};
use pinning_keys_emulator::Emulator;

use data_api::DataApi;
use walk::{Outcome, Walk};

const USAGE: &str = "\
Issues the same scope at every provider and table, and shows what each key can do.

Usage: cargo run --example switch_providers [-- --live]

  --live   use the real account that the environment configures (PINATA_JWT, or the
           variables PINNING_KEYS_*) in place of the built-in emulator; says first what
           it will do, makes keys that can only read, and revokes them
  --help   print this";

/// An issuer, and the data API that the holders of its keys call.
struct Column {
    issuer: Arc<dyn KeyIssuer>,
    api: DataApi,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => on_the_emulator().await,
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

async fn on_the_emulator() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start().await?;
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let at_pinata = PinataConfig::new().with_base_url(pinata.base_url()).with_jwt(pinata.jwt());
    let at_w3ipfs = W3ipfsConfig::new().with_base_url(w3ipfs.base_url()).with_jwt(w3ipfs.jwt());
    let mut columns = at_pinata_tables(&at_pinata)?;
    columns.push(Column::new(IssuerConfig::W3ipfs(at_w3ipfs), w3ipfs.base_url())?);

    let request = ScopeRequest::needs([Permission::PinsAddFile, Permission::PinsList])
        .prefers([Permission::PinsAddJson])
        .tolerates("pinata:org:files:write");
    say(&format!(
        "One request, three vocabularies, on the built-in emulator ({})\n{request}\n",
        pinata.base_url()
    ))?;
    let transport = ReqwestTransport::new()?;
    walk_all(&columns, &request, |column| column.walk(&transport).with_uploads()).await?;
    say("Next: examples/per_user_upload_key, or -- --live with an account of your own.")?;
    assert_eq!(emulator.keys_live(), 0, "the walks leave no key behind");
    Ok(())
}

async fn live() -> Result<(), Box<dyn Error>> {
    let columns = match IssuerConfig::from_env()? {
        IssuerConfig::Pinata(config) => at_pinata_tables(&config)?,
        IssuerConfig::W3ipfs(config) => {
            let api = config.base_url().to_owned();
            vec![Column::new(IssuerConfig::W3ipfs(config), &api)?]
        }
        _ => return Err("this walk does not know the routes of that provider".into()),
    };
    let provider = columns[0].issuer.profile().provider();
    say(&what_it_will_do(provider, columns.len()))?;
    if !confirmed()? {
        say("Nothing was sent.")?;
        return Ok(());
    }

    let request = ScopeRequest::reader();
    say(&format!("\n{request}\n"))?;
    let transport = ReqwestTransport::new()?;
    walk_all(&columns, &request, |column| column.walk(&transport)).await
}

fn what_it_will_do(provider: &str, keys: usize) -> String {
    let (each, it) = if keys == 1 { ("", "It") } else { (", one in each vocabulary", "Each") };
    format!(
        "This makes {} at the {provider} account that the environment configures{each}.\n\
         {it} can only list what is pinned, is used for a few requests that read, and is then \
         revoked.\nNothing else in the account is touched.",
        report::keys(keys)
    )
}

/// Leads a key through its life in each column, and prints what came of that.
async fn walk_all<'a>(
    columns: &'a [Column],
    request: &ScopeRequest,
    walk_in: impl Fn(&'a Column) -> Walk<'a>,
) -> Result<(), Box<dyn Error>> {
    let (mut walks, mut failure) = (Vec::new(), None);
    for column in columns {
        match walk_in(column).run(request).await {
            Ok(walk) => walks.push(walk),
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    let said =
        if walks.is_empty() { Ok(()) } else { say(&report::text(&walks, failure.is_none())) };
    // A key that stays matters more than a table that cannot be printed.
    check(&walks, failure)?;
    Ok(said?)
}

/// Fails where a walk did, or where a key may still work, and names each such key.
fn check(walks: &[Outcome], failure: Option<Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let left = walks.iter().filter(|walk| !walk.is_over());
    let left = left.map(|walk| format!("LEFT BEHIND: key {}: revoke it at the provider", walk.key));
    let troubles: Vec<_> = failure.map(|error| error.to_string()).into_iter().chain(left).collect();
    if troubles.is_empty() { Ok(()) } else { Err(troubles.join("\n").into()) }
}

impl Column {
    fn new(config: IssuerConfig, api: &str) -> Result<Self, pinning_keys::Error> {
        let issuer = config.build()?;
        let api = DataApi::new(issuer.profile().table(), api);
        Ok(Self { issuer, api })
    }

    fn walk<'a>(&'a self, transport: &'a dyn Transport) -> Walk<'a> {
        Walk::new(self.issuer.as_ref(), transport, &self.api)
    }
}

/// An issuer for each of Pinata's tables that the configured route takes.
fn at_pinata_tables(config: &PinataConfig) -> Result<Vec<Column>, pinning_keys::Error> {
    let column = |table| {
        let config_of_table = config.clone().with_table(table);
        Column::new(IssuerConfig::Pinata(config_of_table), config.base_url())
    };
    match (column(Table::Resources), column(Table::Endpoints)) {
        (resources, Ok(endpoints)) => Ok(resources.into_iter().chain([endpoints]).collect()),
        (Ok(resources), Err(_)) => Ok(vec![resources]),
        (Err(error), Err(_)) => Err(error),
    }
}

/// Whether the person at the terminal agrees. No answer is a no.
fn confirmed() -> io::Result<bool> {
    write!(io::stdout(), "Go on? [y/N] ")?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Prints a text. That nobody reads it, as behind `| head`, is no failure.
fn say(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}
