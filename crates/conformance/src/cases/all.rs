//! What holds for every method.

use std::error::Error as _;

use pinning_keys_core::{Error, ErrorKind, KeyQuery, Operation};

use super::shared::{Prepared, call, call_disturbed};
use super::{none, one, two};
use crate::Disturbance;
use crate::bench::Bench;
use crate::case::Need::{DebugForms, EndlessCount, Fault, Outputs, Proxy, Surroundings};
use crate::case::{Case, LISTS, REVOKES, Stop, Verdict, case, ensure};

/// Longer than any answer that an adapter has reason to read.
const ENDLESS_BYTES: u64 = 64 * 1024 * 1024;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("all-01-undisturbed-calls-end-in-time", two, [LISTS, REVOKES], bench => undisturbed(bench)),
    case!("all-01-issue-ends-where-no-answer-comes", two,
        [Fault(Operation::Issue, Disturbance::Hang)], bench => ends(bench, Operation::Issue, Disturbance::Hang)),
    case!("all-01-list-ends-where-no-answer-comes", two,
        [Fault(Operation::List, Disturbance::Hang)], bench => ends(bench, Operation::List, Disturbance::Hang)),
    case!("all-01-revoke-ends-where-no-answer-comes", two,
        [Fault(Operation::Revoke, Disturbance::Hang)], bench => ends(bench, Operation::Revoke, Disturbance::Hang)),
    case!("all-01-verify-ends-where-no-answer-comes", two,
        [Fault(Operation::Verify, Disturbance::Hang)], bench => ends(bench, Operation::Verify, Disturbance::Hang)),
    case!("all-01-issue-ends-where-the-answer-drips", two,
        [Fault(Operation::Issue, Disturbance::Drip)], bench => ends(bench, Operation::Issue, Disturbance::Drip)),
    case!("all-01-list-ends-where-the-answer-drips", two,
        [Fault(Operation::List, Disturbance::Drip)], bench => ends(bench, Operation::List, Disturbance::Drip)),
    case!("all-01-revoke-ends-where-the-answer-drips", two,
        [Fault(Operation::Revoke, Disturbance::Drip)], bench => ends(bench, Operation::Revoke, Disturbance::Drip)),
    case!("all-01-verify-ends-where-the-answer-drips", two,
        [Fault(Operation::Verify, Disturbance::Drip)], bench => ends(bench, Operation::Verify, Disturbance::Drip)),
    case!("all-02-issue-stops-reading-an-endless-answer", two,
        [Fault(Operation::Issue, Disturbance::Endless), EndlessCount], bench => endless(bench, Operation::Issue)),
    case!("all-02-list-stops-reading-an-endless-answer", two,
        [Fault(Operation::List, Disturbance::Endless), EndlessCount], bench => endless(bench, Operation::List)),
    case!("all-02-revoke-stops-reading-an-endless-answer", two,
        [Fault(Operation::Revoke, Disturbance::Endless), EndlessCount], bench => endless(bench, Operation::Revoke)),
    case!("all-02-verify-stops-reading-an-endless-answer", two,
        [Fault(Operation::Verify, Disturbance::Endless), EndlessCount], bench => endless(bench, Operation::Verify)),
    case!("all-03-issued-key-shows-no-secret", one, [], bench => issued_key(bench)),
    case!("all-03-log-shows-no-secret", one, [Outputs, LISTS, REVOKES], bench => log(bench)),
    case!("all-03-debug-forms-show-no-secret", one, [DebugForms, LISTS, REVOKES], bench => debug_forms(bench)),
    case!("all-03-refusal-does-not-repeat-the-request-of-issue", two,
        [Fault(Operation::Issue, Disturbance::Echo)], bench => quotes_nothing(bench, Operation::Issue, Disturbance::Echo)),
    case!("all-03-refusal-does-not-repeat-the-request-of-verify", two,
        [Fault(Operation::Verify, Disturbance::Echo)], bench => quotes_nothing(bench, Operation::Verify, Disturbance::Echo)),
    case!("all-03-unreadable-answer-to-issue-is-not-quoted", two,
        [Fault(Operation::Issue, Disturbance::WrongShape)], bench => quotes_nothing(bench, Operation::Issue, Disturbance::WrongShape)),
    case!("all-03-html-answer-to-list-is-not-quoted", two,
        [Fault(Operation::List, Disturbance::HtmlAfter)], bench => quotes_nothing(bench, Operation::List, Disturbance::HtmlAfter)),
    case!("all-04-issue-follows-no-redirect-elsewhere", two,
        [Fault(Operation::Issue, Disturbance::RedirectElsewhere)], bench => redirected(bench, Operation::Issue)),
    case!("all-04-list-follows-no-redirect-elsewhere", two,
        [Fault(Operation::List, Disturbance::RedirectElsewhere)], bench => redirected(bench, Operation::List)),
    case!("all-04-revoke-follows-no-redirect-elsewhere", two,
        [Fault(Operation::Revoke, Disturbance::RedirectElsewhere)], bench => redirected(bench, Operation::Revoke)),
    case!("all-04-verify-follows-no-redirect-elsewhere", two,
        [Fault(Operation::Verify, Disturbance::RedirectElsewhere)], bench => redirected(bench, Operation::Verify)),
    case!("all-04-plain-http-to-elsewhere-is-refused", none, [Surroundings, LISTS], bench => plain_http(bench)),
    case!("all-04-this-machine-is-reached-without-a-proxy", none, [Proxy, LISTS], bench => proxy(bench)),
];

