//! A file selects the provider, and the rest of the program does not know which.
//!
//! Without an argument, this issues a key with each of the two files in this folder, except that
//! address and credential are those of a built-in emulator. With the path of a file, it plans the
//! key with that file and sends nothing.
//!
//! ```text
//! cargo run --example config_file
//! cargo run --example config_file -- examples/config_file/pinata.toml
//! ```

use std::path::Path;
use std::sync::Arc;

use pinning_keys::credentials::AccountCredential;
use pinning_keys::{
    Error, ErrorKind, IssuerConfig, KeyIssuer, KeyName, KeyRequest, Permission, ScopeRequest,
};
use pinning_keys_emulator::Emulator;

const PINATA: &str = include_str!("pinata.toml");
const W3IPFS: &str = include_str!("w3ipfs.toml");

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    match std::env::args_os().nth(1) {
        None => on_the_emulator().await,
        Some(file) => plan_only(Path::new(&file)),
    }
}

/// The part of an app that needs a key. Nothing in it depends on the provider.
async fn key_for_the_build(issuer: &dyn KeyIssuer) -> Result<(), Error> {
    let request = request()?;
    println!("{}", issuer.plan(&request)?);

    let key = issuer.issue(&request).await?;
    println!("  issued   {}", key.key_ref());
    let verified = issuer.verify(key.credential()).await;
    // Whatever the answer, the key must not stay.
    let revoked = issuer.revoke(key.key_ref()).await?;
    println!("  it was   {}\n  revoked  {revoked}\n", verified?);
    Ok(())
}

/// A key with which a build uploads files and checks that they are there.
fn request() -> Result<KeyRequest, Error> {
    let scope = ScopeRequest::needs([Permission::PinsList, Permission::PinsAddFile])
        .prefers([Permission::PinsAddJson]);
    KeyRequest::new(KeyName::unique("build")?, scope)
}

/// Reads a configuration from the text of a file.
fn read(text: &str) -> Result<IssuerConfig, Error> {
    toml::from_str(text).map_err(|error| {
        // The `Display` of `toml` quotes the faulty line, which may contain the secret.
        let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count()) + 1;
        Error::new(ErrorKind::Configuration, format!("line {line}: {}", error.message()))
    })
}

fn plan_only(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let issuer = read(&std::fs::read_to_string(file)?)?.build()?;
    println!("{}\n", issuer.plan(&request()?)?);
    println!("Nothing was sent, and no credential was read from elsewhere.");
    println!("To issue this key: issuer.issue(&request).await");
    Ok(())
}

async fn on_the_emulator() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start().await?;
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    for (name, text, base_url, jwt) in [
        ("pinata.toml", PINATA, pinata.base_url(), pinata.jwt().to_owned()),
        ("w3ipfs.toml", W3IPFS, w3ipfs.base_url(), w3ipfs.jwt()),
    ] {
        println!("examples/config_file/{name}");
        let config = read(text)?
            .with_setting("base_url", base_url)?
            .with_credentials(Arc::new(AccountCredential::bearer(jwt)?));
        key_for_the_build(config.build()?.as_ref()).await?;
    }
    println!("{} keys created, {} left.", emulator.keys_made(), emulator.keys_live());
    Ok(())
}
