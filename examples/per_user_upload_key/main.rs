//! A service whose users upload straight to the provider, each with a key of their own that can
//! upload files and nothing else.
//!
//! ```text
//! cargo run --example per_user_upload_key
//! cargo run --example per_user_upload_key -- --serve
//! ```
//!
//! `keys` and `service` are what an app would copy; `session` stands for its log-in, and `visit`
//! plays a user.

mod keys;
mod service;
mod session;
mod stop;
mod visit;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{IssuerConfig, KeyIssuer};
use pinning_keys_emulator::Emulator;
use tokio::net::TcpListener;

use keys::UploadKeys;
use service::Service;
use stop::Signals;
use visit::{Places, Visit};

const USAGE: &str = "\
Gives each user of a service a key that can upload files and nothing else.

Usage: cargo run --example per_user_upload_key [-- --serve [--live]]

  --serve   keep the service running on a free port of 127.0.0.1; without it, one user's
            visit is played and shown
  --live    issue keys at the real account that the environment configures (PINNING_KEYS_*
            or PINATA_JWT), in place of the built-in emulator
  --help    print this";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => play().await,
        ["--serve"] => serve_on_the_emulator().await,
        ["--serve", "--live"] => serve_live().await,
        ["--help" | "-h"] => say(USAGE).map_err(Into::into),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Plays the same visit at both providers.
async fn play() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start().await?;
    let (pinata, w3ipfs) = (emulator.pinata().base_url(), emulator.w3ipfs().base_url());
    let at_pinata = (
        on_pinata(&emulator),
        format!("{pinata}/data/pinList"),
        format!("{pinata}/pinning/unpin/no-such-cid"),
    );
    let at_w3ipfs = (
        // The login's JWT: newer documents and all clients manage keys with it, and not with a pair.
        IssuerConfig::W3ipfs(
            W3ipfsConfig::new().with_base_url(w3ipfs).with_jwt(emulator.w3ipfs().jwt()),
        ),
        format!("{w3ipfs}/pinning/pins/"),
        format!("{w3ipfs}/pinning/unpin/no-such-pin"),
    );

    let mut visits = Vec::new();
    for (config, list, remove) in [at_pinata, at_w3ipfs] {
        let (service, table) = service(config)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let places = Places { service: format!("http://{}", listener.local_addr()?), list, remove };
        let server = tokio::spawn(axum::serve(listener, service.router()).into_future());
        visits.push(Visit::to(&places, table).await?);
        server.abort();
    }
    let (table, made, left) = (visit::table(&visits), emulator.keys_made(), emulator.keys_live());
    say(&format!(
        "One user's visit, with keys of the built-in emulator\n\n{table}\n{made} keys made, {left} left."
    ))?;
    Ok(())
}

async fn serve_on_the_emulator() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start().await?;
    serve(on_pinata(&emulator)).await
}

async fn serve_live() -> Result<(), Box<dyn Error>> {
    serve(IssuerConfig::from_env()?).await
}

/// Serves until Ctrl-C, and then leaves no key behind.
async fn serve(config: IssuerConfig) -> Result<(), Box<dyn Error>> {
    let (service, table) = service(config)?;
    let keys = Arc::clone(&service.keys);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let signals = Signals::take()?;
    say(&format!(
        "Serving http://{address}, with keys of {table}. Ctrl-C revokes them and ends it.\n\n\
         curl -X POST -H '{header}: {session}' http://{address}/upload-key\n\
         curl -X POST -H '{header}: {session}' http://{address}/log-out",
        header = session::HEADER,
        session = session::ALICE,
    ))?;
    stop::serve_until_told(listener, service.router(), &keys, signals).await
}

/// The service, if keys of this configuration can upload and do nothing else.
fn service(config: IssuerConfig) -> Result<(Service, String), Box<dyn Error>> {
    let upload_url = match &config {
        IssuerConfig::Pinata(config) => route(config.base_url(), "pinning/pinFileToIPFS"),
        IssuerConfig::W3ipfs(config) => route(config.base_url(), "pinning/"),
        _ => return Err("where files are uploaded to at this provider is not known here".into()),
    };
    let issuer = config.build()?;
    let table = issuer.profile().table().to_string();
    let keys = Arc::new(UploadKeys::new(issuer)?);
    Ok((Service { keys, upload_url: upload_url.into() }, table))
}

fn route(base_url: &str, path: &str) -> String {
    format!("{}/{path}", base_url.trim_end_matches('/'))
}

/// Keys of the table `endpoints`: those of `resources` cannot upload without deleting too.
fn on_pinata(emulator: &Emulator) -> IssuerConfig {
    let config = PinataConfig::new()
        .with_base_url(emulator.pinata().base_url())
        .with_jwt(emulator.pinata().jwt())
        .with_table(Table::Endpoints);
    IssuerConfig::Pinata(config)
}

/// Prints a text. That nobody reads it, as behind `| head`, is no failure.
fn say(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}
