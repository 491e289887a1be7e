//! A file picks the provider, and the rest of the program does not know which.
//!
//! Without an argument, the two files beside this one are used as they are, but for the address
//! and the credential, which are those of the built-in emulator. With the path of a file, that
//! file is used as it is, and nothing is sent.
//!
//! ```text
//! cargo run --example config_file
//! cargo run --example config_file -- examples/config_file/pinata.toml
//! ```

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use pinning_keys::credentials::AccountCredential;
use pinning_keys::{IssuerConfig, KeyIssuer, KeyName, KeyRequest, Permission, ScopeRequest};
use pinning_keys_emulator::Emulator;

const USAGE: &str = "\
Issues a key at the provider that a TOML file names.

Usage: cargo run --example config_file [-- FILE]

  FILE     plan a key with this configuration, and neither send anything nor look where the
           credential is kept; without it, issue one with each of the example's own files, on
           the built-in emulator
  --help   print this";

const PINATA: &str = include_str!("pinata.toml");
const W3IPFS: &str = include_str!("w3ipfs.toml");

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let is_option = |argument: &PathBuf| argument.to_string_lossy().starts_with('-');
    let outcome = match &arguments[..] {
        [] => on_the_emulator().await,
        [help] if ["--help", "-h"].map(Path::new).contains(&help.as_path()) => Ok(USAGE.to_owned()),
        [file] if !is_option(file) => {
            plan_only(file).map_err(|error| format!("{}: {error:#}", file.display()).into())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome.and_then(|text| Ok(say(&text)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The part of an app that needs a key, and what it has to tell. Nothing in it is about one
/// provider or another.
async fn key_for_the_build(issuer: &dyn KeyIssuer) -> Result<String, pinning_keys::Error> {
    let request = request()?;
    let plan = issuer.plan(&request)?;

    let key = issuer.issue(&request).await?;
    let verified = issuer.verify(key.credential()).await;
    // Whatever came of that, the key must not stay.
    let revoked = issuer.revoke(key.key_ref()).await?;

    let (key, verified) = (key.key_ref(), verified?);
    Ok(format!("{plan}\n  issued   {key}\n  it was   {verified:?}\n  revoked  {revoked:?}\n"))
}

/// A key with which a build puts files up and looks whether they are there.
fn request() -> Result<KeyRequest, pinning_keys::Error> {
    let scope = ScopeRequest::needs([Permission::PinsList, Permission::PinsAddFile])
        .prefers([Permission::PinsAddJson]);
    KeyRequest::new(KeyName::unique("build")?, scope)
}

/// Reads a configuration from the text of a file.
fn read(text: &str) -> Result<IssuerConfig, String> {
    toml::from_str(text).map_err(|error| {
        // What `toml` displays quotes the line at fault, and that line may hold the secret.
        let message = error.message();
        match error.span().filter(|span| span.len() < text.len()) {
            Some(span) => {
                let line = text[..span.start].matches('\n').count() + 1;
                format!("line {line}: {message}")
            }
            None => message.to_owned(),
        }
    })
}

fn plan_only(file: &Path) -> Result<String, Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let issuer = read(&text)?.build()?;
    let plan = issuer.plan(&request()?)?;
    Ok(format!(
        "{plan}\n\nNothing was sent, and a credential that is kept elsewhere was not looked at.\n\
         To make this key: issuer.issue(&request).await"
    ))
}

async fn on_the_emulator() -> Result<String, Box<dyn Error>> {
    let emulator = Emulator::start().await?;
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let files = [
        ("pinata.toml", PINATA, pinata.base_url(), pinata.jwt().to_owned()),
        ("w3ipfs.toml", W3IPFS, w3ipfs.base_url(), w3ipfs.jwt()),
    ];
    let mut told = Vec::new();
    for (name, text, base_url, jwt) in files {
        // All that differs from what a deployment does.
        let config = read(text)?
            .with_setting("base_url", base_url)?
            .with_credentials(Arc::new(AccountCredential::bearer(jwt)?));

        let key = key_for_the_build(config.build()?.as_ref()).await?;
        told.push(format!("examples/config_file/{name}\n{key}\n"));
    }
    let (made, left) = (emulator.keys_made(), emulator.keys_live());
    told.push(format!("{made} keys made, {left} left."));
    Ok(told.concat())
}

/// Prints a text. That nobody reads it, as behind `| head`, is no failure.
fn say(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}
