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
use std::io::Write;
use std::process::ExitCode;

use pinning_keys::pinata::{PinataConfig, Vocabulary};
use pinning_keys::transport::ReqwestTransport;
use pinning_keys::{IssuerConfig, Permission, ScopeRequest};
use pinning_keys_emulator::Emulator;

use data_api::DataApi;
use walk::Walk;

const USAGE: &str = "\
Issues the same scope at every provider and table, and shows what each key can do.

Usage: cargo run --example switch_providers [-- --live]

  --live   use the real account that the environment configures (PINATA_JWT, or the
           variables PINNING_KEYS_*) in place of the built-in emulator; says first what
           it will do, makes keys that can only read, and revokes them
  --help   print this";

const VOCABULARIES: [Vocabulary; 2] = [Vocabulary::Resources, Vocabulary::Endpoints];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => on_the_emulator().await,
        ["--live"] => live().await,
        ["--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
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
    let pinata = emulator.pinata();
    let request = ScopeRequest::needs([Permission::PinsAddFile, Permission::PinsList])
        .prefers([Permission::PinsAddJson])
        .tolerates("pinata:org:files:write");
    println!("One request, two vocabularies, on the built-in emulator ({})", pinata.base_url());
    println!("{request}\n");

    let transport = ReqwestTransport::new()?;
    let mut walks = Vec::new();
    for table in VOCABULARIES {
        let config = PinataConfig::new()
            .with_base_url(pinata.base_url())
            .with_jwt(pinata.jwt())
            .with_table(table);
        let issuer = IssuerConfig::Pinata(config).build()?;
        let api = DataApi::new(table, pinata.base_url());
        let name = format!("switch-providers-{}", issuer.profile().table().name());
        let walk = Walk::new(issuer.as_ref(), &transport, &api).with_uploads();
        walks.push(walk.run(&name, &request).await?);
    }

    report::print(&walks);
    println!("Next: README.md, or -- --live with an account of your own.");
    assert_eq!(emulator.keys_live(), 0, "the walks leave no key behind");
    Ok(())
}

async fn live() -> Result<(), Box<dyn Error>> {
    let IssuerConfig::Pinata(config) = IssuerConfig::from_env()? else {
        return Err("this walk knows the routes of Pinata only".into());
    };
    println!(
        "This makes two keys at the Pinata account that the environment configures, one in each \
         vocabulary.\nThey can only list what is pinned. Each is used for a few requests that \
         read, and is then revoked.\nNothing else in the account is touched."
    );
    if !confirmed()? {
        println!("Nothing was sent.");
        return Ok(());
    }

    let request = ScopeRequest::reader();
    let transport = ReqwestTransport::new()?;
    let mut walks = Vec::new();
    for table in VOCABULARIES {
        let issuer = config.clone().with_table(table).build()?;
        let api = DataApi::new(table, config.base_url());
        let name = pinning_keys::KeyName::unique("switch-providers")?;
        walks.push(Walk::new(&issuer, &transport, &api).run(name.as_str(), &request).await?);
    }
    println!("\n{request}\n");
    report::print(&walks);
    if walks.iter().all(walk::Outcome::is_over) {
        Ok(())
    } else {
        Err("a key may still work: revoke it at the provider".into())
    }
}

/// Whether the person at the terminal agrees. No answer is a no.
fn confirmed() -> std::io::Result<bool> {
    print!("Go on? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
