//! The clauses of `KeyIssuer::issue`, but for what the scopes come to.

use std::time::Duration;

use pinning_keys_core::{
    Effect, Error, ErrorKind, IssuedKey, KeyName, KeyRequest, Operation, Permission,
    Reconciliation, Revocation, ScopeRequest,
};

use super::shared::ensure_issue_refused;
use super::{one, two};
use crate::Disturbance;
use crate::bench::Bench;
use crate::case::Need::{Fault, Ledger, OwnScopes, Profile};
use crate::case::{Case, LISTS, REVOKES, Stop, Verdict, case, ensure};
use crate::scopes;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("issue-01-inexpressible-fails-before-any-request", one,
        [OwnScopes, Profile(|p| scopes::foreign(p.table()).is_some(), "the table expresses everything"), Ledger],
        bench => inexpressible(bench)),
    case!("issue-01-inseparable-fails-before-any-request", one,
        [OwnScopes, Profile(|p| scopes::inseparable(p.table()).is_some(), "the table separates everything"), Ledger],
        bench => inseparable(bench)),
    case!("issue-01-admin-only-permission-makes-no-admin-key", one,
        [OwnScopes, Profile(|p| !p.table().admin_only().is_empty(), "nothing takes an admin key")],
        bench => admin_only(bench)),
    case!("issue-02-one-create-where-nothing-goes-wrong", one, [Ledger], bench => one_create(bench, None)),
    case!("issue-02-one-create-after-status-500", two,
        [Ledger, Fault(Operation::Issue, Disturbance::ErrorAfter(500))],
        bench => one_create(bench, Some(Disturbance::ErrorAfter(500)))),
    case!("issue-02-one-create-after-status-503", two,
        [Ledger, Fault(Operation::Issue, Disturbance::ErrorAfter(503))],
        bench => one_create(bench, Some(Disturbance::ErrorAfter(503)))),
    case!("issue-02-one-create-after-a-lost-answer", two,
        [Ledger, Fault(Operation::Issue, Disturbance::LoseAnswer)],
        bench => one_create(bench, Some(Disturbance::LoseAnswer))),
    case!("issue-02-one-create-where-no-answer-comes", two,
        [Ledger, Fault(Operation::Issue, Disturbance::Hang)],
        bench => one_create(bench, Some(Disturbance::Hang))),
    case!("issue-02-one-create-after-an-answer-of-another-shape", two,
        [Ledger, Fault(Operation::Issue, Disturbance::WrongShape)],
        bench => one_create(bench, Some(Disturbance::WrongShape))),
    case!("issue-02-one-create-after-an-answer-that-breaks-off", two,
        [Ledger, Fault(Operation::Issue, Disturbance::Truncated)],
        bench => one_create(bench, Some(Disturbance::Truncated))),
    case!("issue-02-one-create-after-a-refused-connection", two,
        [Ledger, Fault(Operation::Issue, Disturbance::RefuseConnection)],
        bench => one_create(bench, Some(Disturbance::RefuseConnection))),
    case!("issue-02-one-create-after-a-cut-connection", two,
        [Ledger, Fault(Operation::Issue, Disturbance::CutBeforeRead)],
        bench => one_create(bench, Some(Disturbance::CutBeforeRead))),
    case!("issue-03-credential-authenticates", one, [], bench => authenticates(bench)),
    case!("issue-05-lost-answer-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::LoseAnswer)], bench => unknown(bench, Disturbance::LoseAnswer)),
    case!("issue-05-no-answer-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::Hang)], bench => unknown(bench, Disturbance::Hang)),
    case!("issue-05-status-500-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::ErrorAfter(500))], bench => unknown(bench, Disturbance::ErrorAfter(500))),
    case!("issue-05-status-503-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::ErrorAfter(503))], bench => unknown(bench, Disturbance::ErrorAfter(503))),
    case!("issue-05-broken-answer-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::Truncated)], bench => unknown(bench, Disturbance::Truncated)),
    case!("issue-05-empty-answer-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::Empty)], bench => unknown(bench, Disturbance::Empty)),
    case!("issue-05-html-answer-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::HtmlAfter)], bench => unknown(bench, Disturbance::HtmlAfter)),
    case!("issue-05-answer-of-another-shape-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::WrongShape)], bench => unknown(bench, Disturbance::WrongShape)),
    case!("issue-05-answer-that-is-no-text-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::NotUtf8)], bench => unknown(bench, Disturbance::NotUtf8)),
    case!("issue-05-endless-answer-is-unknown", one,
        [Fault(Operation::Issue, Disturbance::Endless)], bench => unknown(bench, Disturbance::Endless)),
    case!("issue-05-unknown-create-carries-the-name", one,
        [Fault(Operation::Issue, Disturbance::LoseAnswer)], bench => carries_name(bench)),
    case!("issue-05-limit-of-requests-is-a-rejection", one,
        [Fault(Operation::Issue, Disturbance::RateLimit(LONG))], bench => rate_limited(bench)),
    case!("issue-05-reconcile-settles-a-lost-create", one,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::LoseAnswer)],
        bench => reconciles(bench, Disturbance::LoseAnswer)),
    case!("issue-05-reconcile-settles-a-create-without-an-answer", one,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::Hang)],
        bench => reconciles(bench, Disturbance::Hang)),
    case!("issue-05-reconcile-settles-a-create-with-status-500", one,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::ErrorAfter(500))],
        bench => reconciles(bench, Disturbance::ErrorAfter(500))),
    case!("issue-05-reconcile-settles-a-create-with-a-broken-answer", one,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::Truncated)],
        bench => reconciles(bench, Disturbance::Truncated)),
    case!("issue-05-reconcile-settles-a-create-with-an-answer-of-another-shape", one,
        [LISTS, REVOKES, Fault(Operation::Issue, Disturbance::WrongShape)],
        bench => reconciles(bench, Disturbance::WrongShape)),
];

