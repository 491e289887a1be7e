//! The recipes for keys that are checked or have to end, as `docs/recipes.md` shows them.

use std::time::{Duration, SystemTime};

use pinning_keys::Revocation::{AlreadyGone, Revoked};
use pinning_keys::{
    Credential, CredentialState, Error, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyQuery,
    KeyRecord, KeyRef, KeyRequest, Patient, ScopeRequest, Waited,
};
use tokio::time::sleep;

pub(crate) async fn check_new_key(issuer: &dyn KeyIssuer, key: &IssuedKey) -> Result<bool, Error> {
    let issuer = Patient::new(issuer, Duration::from_secs(120), sleep);
    let live = issuer.wait_until_live(key.credential(), key.use_limit()).await?;
    let recorded = issuer.check(key).await?;
    println!("{}: {live}; recorded: {recorded}", key.name());

    if recorded.is_wider() {
        println!("{}", issuer.revoke(key.key_ref()).await?);
        println!("{}", issuer.wait_until_dead(key.credential(), key.use_limit()).await?);
        return Ok(false);
    }
    // Hand the key out only if this is true. If not, the table below says what to do.
    Ok(recorded.is_as_issued() && !matches!(live, Waited::Unconfirmed { .. }))
}

pub(crate) fn key_for_an_hour(user: &str, now: SystemTime) -> Result<KeyRequest, Error> {
    let end = humantime::format_rfc3339_seconds(now + Duration::from_secs(60 * 60));
    let name = KeyName::unique(&format!("my-app-until-{end}-{user}"))?;
    KeyRequest::new(name, ScopeRequest::reader())
}

fn end_of(name: &str) -> Option<SystemTime> {
    let time = name.strip_prefix("my-app-until-")?.get(.."2026-11-25T19:14:41Z".len())?;
    humantime::parse_rfc3339(time).ok()
}

pub(crate) async fn sweep(issuer: &dyn KeyIssuer, now: SystemTime) -> Result<Vec<KeyRef>, Error> {
    let filters = issuer.profile().filters();
    let mut query = KeyQuery::new();
    if filters.name() {
        query = query.with_name_containing("my-app-until-");
    }
    if filters.revoked() {
        query = query.with_revoked(false);
    }
    // The whole list first: a revocation in between would move its pages.
    let listed = issuer.keys(query).into_listing().await?;

    let mut may_still_work = Vec::new();
    for key in listed.records() {
        let is_over = end_of(key.name()).is_some_and(|end| end <= now);
        if !is_over || key.is_revoked() == Some(true) {
            continue;
        }
        if !matches!(issuer.revoke(key.key_ref()).await, Ok(Revoked | AlreadyGone)) {
            may_still_work.push(key.key_ref().clone()); // the next sweep tries it again
        }
    }
    Ok(may_still_work)
}

pub(crate) async fn revoke_unreferenced(
    issuer: &dyn KeyIssuer,
    name: &KeyName,
    stored: &[KeyRef],
) -> Result<bool, Error> {
    let found = issuer.find(name.as_str()).await?;
    let mut is_settled = found.discrepancies().is_empty();
    for key in found.records() {
        if key.is_revoked() == Some(true) || stored.contains(key.key_ref()) {
            continue;
        }
        is_settled &= matches!(issuer.revoke(key.key_ref()).await, Ok(Revoked | AlreadyGone));
    }
    Ok(is_settled)
}

pub(crate) async fn end_leaked_jwt(
    issuer: &dyn KeyIssuer,
    jwt: String,
) -> Result<CredentialState, Error> {
    let leaked = Credential::bearer("pinata", jwt)?; // or Credential::key_pair
    let key = issuer.trace(&leaked).await?;
    println!("revoking {}, which may {}", key.record().name(), key.record().scope());
    key.revoke().await
}

pub(crate) async fn end_leak(
    issuer: &dyn KeyIssuer,
    leaked: &Credential,
    is_confirmed: impl Fn(&KeyRecord) -> bool,
) -> Result<bool, Error> {
    let issuer = Patient::new(issuer, Duration::from_secs(120), sleep);
    let key = issuer.trace(leaked).await?;
    if !is_confirmed(key.record()) {
        return Ok(false); // nothing was revoked
    }
    if key.revoke().await? == CredentialState::Dead {
        return Ok(true);
    }
    println!("{}", issuer.wait_until_dead(leaked, key.record().use_limit()).await?);
    Ok(key.state().await? == CredentialState::Dead)
}
