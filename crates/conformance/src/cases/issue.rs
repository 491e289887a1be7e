//! The clauses of `KeyIssuer::issue`, except those about scopes.

use std::time::Duration;

use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, IssuedKey, KeyName, KeyRequest, Operation, Permission,
    Reconciliation, Revocation, ScopeRequest,
};

use super::shared::{altered, ensure_effect, ensure_issue_refused, live_key};
use crate::bench::Bench;
use crate::case::{Case, case, one_key, two_keys};
use crate::disturbance::Disturbance;
use crate::need::Need::{Fault, HasLedger, HasProbe, MaySkipLate, OwnScopes, Profile};
use crate::need::{LISTS, REVOKES};
use crate::scopes;
use crate::text::plural;
use crate::verdict::{Stop, Verdict, ensure};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("issue-01-inexpressible-scope-fails-before-any-request", one_key,
        [OwnScopes, Profile(|p| scopes::foreign(p.table()).is_some(), "the table can express every permission"), HasLedger],
        bench => inexpressible(bench)),
    case!("issue-01-inseparable-permission-fails-before-any-request", one_key,
        [OwnScopes, Profile(|p| scopes::inseparable(p.table()).is_some(), "the table can separate every permission"), HasLedger],
        bench => inseparable(bench)),
    case!("issue-01-grant-of-another-provider-fails-before-any-request", one_key, [OwnScopes, HasLedger],
        bench => foreign_grant(bench)),
    case!("issue-01-admin-only-permission-creates-no-admin-key", one_key,
        [OwnScopes, Profile(|p| !p.table().admin_only().is_empty(), "no permission needs an admin key")],
        bench => admin_only(bench)),
    case!("issue-02-one-create-when-nothing-goes-wrong", one_key, [HasLedger], bench => one_create(bench, None)),
    case!("issue-02-one-create-after-status-500", two_keys,
        [HasLedger, Fault(Operation::Issue, Disturbance::ErrorAfter(500))],
        bench => one_create(bench, Some(Disturbance::ErrorAfter(500)))),
    case!("issue-02-one-create-after-status-503", two_keys,
        [HasLedger, Fault(Operation::Issue, Disturbance::ErrorAfter(503))],
        bench => one_create(bench, Some(Disturbance::ErrorAfter(503)))),
    case!("issue-02-one-create-after-a-lost-answer", two_keys,
        [HasLedger, Fault(Operation::Issue, Disturbance::LoseAnswer)],
        bench => one_create(bench, Some(Disturbance::LoseAnswer))),
    case!("issue-02-one-create-when-no-answer-comes", two_keys,
        [HasLedger, Fault(Operation::Issue, Disturbance::Hang)],
        bench => one_create(bench, Some(Disturbance::Hang))),
    case!("issue-02-one-create-after-unexpected-json", two_keys,
        [HasLedger, Fault(Operation::Issue, Disturbance::WrongShape)],
        bench => one_create(bench, Some(Disturbance::WrongShape))),
    case!("issue-02-one-create-after-a-truncated-answer", two_keys,
        [HasLedger, Fault(Operation::Issue, Disturbance::Truncated)],
        bench => one_create(bench, Some(Disturbance::Truncated))),
    case!("issue-02-one-create-after-a-refused-connection", two_keys,
        [HasLedger, Fault(Operation::Issue, Disturbance::RefuseConnection)],
        bench => one_create(bench, Some(Disturbance::RefuseConnection))),
    case!("issue-02-one-create-after-a-cut-connection", two_keys,
        [HasLedger, Fault(Operation::Issue, Disturbance::CutBeforeRead)],
        bench => one_create(bench, Some(Disturbance::CutBeforeRead))),
    case!("issue-03-credential-authenticates", one_key, [], bench => authenticates(bench)),
    case!("issue-05-lost-answer-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::LoseAnswer)], bench => unknown(bench, Disturbance::LoseAnswer)),
    case!("issue-05-no-answer-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::Hang)], bench => unknown(bench, Disturbance::Hang)),
    case!("issue-05-status-500-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::ErrorAfter(500))], bench => unknown(bench, Disturbance::ErrorAfter(500))),
    case!("issue-05-status-503-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::ErrorAfter(503))], bench => unknown(bench, Disturbance::ErrorAfter(503))),
    case!("issue-05-truncated-answer-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::Truncated)], bench => unknown(bench, Disturbance::Truncated)),
    case!("issue-05-empty-answer-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::Empty)], bench => unknown(bench, Disturbance::Empty)),
    case!("issue-05-html-answer-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::HtmlAfter)], bench => unknown(bench, Disturbance::HtmlAfter)),
    case!("issue-05-unexpected-json-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::WrongShape)], bench => unknown(bench, Disturbance::WrongShape)),
    case!("issue-05-non-utf8-answer-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::NotUtf8)], bench => unknown(bench, Disturbance::NotUtf8)),
    case!("issue-05-endless-answer-is-unknown", one_key,
        [Fault(Operation::Issue, Disturbance::Endless)], bench => unknown(bench, Disturbance::Endless)),
    case!("issue-05-unknown-create-names-the-key", one_key,
        [Fault(Operation::Issue, Disturbance::LoseAnswer)], bench => names_key(bench)),
    case!("issue-05-rate-limit-is-a-rejection", one_key,
        [Fault(Operation::Issue, Disturbance::RateLimit(LONG))], bench => rate_limited(bench)),
    case!("issue-05-reconcile-settles-a-create-after-a-lost-answer", one_key,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::LoseAnswer)],
        bench => reconciles(bench, Disturbance::LoseAnswer)),
    case!("issue-05-reconcile-settles-a-create-when-no-answer-comes", one_key,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::Hang)],
        bench => reconciles(bench, Disturbance::Hang)),
    case!("issue-05-reconcile-settles-a-create-after-status-500", one_key,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::ErrorAfter(500))],
        bench => reconciles(bench, Disturbance::ErrorAfter(500))),
    case!("issue-05-reconcile-settles-a-create-after-a-truncated-answer", one_key,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::Truncated)],
        bench => reconciles(bench, Disturbance::Truncated)),
    case!("issue-05-reconcile-settles-a-create-after-unexpected-json", one_key,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::WrongShape)],
        bench => reconciles(bench, Disturbance::WrongShape)),
    case!("issue-07-headers-authenticate-the-holder", one_key, [HasProbe, MaySkipLate(|_| true)], bench => headers_authenticate(bench)),
];

