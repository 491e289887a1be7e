//! A service whose users upload directly to the provider, each with a key that can upload files and
//! nothing else, or with a link and no key.
//!
//! ```text
//! cargo run --example per_user_upload_key                           # one user's visit
//! cargo run --example per_user_upload_key -- --serve                # on the built-in emulator
//! cargo run --example per_user_upload_key -- --serve --live keys.db # PINNING_KEYS_* or PINATA_JWT
//! ```
//!
//! `keys`, `links`, `refusal` and `service` are for an app to copy; `session` stands for its log-in,
//! and `visit` plays a user.

mod keys;
mod links;
mod refusal;
mod service;
mod session;
mod stop;
mod visit;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{HolderRoute, IssuerConfig, KeyIssuer, KeyIssuerExt, Permission};
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::SqliteStore;
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
        ["--serve"] => {
            let (emulator, folder) = (Emulator::start().await?, tempfile::tempdir()?);
            serve(on_pinata(&emulator), &folder.path().join("keys.db")).await
        }
        ["--serve", "--live", file] => serve(IssuerConfig::from_env()?, Path::new(file)).await,
        _ => {
            Err("usage: cargo run --example per_user_upload_key [-- --serve [--live FILE]]".into())
        }
    }
}

/// Plays the same visit at both providers.
async fn play() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start().await?;
    let folder = tempfile::tempdir()?;
    let w3ipfs = emulator.w3ipfs();
    let at_w3ipfs = W3ipfsConfig::new().with_base_url(w3ipfs.base_url()).with_jwt(w3ipfs.jwt());

    let mut visits = Vec::new();
    for config in [on_pinata(&emulator), IssuerConfig::W3ipfs(at_w3ipfs)] {
        let issuer = config.clone().build()?;
        let file = folder.path().join(format!("{}.db", issuer.profile().provider()));
        let (service, table) = service(config, &issuer, &file).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let places = Places {
            service: format!("http://{}", listener.local_addr()?),
            list: holder_route(&*issuer, Permission::PinsList)?,
            remove: some_pin(holder_route(&*issuer, Permission::PinsRemove)?)?,
        };
        let server = tokio::spawn(axum::serve(listener, service.router()).into_future());
        visits.push(Visit::to(&places, table).await?);
        server.abort();
    }
    println!("One user's visit, with keys of the built-in emulator\n");
    println!("{}", visit::table(&visits));
    println!("{} keys created, {} left.", emulator.keys_made(), emulator.keys_live());
    Ok(())
}

/// Serves until it is stopped, and leaves no key behind. The keys are recorded in this file.
async fn serve(config: IssuerConfig, file: &Path) -> Result<(), Box<dyn Error>> {
    let issuer = config.clone().build()?;
    let (service, table) = service(config, &issuer, file).await?;
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

/// The service, if keys of this issuer, which has this configuration, can upload and nothing else.
async fn service(
    config: IssuerConfig,
    issuer: &Arc<dyn KeyIssuer>,
    file: &Path,
) -> Result<(Service, String), Box<dyn Error>> {
    let store = SqliteStore::open(file).await?;
    let keys = Arc::new(UploadKeys::new(store, Arc::clone(issuer)).await?);
    let upload = holder_route(issuer, Permission::PinsAddFile)?;
    if !upload.credential().accepts_key_pair() {
        return Err(format!("{upload} takes no key pair, which is what users get").into());
    }
    let signer = match config {
        IssuerConfig::Pinata(config) => Some(Arc::new(config.build()?)),
        _ => None,
    };
    let table = issuer.profile().table().to_string();
    Ok((Service { keys, upload: upload.into(), signer }, table))
}

/// The route on which the holder of a key uses a permission, at whichever provider it is.
fn holder_route(
    issuer: &dyn KeyIssuer,
    permission: Permission,
) -> Result<HolderRoute, Box<dyn Error>> {
    let route = issuer.holder_route(permission);
    Ok(route.ok_or_else(|| format!("no route is known for {permission}"))?)
}

/// The route for a pin that does not exist.
fn some_pin(mut route: HolderRoute) -> Result<HolderRoute, pinning_keys::Error> {
    for name in route.placeholders() {
        route = route.with_value(name, "no-such-pin")?;
    }
    Ok(route)
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
