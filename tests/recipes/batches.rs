//! The recipes for many keys, as `docs/recipes.md` shows them.

use std::sync::Arc;

use pinning_keys::Revocation::{AlreadyGone, Revoked};
use pinning_keys::bulk::{Throttled, issue_many, revoke_many};
use pinning_keys::{
    Effect, Error, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyRef, KeyRequest, Reconciliation,
    ScopeRequest,
};
use tokio::time::sleep;

pub(crate) async fn keys_for(
    users: &[String],
    issuer: Throttled<Arc<dyn KeyIssuer>>,
    store: impl Fn(IssuedKey),
) -> Result<(Vec<KeyRequest>, Vec<KeyRequest>), Error> {
    let request = |user: &String| KeyRequest::new(KeyName::unique(user)?, ScopeRequest::reader());
    let requests: Vec<_> = users.iter().map(request).collect::<Result<_, _>>()?;

    let (mut in_doubt, mut without_key) = (Vec::new(), Vec::new());
    let mut keys = issue_many(issuer.clone(), requests);
    while let Some((request, result)) = keys.next().await {
        match result {
            Ok(key) => store(key), // durably, before reading the next result
            Err(error) if error.effect() == Effect::Unknown => in_doubt.push(request),
            Err(_) => without_key.push(request), // the error says why
        }
    }
    without_key.extend(keys.into_rest().into_unstarted()); // if the batch stopped by itself

    sleep(issuer.profile().propagation()).await; // a list may lag this long
    let mut unsettled = Vec::new();
    for request in in_doubt {
        match issuer.reconcile(request.name()).await {
            // It was created, and is now revoked.
            Ok(Reconciliation::Settled { revocation: Revoked | AlreadyGone, .. }) => {
                without_key.push(request);
            }
            // It was not created.
            Ok(Reconciliation::NothingFound { discrepancies, .. }) if discrepancies.is_empty() => {
                without_key.push(request);
            }
            _ => unsettled.push(request),
        }
    }
    Ok((without_key, unsettled))
}

pub(crate) async fn end_of_campaign(
    stored: Vec<KeyRef>,
    issuer: Throttled<Arc<dyn KeyIssuer>>,
) -> Vec<KeyRef> {
    let mut may_still_work = Vec::new();
    let mut keys = revoke_many(issuer, stored);
    while let Some((key, result)) = keys.next().await {
        if !matches!(result, Ok(Revoked | AlreadyGone)) {
            may_still_work.push(key);
        }
    }
    let rest = keys.into_rest(); // if the batch stopped by itself
    may_still_work.extend_from_slice(rest.in_doubt());
    may_still_work.extend(rest.into_unstarted());
    may_still_work
}