/// Longer than any adapter would wait.
const LONG: Duration = Duration::from_secs(3600);

async fn inexpressible(bench: &Bench<'_>) -> Verdict {
    refused(bench, scopes::foreign(bench.profile().table())).await
}

async fn inseparable(bench: &Bench<'_>) -> Verdict {
    refused(bench, scopes::inseparable(bench.profile().table())).await
}

async fn foreign_grant(bench: &Bench<'_>) -> Verdict {
    let request = bench.request(scopes::of_nobody())?;
    ensure_issue_refused(bench, ErrorKind::Inexpressible, &request).await
}

async fn admin_only(bench: &Bench<'_>) -> Verdict {
    refused(bench, bench.profile().table().admin_only().iter().next()).await
}

async fn refused(bench: &Bench<'_>, permission: Option<Permission>) -> Verdict {
    let permission = permission.ok_or_else(|| Stop::failed("the table has no such permission"))?;
    let request = bench.request(ScopeRequest::needs(permission))?;
    ensure_issue_refused(bench, ErrorKind::Inexpressible, &request).await
}

/// A create and its answer.
struct Create {
    request: KeyRequest,
    answer: Result<IssuedKey, Error>,
    /// How often the request was sent, if the harness counts it.
    sent: Option<u64>,
}

impl Create {
    async fn new(bench: &Bench<'_>) -> Result<Self, Stop> {
        let request = bench.plain_request()?;
        let before = bench.create_requests();
        let answer = bench.try_issue(&request).await?;
        let sent = bench.create_requests().zip(before).map(|(now, before)| now - before);
        Ok(Self { request, answer, sent })
    }

    /// Issues with the request disturbed.
    async fn disturbed(bench: &Bench<'_>, disturbance: Disturbance) -> Result<Self, Stop> {
        bench.disturbed(Operation::Issue, disturbance, || Self::new(bench)).await
    }

    fn name(&self) -> &KeyName {
        self.request.name()
    }
}

async fn one_create(bench: &Bench<'_>, disturbance: Option<Disturbance>) -> Verdict {
    let create = match disturbance {
        Some(disturbance) => Create::disturbed(bench, disturbance).await?,
        None => Create::new(bench).await?,
    };
    let made = bench.made(create.name());
    ensure!(made <= 1, "one call created {made} keys");
    // If names are unique, the provider refuses a second create, which must not be sent anyway.
    let sent = create.sent.unwrap_or(0);
    ensure!(made == 0 || sent <= 1, "the key was created, but the request was sent {sent} times");
    match &create.answer {
        Ok(_) => ensure!(made == 1, "a key was returned, but none was created"),
        Err(error) if made == 1 => ensure_settles(bench, create.name(), error).await?,
        Err(error) if error.effect() == Effect::Unknown => ensure_named(error, create.name())?,
        Err(_) => {}
    }
    Ok(())
}

