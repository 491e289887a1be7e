//! The recipes of `docs/recipes.md`: each recipe's key can do its job on the emulator, and with
//! one permission fewer it cannot.

#[cfg(feature = "bulk")]
mod batches;
mod deeds;
mod keys;
#[cfg(feature = "bulk")]
mod many;

use std::fmt::Write as _;
use std::sync::Arc;

use http::StatusCode;
use pinning_keys::adapter::{Grant, IssuerProfile, Translation};
use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    Error, IssuedKey, IssuerConfig, KeyIssuer, KeyName, KeyRequest, KeyScope, Permission,
    PermissionSet, ScopeRequest,
};
use pinning_keys_emulator::Emulator;
use pinning_keys_testkit::{golden::assert_golden, page};

use deeds::Deeds;

type Recipe = fn(&IssuerProfile) -> Result<KeyRequest, Error>;

const RECIPES: [(&str, Recipe); 4] = [
    ("ci_deploy", |_| keys::ci_deploy()),
    ("one_upload", keys::one_upload),
    ("dashboard", |_| keys::dashboard()),
    ("pin_bot", |_| keys::pin_bot()),
];

/// An issuer of each table, each on an emulator of its own.
fn issuers() -> Vec<(Emulator, Arc<dyn KeyIssuer>)> {
    let configs: [fn(&Emulator) -> IssuerConfig; 3] = [
        |emulator| at_pinata(emulator, Table::Resources),
        |emulator| at_pinata(emulator, Table::Endpoints),
        |emulator| {
            let w3ipfs = emulator.w3ipfs();
            let config = W3ipfsConfig::new().with_base_url(w3ipfs.base_url());
            IssuerConfig::W3ipfs(config.with_jwt(w3ipfs.jwt()))
        },
    ];
    let start = |config: fn(&Emulator) -> IssuerConfig| {
        let emulator = Emulator::builder().in_memory();
        let transport = Arc::new(emulator.transport());
        let issuer = config(&emulator).with_transport(transport).build().unwrap();
        (emulator, issuer)
    };
    configs.map(start).into()
}

fn at_pinata(emulator: &Emulator, table: Table) -> IssuerConfig {
    let pinata = emulator.pinata();
    let config = PinataConfig::new().with_base_url(pinata.base_url()).with_jwt(pinata.jwt());
    IssuerConfig::Pinata(config.with_table(table))
}

fn is_refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// A key that has every grant of the table but those that open this permission, or make keys.
async fn key_without(permission: Permission, issuer: &dyn KeyIssuer) -> IssuedKey {
    let table = issuer.profile().table();
    let others = table
        .grants()
        .iter()
        .map(Grant::opens)
        .filter(|opens| !opens.contains(permission) && !opens.contains(Permission::KeysManage));
    let rest: PermissionSet = others.flat_map(PermissionSet::iter).collect();
    let scope = ScopeRequest::exactly(KeyScope::of(rest)).unwrap();
    let name = KeyName::unique("fewer").unwrap();
    issuer.issue(&KeyRequest::new(name, scope).unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_recipes_key_does_its_job_and_with_one_permission_fewer_cannot() {
    let mut jobs = 0;
    for (emulator, issuer) in issuers() {
        let table = issuer.profile().table();
        let deeds = Deeds { emulator: &emulator, table };
        for (name, recipe) in RECIPES {
            let request = recipe(issuer.profile()).unwrap();
            if issuer.plan(&request).is_err() {
                continue;
            }
            for permission in request.scope().needed() {
                // Each key has a name of its own, as each call of the recipe gives.
                let request = recipe(issuer.profile()).unwrap();
                let key = issuer.issue(&request).await.unwrap();
                let status = deeds.attempt(permission, &key.credential().headers()).await;
                assert!(status.is_success(), "{name} cannot {permission} at {table}: {status}");

                let fewer = key_without(permission, issuer.as_ref()).await;
                let status = deeds.attempt(permission, &fewer.credential().headers()).await;
                assert!(
                    is_refused(status),
                    "{name} can {permission} without, at {table}: {status}"
                );
                jobs += 1;
            }
        }
    }
    // Three, one, one and two needed permissions, at three tables; an upload key cannot be had
    // at one of them.
    assert_eq!(jobs, 3 * (3 + 1 + 1 + 2) - 1);
}

#[tokio::test]
async fn a_one_use_key_uploads_once_where_the_provider_counts() {
    for (emulator, issuer) in issuers() {
        let request = keys::one_upload(issuer.profile()).unwrap();
        let Ok(key) = issuer.issue(&request).await else { continue };
        let deeds = Deeds { emulator: &emulator, table: issuer.profile().table() };
        let headers = key.credential().headers();
        assert!(deeds.attempt(Permission::PinsAddFile, &headers).await.is_success());
        let again = deeds.attempt(Permission::PinsAddFile, &headers).await;
        assert_eq!(is_refused(again), issuer.profile().supports_max_uses());
    }
}

#[test]
fn the_page_shows_the_recipes_that_are_tested() {
    let mut page = page::read("docs/recipes.md");
    for (name, recipe) in RECIPES {
        let mut part =
            format!("```rust,ignore\n{}```\n\n", page::function(include_str!("keys.rs"), name));
        part.push_str("| table | its key can | missing | extra |\n|---|---|---|---|\n");
        for (_, issuer) in issuers() {
            let profile = issuer.profile();
            let outcome = profile.table().translate(recipe(profile).unwrap().scope());
            let cells = outcome.map_or_else(|_| "refused | – | –".to_owned(), |it| cells(&it));
            writeln!(part, "| {} | {cells} |", profile.table()).unwrap();
        }
        page = page::with_named_part(&page, name, &part);
    }
    #[cfg(feature = "bulk")]
    for name in many::RECIPES {
        let part = page::function(include_str!("batches.rs"), name);
        page = page::with_named_part(&page, name, &format!("```rust,ignore\n{part}```\n"));
    }
    assert_golden("docs/recipes.md", &page, "The page no longer shows what is tested.");
}

fn cells(translation: &Translation) -> String {
    let granted = translation.granted().permissions().expect("no recipe is an admin key");
    [granted - translation.extra(), translation.missing(), translation.extra()]
        .map(|set| if set.is_empty() { "–".to_owned() } else { format!("`{set}`") })
        .join(" | ")
}
