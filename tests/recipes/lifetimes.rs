//! The recipes of `docs/recipes.md` for keys that are checked or have to end, with every table.

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use pinning_keys::{
    CredentialState, Effect, IssuedKey, IssuerConfig, KeyIssuerExt, KeyName, KeyRecord, KeyRef,
    KeyRequest, Permission, Reconciliation, ScopeRequest, Verification,
};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, PinataAssumptions, Stage};

use crate::ending::{
    check_new_key, end_leak, end_leaked_jwt, key_for_an_hour, revoke_unreferenced, sweep,
};
use crate::{Place, keys};

/// The recipes by the name of their part of the page, each with the functions that it shows.
pub(crate) const RECIPES: [(&str, &[&str]); 5] = [
    ("new_key", &["check_new_key"]),
    ("hour", &["key_for_an_hour", "end_of", "sweep"]),
    ("lost_create", &["revoke_unreferenced"]),
    ("leaked_jwt", &["end_leaked_jwt"]),
    ("leaked", &["end_leak"]),
];

const MINUTE: Duration = Duration::from_secs(60);

fn noon() -> SystemTime {
    humantime::parse_rfc3339("2026-11-25T12:00:00Z").unwrap()
}

impl Place {
    async fn issue(&self, request: &KeyRequest) -> IssuedKey {
        self.issuer.issue(request).await.unwrap()
    }

    /// A key that can do more than it was issued for, as far as it knows.
    async fn wider_than_issued(&self) -> IssuedKey {
        let request = |permissions: &[Permission]| {
            let scope = ScopeRequest::needs(permissions).tolerates(Permission::PinsListJobs);
            KeyRequest::new("new", scope.tolerates("pinata:org:files:write")).unwrap()
        };
        let key = self.issue(&request(&[Permission::PinsList, Permission::PinsRemove])).await;
        let asked = request(&[Permission::PinsList]);
        let translation = self.configuration.table().translate(asked.scope()).unwrap();
        IssuedKey::new(key.key_ref().clone(), &asked, translation, key.into_credential())
    }

    async fn is_live(&self, key: &IssuedKey) -> bool {
        self.issuer.verify(key.credential()).await.unwrap() == Verification::Live
    }

    /// Loses the answer of the next create.
    fn lose_create(&self) {
        let lost = Fault::status(StatusCode::BAD_GATEWAY, Stage::AfterCommit);
        self.emulator.faults().add(FaultRule::new(lost).method(Method::POST).nth(1));
    }
}

#[tokio::test(start_paused = true)]
async fn new_key_is_handed_out_only_if_it_works_and_is_recorded_as_issued() {
    for place in Place::all() {
        let (wider, key) =
            (place.wider_than_issued().await, place.issue(&keys::dashboard().unwrap()).await);
        assert!(check_new_key(&*place.issuer, &key).await.unwrap());
        assert!(!check_new_key(&*place.issuer, &wider).await.unwrap());
        assert!(place.is_live(&key).await && !place.is_live(&wider).await);
        let _ = place.issuer.revoke(key.key_ref()).await.unwrap();
        assert!(!check_new_key(&*place.issuer, &key).await.unwrap());
    }
}

/// Nothing asks whether a limited key works, so only the record can show that it does not.
#[tokio::test(start_paused = true)]
async fn limited_key_is_handed_out_only_if_its_record_is_found_and_the_same() {
    let [place, ..] = Place::all();
    let request = |permissions: &[Permission]| {
        let scope = ScopeRequest::needs(permissions).tolerates(Permission::PinsListJobs);
        KeyRequest::new("new", scope).unwrap().with_max_uses(NonZeroU64::new(5).unwrap())
    };
    let asked = request(&[Permission::PinsList, Permission::AnalyticsRead]);
    let key = place.issue(&asked).await;
    assert!(check_new_key(&*place.issuer, &key).await.unwrap());

    let less = place.issue(&request(&[Permission::PinsList])).await;
    let unlisted = KeyRef::new("pinata", "0d2a1b3c4d5e6f708192").unwrap();
    let translation = place.configuration.table().translate(asked.scope()).unwrap();
    for key_ref in [less.key_ref().clone(), unlisted] {
        let credential = less.credential().clone();
        let other = IssuedKey::new(key_ref, &asked, translation, credential);
        assert!(!check_new_key(&*place.issuer, &other).await.unwrap());
    }
    let _ = place.issuer.revoke(key.key_ref()).await.unwrap();
    assert!(!check_new_key(&*place.issuer, &key).await.unwrap());
}

#[tokio::test]
async fn sweep_revokes_what_is_over_and_nothing_else() {
    for place in Place::all() {
        let issuer = &*place.issuer;
        let other = place.issue(&keys::dashboard().unwrap()).await;
        let later = place.issue(&key_for_an_hour("eve", noon() + 30 * MINUTE).unwrap()).await;
        // More than a page of keys, one of which nobody knows.
        let mut over = Vec::new();
        for n in 0..25 {
            let request = key_for_an_hour(&format!("user-{n}"), noon()).unwrap();
            over.push(place.issue(&request).await);
        }
        place.lose_create();
        let lost = issuer.issue(&key_for_an_hour("ann", noon()).unwrap()).await.unwrap_err();
        assert_eq!(lost.effect(), Effect::Unknown);
        assert_eq!(place.emulator.keys_live(), 28);

        assert_eq!(sweep(issuer, noon() + 59 * MINUTE).await.unwrap(), []);
        assert_eq!(place.emulator.keys_live(), 28);

        assert_eq!(sweep(issuer, noon() + 60 * MINUTE).await.unwrap(), []);
        assert_eq!(place.emulator.keys_live(), 2);
        assert!(!place.is_live(&over[0]).await);
        assert!(place.is_live(&other).await && place.is_live(&later).await);
    }
}

