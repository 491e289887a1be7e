//! The recipes of `docs/recipes.md`: the key of a recipe can do its job on the emulator, and with
//! one permission fewer it cannot.

#[cfg(feature = "bulk")]
mod batches;
mod ending;
mod imports;
mod keys;
mod lifetimes;
mod listed;
#[cfg(feature = "bulk")]
mod many;
mod probing;
mod signing;
mod tools;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys::adapter::{Grant, IssuerProfile, Translation};
use pinning_keys::{
    Error, IssuedKey, KeyIssuer, KeyName, KeyRequest, KeyScope, Permission, PermissionSet,
    ScopeRequest,
};
use pinning_keys_emulator::Emulator;
use pinning_keys_testkit::stand::Configuration;
use pinning_keys_testkit::{golden::assert_golden, page};

type Recipe = fn(&IssuerProfile) -> Result<KeyRequest, Error>;

const RECIPES: [(&str, Recipe); 4] = [
    ("ci_deploy", |_| keys::ci_deploy()),
    ("one_upload", keys::one_upload),
    ("dashboard", |_| keys::dashboard()),
    ("pin_bot", |_| keys::pin_bot()),
];

/// An issuer of keys of one table, on its own emulator.
struct Place {
    configuration: Configuration,
    emulator: Emulator,
    issuer: Arc<dyn KeyIssuer>,
}

impl Place {
    /// One for each table.
    fn all() -> [Self; 3] {
        ["pinata, v3, resources, jwt", "pinata, v3, endpoints, jwt", "w3ipfs, jwt"].map(|name| {
            let configuration = Configuration::named(name);
            let emulator = Emulator::in_memory();
            let (origin, deadline) = (emulator.pinata().base_url(), Duration::from_secs(30));
            let transport = emulator.transport();
            let built = configuration.build(&emulator, origin, transport, deadline).unwrap();
            Self { configuration, emulator, issuer: built.issuer }
        })
    }

    fn may(&self, key: &IssuedKey, permission: Permission) -> bool {
        let may = self.configuration.may(&self.emulator, &key.credential().headers(), permission);
        may.unwrap_or_else(|| panic!("no route is known for {permission}"))
    }

    /// A key with every grant of the table except those that open this permission or escalate.
    async fn key_without(&self, permission: Permission) -> IssuedKey {
        let grants = self.configuration.table().grants().iter().map(Grant::opens);
        let excluded = PermissionSet::ESCALATING | permission;
        let rest: PermissionSet = grants
            .filter(|opens| opens.is_disjoint(excluded))
            .flat_map(PermissionSet::into_iter)
            .collect();
        let scope = ScopeRequest::exactly(KeyScope::of(rest)).unwrap();
        let name = KeyName::unique("fewer").unwrap();
        self.issuer.issue(&KeyRequest::new(name, scope).unwrap()).await.unwrap()
    }
}

#[tokio::test]
async fn key_does_its_job_and_cannot_with_one_permission_fewer() {
    let mut jobs = 0;
    for place in Place::all() {
        let profile = place.issuer.profile();
        let table = profile.table();
        for (name, recipe) in RECIPES {
            let request = recipe(profile).unwrap();
            if place.issuer.plan(&request).is_err() {
                continue;
            }
            let key = place.issuer.issue(&request).await.unwrap();
            for permission in request.scope().needed() {
                assert!(place.may(&key, permission), "{name} cannot {permission} at {table}");
                let fewer = place.key_without(permission).await;
                assert!(!place.may(&fewer, permission), "{name}: {permission} at {table}");
                jobs += 1;
            }
        }
    }
    // Three, one, one and two needed permissions with three tables, one of which refuses the
    // upload key.
    assert_eq!(jobs, 3 * (3 + 1 + 1 + 2) - 1);
}

#[tokio::test]
async fn one_use_key_works_once_if_the_provider_counts() {
    for place in Place::all() {
        let profile = place.issuer.profile();
        let request = keys::one_upload(profile).unwrap();
        let Ok(key) = place.issuer.issue(&request).await else { continue };
        assert!(place.may(&key, Permission::PinsAddFile));
        let _ = place.issuer.verify(key.credential()).await.unwrap(); // a use, like any request
        let again = place.may(&key, Permission::PinsAddFile);
        assert_eq!(again, !profile.supports_max_uses());
    }
}

#[test]
fn page_shows_the_recipes_that_are_tested() {
    let mut page = page::read("docs/recipes.md");
    for (name, recipe) in RECIPES {
        let mut part = imports::block(include_str!("keys.rs"), &[name]);
        part.push_str("\n| table | its key can | missing | extra |\n|---|---|---|---|\n");
        for place in Place::all() {
            let profile = place.issuer.profile();
            let outcome = profile.table().translate(recipe(profile).unwrap().scope());
            let cells = outcome.map_or_else(|_| "refused | – | –".to_owned(), |it| cells(&it));
            writeln!(part, "| {} | {cells} |", profile.table()).unwrap();
        }
        page = page::with_named_part(&page, name, &part);
    }
    #[cfg(feature = "bulk")]
    for name in many::RECIPES {
        let part = imports::block(include_str!("batches.rs"), &[name]);
        page = page::with_named_part(&page, name, &part);
    }
    let part = imports::block(include_str!("signing.rs"), &["one_avatar"]);
    page = page::with_named_part(&page, "one_avatar", &part);
    for name in listed::RECIPES {
        let part = imports::block(include_str!("listed.rs"), &[name]);
        page = page::with_named_part(&page, name, &part);
    }
    let part = imports::block(include_str!("probing.rs"), &["what_it_can_do"]);
    page = page::with_named_part(&page, "what_it_can_do", &part);
    for (name, functions) in lifetimes::RECIPES {
        let part = imports::block(include_str!("ending.rs"), functions);
        page = page::with_named_part(&page, name, &part);
    }
    assert_golden("docs/recipes.md", &page, "The page differs from what is tested.");
}

fn cells(translation: &Translation) -> String {
    let granted = translation.granted().permissions().expect("no recipe is an admin key");
    [granted - translation.extra(), translation.missing(), translation.extra()]
        .map(|set| if set.is_empty() { "–".to_owned() } else { format!("`{set}`") })
        .join(" | ")
}