/// A key that was created but not returned has an unknown effect, and its name settles it.
async fn ensure_settles(bench: &Bench<'_>, name: &KeyName, error: &Error) -> Verdict {
    ensure_effect(error, Effect::Unknown)?;
    ensure_named(error, name)?;
    if bench.harness().lacks(Operation::List) || bench.harness().lacks(Operation::Revoke) {
        return Ok(());
    }
    settle(bench, name).await
}

async fn authenticates(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    bench.wait_until_live(key.credential()).await
}

/// The adapter may read the credential differently to verify it. Its holder has only the
/// headers.
async fn headers_authenticate(bench: &Bench<'_>) -> Verdict {
    let key = live_key(bench).await?;
    let mut patience = bench.patience();
    loop {
        match by_headers(bench, key.credential()).await? {
            None => return Err(Stop::skipped("the probe does not try out headers")),
            Some(true) => break,
            Some(false) if patience.again().await => {}
            Some(false) => {
                let form = key.credential().form();
                return Err(Stop::failed(format!(
                    "the key is live, but the provider does not accept its headers (form: {form})"
                )));
            }
        }
    }
    // A probe that accepts every header would have shown nothing.
    let accepted = by_headers(bench, &altered(key.credential())?).await?;
    ensure!(accepted == Some(false), "the probe accepts the headers of an unknown credential, too");
    Ok(())
}

/// Whether the provider recognizes the holder of a credential by its headers.
async fn by_headers(bench: &Bench<'_>, credential: &Credential) -> Result<Option<bool>, Stop> {
    match bench.harness().probe() {
        Some(probe) => Ok(probe.authenticates(credential.headers()).await?),
        None => Ok(None),
    }
}

/// The name and the error of a create that cannot succeed.
async fn failing(bench: &Bench<'_>, disturbance: Disturbance) -> Result<(KeyName, Error), Stop> {
    let create = Create::disturbed(bench, disturbance).await?;
    match create.answer {
        Err(error) => Ok((create.request.name().clone(), error)),
        Ok(_) => Err(Stop::failed(format!("after {disturbance}, a key was returned"))),
    }
}

async fn unknown(bench: &Bench<'_>, disturbance: Disturbance) -> Verdict {
    let (name, error) = failing(bench, disturbance).await?;
    ensure_effect(&error, Effect::Unknown)?;
    ensure_named(&error, &name)?;
    if bench.made(&name) == 0 { Ok(()) } else { ensure_settles(bench, &name, &error).await }
}

/// The name may be all that an app has of a key that may exist.
fn ensure_named(error: &Error, name: &KeyName) -> Verdict {
    let named = error.key_name();
    ensure!(named == Some(name), "the error names {named:?}, not {name:?}: {error}");
    Ok(())
}

async fn names_key(bench: &Bench<'_>) -> Verdict {
    let (name, error) = failing(bench, Disturbance::LoseAnswer).await?;
    ensure_named(&error, &name)
}

async fn rate_limited(bench: &Bench<'_>) -> Verdict {
    let (name, error) = failing(bench, Disturbance::RateLimit(LONG)).await?;
    ensure_effect(&error, Effect::Rejected)?;
    let made = bench.made(&name);
    ensure!(made == 0, "rejected, but {} created", plural(made as u64, "key"));
    Ok(())
}

/// The app knows the key by the name in the error.
async fn reconciles(bench: &Bench<'_>, disturbance: Disturbance) -> Verdict {
    let (name, error) = failing(bench, disturbance).await?;
    ensure_named(&error, &name)?;
    settle(bench, &name).await
}

async fn settle(bench: &Bench<'_>, name: &KeyName) -> Verdict {
    let mut patience = bench.patience();
    loop {
        match bench.reconcile(name).await? {
            Reconciliation::Settled { revocation: Revocation::Revoked, .. } => break,
            Reconciliation::NothingFound { .. } if patience.again().await => {}
            other => return Err(Stop::failed(format!("the create is not settled: {other:?}"))),
        }
    }
    let live = bench.live(name);
    ensure!(live == 0, "settled, but {} live", plural(live as u64, "key"));
    Ok(())
}
