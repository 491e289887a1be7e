//! The recipes for keys that are listed, or revoked by a stored reference.

use std::num::NonZeroU64;

use pinning_keys::Revocation::{AlreadyGone, Revoked};
use pinning_keys::{Error, KeyIssuer, KeyIssuerExt, KeyQuery, KeyRef, Revocation};

use crate::{Place, keys};

pub(crate) const RECIPES: [&str; 3] = ["list_keys", "revoke_stored", "revoke_used_up"];

async fn list_keys(issuer: &dyn KeyIssuer) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    for key in issuer.keys(KeyQuery::new()).into_listing().await? {
        lines.push(format!("{} {}", key.key_ref(), key.name()));
    }
    Ok(lines)
}

async fn revoke_stored(issuer: &dyn KeyIssuer, stored: &str) -> Result<Revocation, Error> {
    let key: KeyRef = stored.parse()?; // from key.key_ref().to_string()
    issuer.revoke(&key).await
}

async fn revoke_used_up(issuer: &dyn KeyIssuer) -> Result<Vec<KeyRef>, Error> {
    // The whole list first: a revocation in between would move its pages.
    let listed = issuer.keys(KeyQuery::new()).into_listing().await?;

    let mut not_revoked = Vec::new();
    for key in listed.records() {
        let is_used_up = match (key.uses(), key.max_uses()) {
            (Some(uses), Some(limit)) => uses >= limit.get(),
            _ => false, // the key is unlimited, or the provider does not list this
        };
        if !is_used_up || key.is_revoked() == Some(true) {
            continue;
        }
        if !matches!(issuer.revoke(key.key_ref()).await, Ok(Revoked | AlreadyGone)) {
            not_revoked.push(key.key_ref().clone());
        }
    }
    Ok(not_revoked)
}

#[tokio::test]
async fn key_is_revoked_by_its_stored_reference() {
    for place in Place::all() {
        let key = place.issuer.issue(&keys::dashboard().unwrap()).await.unwrap();
        let stored = key.key_ref().to_string();
        let lines = list_keys(&*place.issuer).await.unwrap();
        let line = lines.iter().find(|line| line.ends_with(key.name().as_str())).unwrap();
        assert!(line.starts_with(&stored), "{line}");
        assert_eq!(revoke_stored(&*place.issuer, &stored).await.unwrap(), Revoked);
        assert_eq!(place.emulator.keys_live(), 0);
    }
}

#[tokio::test]
async fn only_keys_that_are_used_up_are_revoked() {
    for place in Place::all() {
        let issuer = &*place.issuer;
        let counts = issuer.profile().supports_max_uses();
        let limits = if counts { vec![None, Some(1), Some(5)] } else { vec![None; 3] };
        for limit in limits {
            let mut request = keys::dashboard().unwrap();
            if let Some(limit) = limit.and_then(NonZeroU64::new) {
                request = request.with_max_uses(limit);
            }
            let key = issuer.issue(&request).await.unwrap();
            let _ = issuer.verify(key.credential()).await.unwrap(); // a use
        }
        assert_eq!(revoke_used_up(issuer).await.unwrap(), []);
        assert_eq!(place.emulator.keys_live(), if counts { 2 } else { 3 });
    }
}