/// Longer than any adapter waits.
const LONG: Duration = Duration::from_secs(3600);

async fn inexpressible(bench: &Bench<'_>) -> Verdict {
    refused(bench, scopes::foreign(bench.profile().table())).await
}

async fn inseparable(bench: &Bench<'_>) -> Verdict {
    refused(bench, scopes::inseparable(bench.profile().table())).await
}

async fn admin_only(bench: &Bench<'_>) -> Verdict {
    refused(bench, bench.profile().table().admin_only().iter().next()).await
}

async fn refused(bench: &Bench<'_>, permission: Option<Permission>) -> Verdict {
    let permission = permission.ok_or_else(|| Stop::failed("there is no such permission"))?;
    let request = bench.request(ScopeRequest::needs(permission))?;
    ensure_issue_refused(bench, ErrorKind::Inexpressible, &request).await
}

/// A create, and what became of it.
struct Create {
    request: KeyRequest,
    answer: Result<IssuedKey, Error>,
    /// How often the request was sent, where that is counted.
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
    let made = made(bench, create.name());
    ensure!(made <= 1, "one call made {made} keys");
    // Where names are unique the second one is refused, and should not have been sent all the same.
    let sent = create.sent.unwrap_or(0);
    ensure!(made == 0 || sent <= 1, "the key was made, and the request was sent {sent} times");
    match &create.answer {
        Ok(_) => ensure!(made == 1, "a key was handed out, and none was made"),
        Err(error) if made == 1 => ensure_settles(bench, create.name(), error).await?,
        Err(error) if error.effect() == Effect::Unknown => ensure_named(error, create.name())?,
        Err(_) => {}
    }
    Ok(())
}

/// What was made and not handed out is told as unknown, and can be settled by its name.
async fn ensure_settles(bench: &Bench<'_>, name: &KeyName, error: &Error) -> Verdict {
    let effect = error.effect();
    ensure!(
        effect == Effect::Unknown,
        "it was made, and its effect is told as {effect:?}: {error}"
    );
    ensure_named(error, name)?;
    if bench.harness().lacks(Operation::List) || bench.harness().lacks(Operation::Revoke) {
        return Ok(());
    }
    settle(bench, name).await
}

/// How many keys of this name the provider made, as far as somebody counts them.
fn made(bench: &Bench<'_>, name: &KeyName) -> usize {
    bench.ledger().map_or(0, |ledger| ledger.made(name.as_str()))
}

async fn authenticates(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    bench.wait_until_live(key.credential()).await
}

/// The name and the error of a create that must not succeed.
async fn failing(bench: &Bench<'_>, disturbance: Disturbance) -> Result<(KeyName, Error), Stop> {
    let create = Create::disturbed(bench, disturbance).await?;
    match create.answer {
        Err(error) => Ok((create.request.name().clone(), error)),
        Ok(_) => Err(Stop::failed(format!("after {disturbance} a key is handed out"))),
    }
}

async fn unknown(bench: &Bench<'_>, disturbance: Disturbance) -> Verdict {
    let (name, error) = failing(bench, disturbance).await?;
    let effect = error.effect();
    ensure!(effect == Effect::Unknown, "its effect is told as {effect:?}: {error}");
    ensure_named(&error, &name)?;
    if made(bench, &name) == 0 { Ok(()) } else { ensure_settles(bench, &name, &error).await }
}

/// The name is all that an app may have left of a create that may have made a key.
fn ensure_named(error: &Error, name: &KeyName) -> Verdict {
    let told = error.key_name();
    ensure!(told == Some(name), "the error names {told:?}: {error}");
    Ok(())
}

async fn carries_name(bench: &Bench<'_>) -> Verdict {
    let (name, error) = failing(bench, Disturbance::LoseAnswer).await?;
    ensure_named(&error, &name)
}

async fn rate_limited(bench: &Bench<'_>) -> Verdict {
    let (name, error) = failing(bench, Disturbance::RateLimit(LONG)).await?;
    let effect = error.effect();
    ensure!(effect == Effect::Rejected, "its effect is told as {effect:?}: {error}");
    let made = made(bench, &name);
    ensure!(made == 0, "it is told as rejected, and {made} keys were made");
    Ok(())
}

/// By the name that the error tells.
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
            other => return Err(Stop::failed(format!("it is not settled: {other:?}"))),
        }
    }
    let live = bench.ledger().map_or(0, |ledger| ledger.live(name.as_str()));
    ensure!(live == 0, "{live} keys are live after it was settled");
    Ok(())
}
