//! A service whose users upload directly to the provider, each with a key that can upload files and
//! nothing else, or with a link and no key.
//!
//! ```text
//! cargo run --example per_user_upload_key                      # one user's visit
//! cargo run --example per_user_upload_key -- --serve           # on the built-in emulator
//! cargo run --example per_user_upload_key -- --serve --live    # PINNING_KEYS_* or PINATA_JWT
//! ```
//!
//! `keys`, `links` and `service` are for an app to copy; `session` stands for its log-in, and `visit` plays
//! a user.

mod keys;
mod links;
mod service;
mod session;
mod stop;
mod visit;

use std::error::Error;
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

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => play().await,
        ["--serve"] => serve(on_pinata(&Emulator::start().await?)).await,
        ["--serve", "--live"] => serve(IssuerConfig::from_env()?).await,
        _ => Err("usage: cargo run --example per_user_upload_key [-- --serve [--live]]".into()),
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
    println!("One user's visit, with keys of the built-in emulator\n");
    println!("{}", visit::table(&visits));
    println!("{} keys created, {} left.", emulator.keys_made(), emulator.keys_live());
    Ok(())
}

/// Serves until it is stopped, and leaves no key behind.
async fn serve(config: IssuerConfig) -> Result<(), Box<dyn Error>> {
    let (service, table) = service(config)?;
    let keys = Arc::clone(&service.keys);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let signals = Signals::take()?;
    println!("Serving http://{address} with keys of {table}. Ctrl-C revokes them and stops.\n");
    for path in ["upload-key", "upload-link", "log-out"] {
        let (header, session) = (session::HEADER, session::ALICE);
        println!("curl -X POST -H '{header}: {session}' http://{address}/{path}");
    }
    stop::serve_until_told(listener, service.router(), &keys, signals).await
}

/// The service, if keys of this configuration can upload and nothing else.
fn service(config: IssuerConfig) -> Result<(Service, String), Box<dyn Error>> {
    let (upload_url, signer) = match &config {
        IssuerConfig::Pinata(config) => {
            let upload_url = route(config.base_url(), "pinning/pinFileToIPFS");
            (upload_url, Some(Arc::new(config.clone().build()?)))
        }
        IssuerConfig::W3ipfs(config) => (route(config.base_url(), "pinning/"), None),
        _ => return Err("the upload route of this provider is not known here".into()),
    };
    let issuer = config.build()?;
    let table = issuer.profile().table().to_string();
    let keys = Arc::new(UploadKeys::new(issuer)?);
    Ok((Service { keys, upload_url: upload_url.into(), signer }, table))
}

fn route(base_url: &str, path: &str) -> String {
    format!("{}/{path}", base_url.trim_end_matches('/'))
}

/// The table `endpoints`, because a key of `resources` that can upload can delete, too.
fn on_pinata(emulator: &Emulator) -> IssuerConfig {
    let config = PinataConfig::new()
        .with_base_url(emulator.pinata().base_url())
        .with_upload_url(emulator.pinata().base_url())
        .with_jwt(emulator.pinata().jwt())
        .with_table(Table::Endpoints);
    IssuerConfig::Pinata(config)
}