async fn undisturbed(bench: &Bench<'_>) -> Verdict {
    let prepared = Prepared::new(bench).await?;
    for operation in [Operation::Issue, Operation::List, Operation::Verify, Operation::Revoke] {
        call(bench, operation, &prepared).await?;
    }
    Ok(())
}

/// Whether it fails or succeeds by another attempt, it ends; the bench sees to that.
async fn ends(bench: &Bench<'_>, operation: Operation, disturbance: Disturbance) -> Verdict {
    call_disturbed(bench, operation, disturbance).await.map(drop)
}

async fn endless(bench: &Bench<'_>, operation: Operation) -> Verdict {
    let before = endless_bytes(bench)?;
    ends(bench, operation, Disturbance::Endless).await?;
    let taken = endless_bytes(bench)? - before;
    ensure!(taken <= ENDLESS_BYTES, "{taken} bytes of an endless answer were taken");
    Ok(())
}

fn endless_bytes(bench: &Bench<'_>) -> Result<u64, Stop> {
    let taken = bench.faults()?.endless_bytes_taken();
    taken.ok_or_else(|| Stop::failed("the fault switch does not count bytes any more"))
}

async fn issued_key(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    bench.ensure_clean("the Debug form of an issued key", &format!("{key:?} {key:#?}"))?;
    bench.ensure_clean("the reference of an issued key", &key.key_ref().to_string())
}

/// Every method once, so that each has had its chance to say something.
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
        return Err(Stop::failed(format!("{disturbance} is taken for success")));
    };
    bench.ensure_clean("the error", &all_texts(&error))
}

/// All that an error and its causes say.
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
    ensure!(strayed == 0, "the redirect was followed with {strayed} requests");
    ensure!(error.is_some(), "a redirect is taken for success");
    Ok(())
}

/// The host is one that cannot exist, so that nothing gets anywhere even if this goes wrong.
async fn plain_http(bench: &Bench<'_>) -> Verdict {
    let Ok(issuer) = bench.surroundings()?.issuer_at("http://keys.invalid").await else {
        return Ok(());
    };
    let answer = bench.bounded("list", issuer.list(&KeyQuery::new())).await?;
    let refused = answer.is_err_and(|error| error.kind() == ErrorKind::Configuration);
    ensure!(refused, "an issuer for plain http to another machine is made, and sends requests");
    Ok(())
}

async fn proxy(bench: &Bench<'_>) -> Verdict {
    let surroundings = bench.surroundings()?;
    let before = surroundings.proxied();
    let issuer = surroundings.issuer_behind_proxy().await?;
    let answer = bench.bounded("list", issuer.list(&KeyQuery::new())).await?;
    let proxied = surroundings.proxied() - before;
    ensure!(proxied == 0, "{proxied} requests went through the proxy");
    answer?;
    Ok(())
}
