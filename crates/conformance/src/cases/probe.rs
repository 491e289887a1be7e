//! The clauses of `KeyIssuer::probe`.

use pinning_keys_core::{ErrorKind, IssuerProfile, ProbeVerdict, Verification};

use super::shared::{ensure_refused, live_key, of_another_provider};
use crate::bench::Bench;
use crate::case::{Case, case, one_key};
use crate::need::Need::{self, HasLedger, Profile};
use crate::need::REVOKES;
use crate::text::plural;
use crate::verdict::{Verdict, ensure};

const PROBES: Need = Profile(has_plan, "the profile has no probe plan");

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("probe-01-sends-what-the-plan-announces", one_key, [HasLedger, PROBES], bench => sends_plan(bench)),
    case!("probe-02-yes-and-no-are-true", one_key, [PROBES], bench => is_true(bench)),
    case!("probe-03-dead-credential-is-only-verified", one_key, [HasLedger, PROBES, REVOKES], bench => dead(bench)),
    case!("probe-04-foreign-credential-is-refused-before-any-request", one_key, [HasLedger, PROBES], bench => foreign(bench)),
];

fn has_plan(profile: &IssuerProfile) -> bool {
    profile.probe_plan().is_some()
}

async fn sends_plan(bench: &Bench<'_>) -> Verdict {
    let key = live_key(bench).await?;
    let most = bench.profile().probe_plan().map_or(0, |plan| plan.requests().len() as u64) + 1;
    let before = bench.requests();
    bench.probe(key.credential()).await?;
    let sent = bench.requests().zip(before).map_or(0, |(now, before)| now - before);
    ensure!(sent <= most, "{} sent, but the plan has {most}", plural(sent, "request"));
    let verification = bench.verify(key.credential()).await?;
    ensure!(verification == Verification::Live, "the key is {verification:?} after a probe");
    Ok(())
}

async fn is_true(bench: &Bench<'_>) -> Verdict {
    let key = live_key(bench).await?;
    let report = bench.probe(key.credential()).await?;
    for answer in report.answers() {
        let (permission, verdict) = (answer.permission(), answer.verdict());
        let may = key.granted().allows(permission);
        let is_wrong = match verdict {
            ProbeVerdict::Yes => !may,
            ProbeVerdict::No => may,
            _ => false,
        };
        ensure!(!is_wrong, "{permission} is {verdict} for a key that may {}", key.granted());
    }
    Ok(())
}

async fn dead(bench: &Bench<'_>) -> Verdict {
    let key = live_key(bench).await?;
    let _ = bench.revoke(key.key_ref()).await?;
    let _ = bench.wait_until_dead(key.credential()).await?;
    let before = bench.requests();
    let report = bench.probe(key.credential()).await?;
    let sent = bench.requests().zip(before).map_or(0, |(now, before)| now - before);
    ensure!(sent <= 1, "{} sent with a dead credential", plural(sent, "request"));
    ensure!(report.answers().is_empty(), "a dead credential has answers: {report}");
    Ok(())
}

async fn foreign(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let foreign = of_another_provider(key.credential())?;
    let before = bench.requests();
    let answer = bench.try_probe(&foreign).await?;
    ensure_refused(bench, before, ErrorKind::InvalidInput, answer)
}
