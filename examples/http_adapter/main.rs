//! An adapter for a provider that is unlike the built-in ones, and a key's life at a server that
//! does what the provider's documents say. Run: `cargo run --example http_adapter`.
//!
//! `b2` is for authors of adapters to copy; the guide is docs/http-adapter.md. `fake` stands for
//! the provider.

mod b2;
mod fake;

use std::error::Error;
use std::time::Duration;

use pinning_keys::{
    KeyIssuer as _, KeyQuery, KeyRequest, Permission, Provider, Providers, ScopeRequest,
};

use b2::B2Config;
use fake::Fake;

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let fake = Fake::new();
    let (key_id, application_key) = fake.master_key();
    // An app that reads its environment calls `from_env` instead.
    let variables = [
        ("PINNING_KEYS_PROVIDER", "b2".to_owned()),
        ("PINNING_KEYS_API_KEY", key_id),
        ("PINNING_KEYS_API_SECRET", application_key),
        ("PINNING_KEYS_BASE_URL", fake.serve().await?),
    ];
    let providers = Providers::new().with(Provider::of::<B2Config>());
    let issuer = providers.from_vars(variables)?.build()?;

    // No permission covers how long files are locked, so the request names the provider's grant.
    let scope =
        ScopeRequest::needs([Permission::PinsList]).and_needs_native("b2:readFileRetentions");
    let request = KeyRequest::new("team-site", scope)?.with_expiry(A_DAY);
    println!("{}\n", issuer.plan(&request)?);

    let key = issuer.issue(&request).await?;
    println!("issued    {} may {}", key.name(), key.granted());
    fake.make_confined_key("from-the-web-page", &["listFiles", "deleteFiles"], "b1", "photos/");
    for record in issuer.list(&KeyQuery::new()).await?.records() {
        println!("listed    {} may {}", record.name(), record.reading());
    }
    println!("verified  {}", issuer.verify(key.credential()).await?);
    println!("revoked   {}", issuer.revoke(key.key_ref()).await?);
    println!("verified  {}", issuer.verify(key.credential()).await?);
    println!("left      {}", fake.live().join(" "));
    Ok(())
}
