//! The clauses that hold for every method.

use std::error::Error as _;

use pinning_keys_core::{Error, ErrorKind, KeyQuery, Operation};

use super::shared::{Prepared, call, call_disturbed};
use crate::bench::Bench;
use crate::case::{Case, case, no_keys, one_key, two_keys};
use crate::disturbance::Disturbance;
use crate::need::Need::{
    CountsEndless, Fault, HasDebugForms, HasOutputs, HasProxy, HasSurroundings,
};
use crate::need::{LISTS, REVOKES};
use crate::text::plural;
use crate::verdict::{Stop, Verdict, ensure};

/// More than an adapter has reason to read of any answer.
const ENDLESS_BYTES: u64 = 64 * 1024 * 1024;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("all-01-undisturbed-calls-end-in-time", two_keys, [LISTS, REVOKES], bench => undisturbed(bench)),
    case!("all-01-issue-ends-when-no-answer-comes", two_keys,
        [Fault(Operation::Issue, Disturbance::Hang)], bench => ends(bench, Operation::Issue, Disturbance::Hang)),
    case!("all-01-list-ends-when-no-answer-comes", two_keys,
        [Fault(Operation::List, Disturbance::Hang)], bench => ends(bench, Operation::List, Disturbance::Hang)),
    case!("all-01-revoke-ends-when-no-answer-comes", two_keys,
        [Fault(Operation::Revoke, Disturbance::Hang)], bench => ends(bench, Operation::Revoke, Disturbance::Hang)),
    case!("all-01-verify-ends-when-no-answer-comes", two_keys,
        [Fault(Operation::Verify, Disturbance::Hang)], bench => ends(bench, Operation::Verify, Disturbance::Hang)),
    case!("all-01-issue-ends-when-the-answer-drips", two_keys,
        [Fault(Operation::Issue, Disturbance::Drip)], bench => ends(bench, Operation::Issue, Disturbance::Drip)),
    case!("all-01-list-ends-when-the-answer-drips", two_keys,
        [Fault(Operation::List, Disturbance::Drip)], bench => ends(bench, Operation::List, Disturbance::Drip)),
    case!("all-01-revoke-ends-when-the-answer-drips", two_keys,
        [Fault(Operation::Revoke, Disturbance::Drip)], bench => ends(bench, Operation::Revoke, Disturbance::Drip)),
    case!("all-01-verify-ends-when-the-answer-drips", two_keys,
        [Fault(Operation::Verify, Disturbance::Drip)], bench => ends(bench, Operation::Verify, Disturbance::Drip)),
    case!("all-02-issue-stops-reading-an-endless-answer", two_keys,
        [Fault(Operation::Issue, Disturbance::Endless), CountsEndless], bench => endless(bench, Operation::Issue)),
    case!("all-02-list-stops-reading-an-endless-answer", two_keys,
        [Fault(Operation::List, Disturbance::Endless), CountsEndless], bench => endless(bench, Operation::List)),
    case!("all-02-revoke-stops-reading-an-endless-answer", two_keys,
        [Fault(Operation::Revoke, Disturbance::Endless), CountsEndless], bench => endless(bench, Operation::Revoke)),
    case!("all-02-verify-stops-reading-an-endless-answer", two_keys,
        [Fault(Operation::Verify, Disturbance::Endless), CountsEndless], bench => endless(bench, Operation::Verify)),
    case!("all-03-issued-key-shows-no-secret", one_key, [], bench => issued_key(bench)),
    case!("all-03-log-shows-no-secret", one_key, [HasOutputs, LISTS, REVOKES], bench => log(bench)),
    case!("all-03-debug-forms-show-no-secret", one_key, [HasDebugForms, LISTS, REVOKES], bench => debug_forms(bench)),
    case!("all-03-issue-refusal-does-not-echo-the-request", two_keys,
        [Fault(Operation::Issue, Disturbance::Echo)], bench => quotes_nothing(bench, Operation::Issue, Disturbance::Echo)),
    case!("all-03-verify-refusal-does-not-echo-the-request", two_keys,
        [Fault(Operation::Verify, Disturbance::Echo)], bench => quotes_nothing(bench, Operation::Verify, Disturbance::Echo)),
    case!("all-03-unreadable-issue-answer-is-not-quoted", two_keys,
        [Fault(Operation::Issue, Disturbance::WrongShape)], bench => quotes_nothing(bench, Operation::Issue, Disturbance::WrongShape)),
    case!("all-03-html-list-answer-is-not-quoted", two_keys,
        [Fault(Operation::List, Disturbance::HtmlAfter)], bench => quotes_nothing(bench, Operation::List, Disturbance::HtmlAfter)),
    case!("all-04-issue-follows-no-redirect-elsewhere", two_keys,
        [Fault(Operation::Issue, Disturbance::RedirectElsewhere)], bench => redirected(bench, Operation::Issue)),
    case!("all-04-list-follows-no-redirect-elsewhere", two_keys,
        [Fault(Operation::List, Disturbance::RedirectElsewhere)], bench => redirected(bench, Operation::List)),
    case!("all-04-revoke-follows-no-redirect-elsewhere", two_keys,
        [Fault(Operation::Revoke, Disturbance::RedirectElsewhere)], bench => redirected(bench, Operation::Revoke)),
    case!("all-04-verify-follows-no-redirect-elsewhere", two_keys,
        [Fault(Operation::Verify, Disturbance::RedirectElsewhere)], bench => redirected(bench, Operation::Verify)),
    case!("all-04-plain-http-to-another-host-is-refused", no_keys, [HasSurroundings, LISTS], bench => plain_http(bench)),
    case!("all-04-loopback-bypasses-the-proxy", no_keys, [HasProxy, LISTS], bench => proxy(bench)),
];

