//! The recipes for many keys, as `docs/recipes.md` shows them.

use std::sync::Arc;

use pinning_keys::bulk::{Throttled, issue_many, revoke_many};
use pinning_keys::{
    Effect, Error, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyRef, KeyRequest, Revocation,
    ScopeRequest,
};

pub(crate) async fn keys_for(
    users: &[String],
    issuer: Throttled<Arc<dyn KeyIssuer>>,
    store: impl Fn(IssuedKey),
) -> Result<Vec<KeyRequest>, Error> {
    let request = |user: &String| KeyRequest::new(KeyName::unique(user)?, ScopeRequest::reader());
    let requests: Vec<_> = users.iter().map(request).collect::<Result<_, _>>()?;

    let (mut in_doubt, mut without_key) = (Vec::new(), Vec::new());
    let mut keys = issue_many(issuer.clone(), requests);
    while let Some((request, result)) = keys.next().await {
        match result {
            Ok(key) => store(key), // to where it stays, before the next one is looked at
            Err(error) if error.effect() == Effect::Unknown => in_doubt.push(request),
            Err(_) => without_key.push(request), // for the reason in the error
        }
    }
    without_key.extend(keys.into_rest().unstarted); // of a batch whose patience ran out

    for request in in_doubt {
        let _ = issuer.reconcile(request.name().as_str()).await?; // if it was made, it is revoked
        without_key.push(request);
    }
    Ok(without_key)
}

pub(crate) async fn end_of_campaign(
    stored: Vec<KeyRef>,
    issuer: Throttled<Arc<dyn KeyIssuer>>,
) -> Vec<KeyRef> {
    let mut may_still_work = Vec::new();
    let mut keys = revoke_many(issuer, stored);
    while let Some((key, result)) = keys.next().await {
        if !matches!(result, Ok(Revocation::Revoked | Revocation::AlreadyGone)) {
            may_still_work.push(key);
        }
    }
    let rest = keys.into_rest(); // of a batch whose patience ran out
    may_still_work.into_iter().chain(rest.in_doubt).chain(rest.unstarted).collect()
}