#[tokio::test]
async fn sweep_spares_names_without_a_time() {
    for place in Place::all() {
        for name in [
            "my-app-until-",
            "my-app-until-soon-ann",
            "my-app-until-2026-11-31T12:00:00Z-ann",
            "my-app-until-2026-11-25T12:00:0é-ann",
            "not-my-app-until-2026-11-25T12:00:00Z-ann",
        ] {
            place.issue(&KeyRequest::new(name, ScopeRequest::reader()).unwrap()).await;
        }
        assert_eq!(sweep(&*place.issuer, noon() + 10_000 * MINUTE).await.unwrap(), []);
        assert_eq!(place.emulator.keys_live(), 5);
    }
}

#[tokio::test]
async fn sweep_returns_what_it_could_not_revoke_and_tries_again() {
    for place in Place::all() {
        let key = place.issue(&key_for_an_hour("ann", noon()).unwrap()).await;
        let refused = Fault::status(StatusCode::FORBIDDEN, Stage::BeforeCommit);
        place.emulator.faults().add(FaultRule::new(refused).method(Method::DELETE));
        let later = noon() + 60 * MINUTE;
        assert_eq!(sweep(&*place.issuer, later).await.unwrap(), [key.key_ref().clone()]);
        place.emulator.faults().clear();
        assert_eq!(sweep(&*place.issuer, later).await.unwrap(), []);
        assert_eq!(place.emulator.keys_live(), 0);
    }
}

#[tokio::test]
async fn lost_key_of_a_shared_name_is_told_by_its_reference() {
    for place in Place::all() {
        let issuer = &*place.issuer;
        let name = KeyName::new("shared").unwrap();
        let request = KeyRequest::new(name.clone(), ScopeRequest::reader()).unwrap();
        let kept = place.issue(&request).await;
        place.lose_create();
        let lost = issuer.issue(&request).await.unwrap_err();
        assert_eq!(lost.effect(), Effect::Unknown);
        // At W3IPFS the name was taken, so reconciling would find and revoke the key that is kept.
        if place.configuration.is_pinata() {
            let outcome = issuer.reconcile(&name).await.unwrap();
            assert!(matches!(outcome, Reconciliation::Ambiguous { .. }), "{outcome:?}");
        }
        assert!(revoke_unreferenced(issuer, &name, &[kept.key_ref().clone()]).await.unwrap());
        assert_eq!(place.emulator.keys_live(), 1);
        assert!(place.is_live(&kept).await);
    }
}

#[tokio::test]
async fn one_use_of_an_admin_key_makes_another_admin_key() {
    let [place, ..] = Place::all();
    let once = KeyRequest::new("once", ScopeRequest::admin()).unwrap();
    let once = place.issue(&once.with_max_uses(NonZeroU64::MIN)).await;
    let jwt = once.credential().expose().bearer().expect("a JWT").to_owned();

    let vars = [
        ("PINNING_KEYS_PROVIDER", "pinata"),
        ("PINNING_KEYS_BASE_URL", place.emulator.pinata().base_url()),
        ("PINNING_KEYS_JWT", &jwt),
    ];
    let config = IssuerConfig::from_vars(vars).unwrap();
    let holder = config.with_transport(place.emulator.transport()).build().unwrap();
    let unlimited = KeyRequest::new("for ever", ScopeRequest::admin()).unwrap();
    let unlimited = holder.issue(&unlimited).await.unwrap();
    assert!(unlimited.granted().is_admin());
    assert!(place.is_live(&unlimited).await);
}

#[tokio::test]
async fn leaked_jwt_ends_its_key() {
    for place in Place::all() {
        let leaked = place.issue(&keys::dashboard().unwrap()).await;
        let Some(jwt) = leaked.credential().expose().bearer() else { continue };
        let state = end_leaked_jwt(&*place.issuer, jwt.to_owned()).await.unwrap();
        assert_eq!(state, CredentialState::Dead);
        assert!(!place.is_live(&leaked).await);
    }
}

#[tokio::test]
async fn leaked_key_ends_if_its_record_is_confirmed() {
    for place in Place::all() {
        let kept = place.issue(&keys::dashboard().unwrap()).await;
        let leaked = place.issue(&keys::dashboard().unwrap()).await;
        let (issuer, name) = (&*place.issuer, leaked.name().as_str());
        assert!(!end_leak(issuer, leaked.credential(), |_| false).await.unwrap());
        assert_eq!(place.emulator.keys_live(), 2);

        let confirm = |record: &KeyRecord| record.name() == name;
        assert!(end_leak(issuer, leaked.credential(), confirm).await.unwrap());
        assert!(place.is_live(&kept).await && !place.is_live(&leaked).await);
    }
}

#[tokio::test(start_paused = true)]
async fn leaked_key_that_stays_live_is_not_reported_as_dead() {
    // The revocation verifies once, the wait once a second for ten seconds.
    for (honoured, is_dead) in [(1, true), (12, true), (13, false)] {
        let assumptions = PinataAssumptions::default().honour_revoked(honoured);
        let emulator = Emulator::builder().pinata_assumptions(assumptions).in_memory();
        let config = IssuerConfig::from_vars(emulator.pinata().vars()).unwrap();
        let issuer = config.with_transport(emulator.transport()).build().unwrap();
        let leaked = issuer.issue(&keys::dashboard().unwrap()).await.unwrap();
        assert_eq!(end_leak(&*issuer, leaked.credential(), |_| true).await.unwrap(), is_dead);
    }
}