async fn undisturbed(bench: &Bench<'_>) -> Verdict {
    let prepared = Prepared::new(bench).await?;
    for operation in [Operation::Issue, Operation::List, Operation::Verify, Operation::Revoke] {
        call(bench, operation, &prepared).await?;
    }
    Ok(())
}

/// The call may fail, or succeed at another attempt, but it must end, which the bench checks.
async fn ends(bench: &Bench<'_>, operation: Operation, disturbance: Disturbance) -> Verdict {
    call_disturbed(bench, operation, disturbance).await.map(drop)
}

async fn endless(bench: &Bench<'_>, operation: Operation) -> Verdict {
    let before = endless_bytes(bench)?;
    ends(bench, operation, Disturbance::Endless).await?;
    let taken = endless_bytes(bench)? - before;
    ensure!(taken <= ENDLESS_BYTES, "{taken} bytes of an endless answer were read");
    Ok(())
}

fn endless_bytes(bench: &Bench<'_>) -> Result<u64, Stop> {
    let taken = bench.faults()?.endless_bytes_taken();
    taken.ok_or_else(|| Stop::failed("the fault switch no longer counts bytes"))
}

async fn issued_key(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    bench.ensure_clean("the Debug form of an issued key", &format!("{key:?} {key:#?}"))?;
    bench.ensure_clean("the reference of an issued key", &key.key_ref().to_string())
}

/// Calls every method once, so that each has had a chance to log.
async fn exercise(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    bench.wait_until_live(key.credential()).await?;
    bench.page(&KeyQuery::new()).await?;
    let _ = bench.revoke(key.key_ref()).await?;
    Ok(())
}

async fn log(bench: &Bench<'_>) -> Verdict {
    exercise(bench).await?;
    bench.ensure_clean("the log", &bench.outputs()?.log())
}

async fn debug_forms(bench: &Bench<'_>) -> Verdict {
    exercise(bench).await?;
    let forms = bench.outputs()?.debug_forms();
    forms.iter().try_for_each(|form| bench.ensure_clean("a Debug form", form))
}

async fn quotes_nothing(
    bench: &Bench<'_>,
    operation: Operation,
    disturbance: Disturbance,
) -> Verdict {
    let Some(error) = call_disturbed(bench, operation, disturbance).await? else {
        return Err(Stop::failed(format!("{disturbance} is treated as success")));
    };
    bench.ensure_clean("the error", &all_texts(&error))
}

/// Every text of an error and its sources.
fn all_texts(error: &Error) -> String {
    let mut texts = vec![format!("{error} {error:?} {error:#?}")];
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push(format!("{cause} {cause:?}"));
        source = cause.source();
    }
    texts.join(" ")
}

async fn redirected(bench: &Bench<'_>, operation: Operation) -> Verdict {
    let before = bench.faults()?.strayed();
    let error = call_disturbed(bench, operation, Disturbance::RedirectElsewhere).await?;
    let strayed = bench.faults()?.strayed() - before;
    ensure!(strayed == 0, "{} followed the redirect", plural(strayed, "request"));
    ensure!(error.is_some(), "a redirect is treated as success");
    Ok(())
}

/// The host cannot exist, so nothing is sent anywhere even if the adapter is wrong.
async fn plain_http(bench: &Bench<'_>) -> Verdict {
    let Ok(issuer) = bench.surroundings()?.issuer_at("http://keys.invalid").await else {
        return Ok(());
    };
    let answer = bench.bounded("list", issuer.list(&KeyQuery::new())).await?;
    let refused = answer.is_err_and(|error| error.kind() == ErrorKind::Configuration);
    ensure!(refused, "an issuer for plain http to another host sends requests");
    Ok(())
}

async fn proxy(bench: &Bench<'_>) -> Verdict {
    let surroundings = bench.surroundings()?;
    let before = surroundings.proxied();
    let issuer = surroundings.issuer_behind_proxy().await?;
    let answer = bench.bounded("list", issuer.list(&KeyQuery::new())).await?;
    let proxied = surroundings.proxied() - before;
    ensure!(proxied == 0, "{} went through the proxy", plural(proxied, "request"));
    answer?;
    Ok(())
}
