//! The clauses of `KeyIssuer::plan`.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys_core::{Effect, IssuerProfile, KeyRequest, ScopeRequest};

use crate::bench::Bench;
use crate::calls::issue_failed;
use crate::case::{Case, case, no_keys, one_key};
use crate::facts::Facts;
use crate::need::Need::{HasLedger, MaySkipLate, OwnScopes, PlainKey, Profile};
use crate::scopes;
use crate::verdict::{Stop, Verdict, ensure};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("plan-01-fails-when-issue-fails-before-its-request", doubtful_keys, [], bench => fails_alike(bench)),
    case!("plan-01-succeeds-when-issue-succeeds", drawn_keys, [OwnScopes, Profile(can_draw, scopes::NONE_TO_DRAW)], bench => passes_alike(bench)),
    case!("plan-02-body-is-the-body-that-issue-sends", one_key, [HasLedger, MaySkipLate(|_| true)], bench => body(bench)),
    case!("plan-03-sends-nothing", no_keys, [HasLedger, PlainKey], bench => sends_nothing(bench)),
];

/// One for each of the [`doubtful`] requests, in case it is granted.
fn doubtful_keys(facts: &Facts) -> usize {
    4 + facts.profile.reserved_names().len()
}

fn drawn_keys(_: &Facts) -> usize {
    scopes::DRAWN
}

fn can_draw(profile: &IssuerProfile) -> bool {
    scopes::can_draw(profile.table())
}

/// Requests that some adapters refuse before any request.
fn doubtful(bench: &Bench<'_>) -> Result<Vec<KeyRequest>, Stop> {
    let table = bench.profile().table();
    let mut requests = vec![
        bench.plain_request()?.with_max_uses(NonZeroU64::new(2).unwrap()),
        bench.plain_request()?.with_expiry(Duration::from_secs(3600)),
    ];
    for permission in [scopes::foreign(table), scopes::inseparable(table)].into_iter().flatten() {
        requests.push(bench.request(ScopeRequest::needs(permission))?);
    }
    for name in bench.profile().reserved_names() {
        requests.push(KeyRequest::new(*name, bench.plain_request()?.scope().clone())?);
    }
    Ok(requests)
}

async fn fails_alike(bench: &Bench<'_>) -> Verdict {
    for request in doubtful(bench)? {
        ensure_alike(bench, &request).await?;
    }
    Ok(())
}

async fn passes_alike(bench: &Bench<'_>) -> Verdict {
    let drawn = scopes::drawn(bench.profile().table(), bench.harness().seed());
    for bounds in drawn {
        ensure_alike(bench, &bench.request(bounds.request())?).await?;
    }
    Ok(())
}

async fn ensure_alike(bench: &Bench<'_>, request: &KeyRequest) -> Verdict {
    let planned = bench.issuer().plan(request).map(|plan| *plan.translation());
    let issued = bench.try_issue(request).await?;
    let scope = request.scope();
    match (planned, issued) {
        (Ok(_), Ok(key)) => bench.discard(&key).await,
        (Err(plan), Err(issue)) => {
            let same = plan.kind() == issue.kind() && plan.to_string() == issue.to_string();
            ensure!(same, "{scope}: plan fails with: {plan}\nissue fails with: {issue}");
            Ok(())
        }
        (Ok(_), Err(issue)) => {
            ensure!(
                issue.effect() != Effect::NotSent,
                "{scope}: plan accepts what issue refuses: {issue}"
            );
            Err(issue_failed(request, &issue))
        }
        (Err(plan), Ok(_)) => {
            Err(Stop::failed(format!("{scope}: issue accepts what plan refuses: {plan}")))
        }
    }
}

async fn body(bench: &Bench<'_>) -> Verdict {
    let request = bench.plain_request()?;
    let plan = bench.issuer().plan(&request)?;
    bench.issue(&request).await?;
    let sent = bench.ledger().and_then(|ledger| ledger.create_body(request.name().as_str()));
    let Some(sent) = sent else {
        return Err(Stop::skipped("the ledger keeps no bodies"));
    };
    ensure!(plan.is_sent_as(&sent), "planned: {}\nsent: {sent}", plan.body());
    Ok(())
}

async fn sends_nothing(bench: &Bench<'_>) -> Verdict {
    let before = bench.requests();
    bench.issuer().plan(&bench.plain_request()?)?;
    // A request that the plan may have started gets the time to be sent.
    tokio::task::yield_now().await;
    ensure!(before == bench.requests(), "plan sent a request");
    Ok(())
}
