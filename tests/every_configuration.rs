//! One program runs unchanged with every provider, table, route and credential: only the
//! configuration file differs. Its output is a golden file, the same over TCP and in memory.

use std::fmt::Write as _;

use pinning_keys::{
    Effect, Error, IssuerConfig, KeyIssuer, KeyIssuerExt, KeyRequest, Reconciliation, Revocation,
    ScopeRequest,
};
use pinning_keys_emulator::Emulator;
use pinning_keys_testkit::golden::assert_golden;

/// The configuration files: every route, table and credential of Pinata and every credential of
/// W3IPFS, including combinations that `build()` rejects.
fn configurations(emulator: &Emulator) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let pinata = emulator.pinata();
    let jwt = format!("jwt = {:?}", pinata.jwt());
    let pair = key_pair(pinata.api_key(), pinata.api_secret());
    for route in ["v3", "sdk", "legacy"] {
        for table in ["resources", "endpoints"] {
            for (credential, secrets) in [("jwt", &jwt), ("key pair", &pair)] {
                let base_url = pinata.base_url();
                let file = format!(
                    "provider = \"pinata\"\nbase_url = {base_url:?}\nroute = {route:?}\n\
                     table = {table:?}\n{secrets}"
                );
                all.push((format!("pinata, {route}, {table}, {credential}"), file));
            }
        }
    }
    let w3ipfs = emulator.w3ipfs();
    let jwt = format!("jwt = {:?}", w3ipfs.jwt());
    let pair = key_pair(w3ipfs.api_key(), w3ipfs.api_secret());
    for (credential, secrets) in [("jwt", &jwt), ("key pair", &pair)] {
        let base_url = w3ipfs.base_url();
        let file = format!("provider = \"w3ipfs\"\nbase_url = {base_url:?}\n{secrets}");
        all.push((format!("w3ipfs, {credential}"), file));
    }
    all
}

fn key_pair(key: &str, secret: &str) -> String {
    format!("api_key = {key:?}\napi_secret = {secret:?}")
}

/// The program. It knows no provider.
async fn program(issuer: &dyn KeyIssuer) -> Result<String, Error> {
    let mut told = String::new();
    let mut tell = |what: &str, value: &dyn std::fmt::Display| {
        writeln!(told, "  {what:<18}{value}").unwrap();
    };
    for (name, scope) in [("uploader", ScopeRequest::uploader()), ("admin", ScopeRequest::admin())]
    {
        let request = KeyRequest::new(name, scope)?;
        match issuer.issue(&request).await {
            Ok(key) => {
                let listed = issuer.find(name).await?.into_records();
                assert_eq!(listed[0].scope(), key.granted());
                tell(&format!("issue {name}"), &key.granted());
                assert_eq!(issuer.revoke(key.key_ref()).await?, Revocation::Revoked);
            }
            Err(refusal) => {
                assert_eq!(refusal.effect(), Effect::NotSent);
                tell(&format!("issue {name}"), &first_line(&refusal));
            }
        }
    }

    let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
    let key = issuer.issue(&request).await?;
    tell("issue reader", &key.granted());
    tell("missing", &key.missing());
    let found = issuer.find("dashboard").await?;
    for record in found.records() {
        tell("listed", &format_args!("{} as {:?}", record.scope(), record.native_grants()));
        assert_eq!(record.key_ref().api_key(), key.key_ref().api_key());
    }
    tell("discrepancies", &found.discrepancies());
    tell("verify", &format_args!("{:?}", issuer.verify(key.credential()).await?));
    tell("revoke", &format_args!("{:?}", issuer.revoke(key.key_ref()).await?));
    tell("verify", &format_args!("{:?}", issuer.verify(key.credential()).await?));
    tell("revoke again", &format_args!("{:?}", issuer.revoke(key.key_ref()).await?));
    // The reference from the list may have more, such as the provider's id of the key.
    let listed = found.records()[0].key_ref();
    tell("revoke as listed", &format_args!("{:?}", issuer.revoke(listed).await?));
    let left = issuer.reconcile(request.name()).await?;
    tell("nothing left", &matches!(left, Reconciliation::NothingFound { .. }));
    Ok(told)
}

fn first_line(error: &Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// The output with each configuration, over TCP or in memory.
async fn transcript(in_memory: bool) -> String {
    let mut told = String::new();
    let count = configurations(&Emulator::in_memory()).len();
    for i in 0..count {
        // Each starts with an empty account.
        let emulator =
            if in_memory { Emulator::in_memory() } else { Emulator::start().await.unwrap() };
        let (name, file) = configurations(&emulator).swap_remove(i);
        writeln!(told, "{name}").unwrap();
        let mut config: IssuerConfig = toml::from_str(&file).unwrap();
        if in_memory {
            config = config.with_transport(emulator.transport());
        }
        match config.build() {
            Err(refusal) => writeln!(told, "  rejected: {}", first_line(&refusal)).unwrap(),
            Ok(issuer) => {
                let lines = program(issuer.as_ref()).await.unwrap_or_else(|error| {
                    panic!("{name}: {error}");
                });
                told.push_str(&lines);
                // The reader, the admin and, if the table grants it, the uploader.
                let made = if name.contains("resources") { 2 } else { 3 };
                assert_eq!((emulator.keys_made(), emulator.keys_live()), (made, 0), "{name}");
            }
        }
    }
    told
}

#[tokio::test]
async fn one_program_runs_at_every_configuration() {
    let in_memory = transcript(true).await;
    assert_golden(
        "tests/fixtures/every_configuration.txt",
        &in_memory,
        "The program prints something else.",
    );
    assert_eq!(transcript(false).await, in_memory, "over TCP it is the same");
}
