//! The clauses of `KeyIssuer::verify`.

use std::num::NonZeroU64;

use pinning_keys_core::{Credential, Error, ErrorKind, IssuerProfile, Operation, Verification};

use super::shared::{altered, ensure_refused, live_key, of_another_provider};
use crate::bench::Bench;
use crate::case::{Case, case, one_key};
use crate::disturbance::Disturbance;
use crate::need::Need::{Fault, HasLedger, MaySkipLate, Profile};
use crate::need::REVOKES;
use crate::verdict::{Stop, Verdict, ensure};

/// The most verifications of a key with one use.
const TRIES: usize = 5;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("verify-01-live-key-is-live", one_key, [], bench => live(bench)),
    case!("verify-01-unknown-credential-is-unrecognized", one_key, [], bench => unknown(bench)),
    case!("verify-01-revoked-key-is-not-live", one_key, [REVOKES], bench => revoked(bench)),
    case!("verify-01-exhausted-key-is-not-live", one_key,
        [HasLedger, Profile(IssuerProfile::supports_max_uses, "the profile offers no use limit"), MaySkipLate(|_| true)], bench => exhausted(bench)),
    case!("verify-02-html-is-an-error", one_key,
        [Fault(Operation::Verify, Disturbance::Html(200))],
        bench => is_error(bench, Disturbance::Html(200))),
    case!("verify-02-empty-answer-is-an-error", one_key,
        [Fault(Operation::Verify, Disturbance::Empty)],
        bench => is_error(bench, Disturbance::Empty)),
    case!("verify-02-unexpected-json-is-an-error", one_key,
        [Fault(Operation::Verify, Disturbance::WrongShape)],
        bench => is_error(bench, Disturbance::WrongShape)),
    case!("verify-02-foreign-401-decides-nothing", one_key,
        [Fault(Operation::Verify, Disturbance::Html(401))],
        bench => decides_nothing(bench, Disturbance::Html(401))),
    case!("verify-02-status-503-decides-nothing", one_key,
        [Fault(Operation::Verify, Disturbance::ErrorBefore(503))],
        bench => decides_nothing(bench, Disturbance::ErrorBefore(503))),
    case!("verify-03-foreign-credential-is-refused-before-any-request", one_key, [HasLedger], bench => foreign(bench)),
];

async fn live(bench: &Bench<'_>) -> Verdict {
    live_key(bench).await.map(drop)
}

async fn unknown(bench: &Bench<'_>) -> Verdict {
    let key = live_key(bench).await?;
    let verification = bench.verify(&altered(key.credential())?).await?;
    let expected = verification == Verification::Unrecognized;
    ensure!(expected, "a credential with a wrong secret is {verification:?}");
    Ok(())
}

async fn revoked(bench: &Bench<'_>) -> Verdict {
    let key = live_key(bench).await?;
    let _ = bench.revoke(key.key_ref()).await?;
    let verification = bench.wait_until_dead(key.credential()).await?;
    let expected = matches!(verification, Verification::Revoked | Verification::Unrecognized);
    ensure!(expected, "a revoked key is {verification:?}");
    Ok(())
}

async fn exhausted(bench: &Bench<'_>) -> Verdict {
    let request = bench.plain_request()?.with_max_uses(NonZeroU64::new(1).unwrap());
    let key = bench.issue(&request).await?;
    let ledger =
        bench.ledger().ok_or_else(|| Stop::failed("the harness no longer has a ledger"))?;
    for _ in 0..TRIES {
        let used_up = ledger.uses_left(key.name().as_str()) == Some(0);
        let verification = bench.verify(key.credential()).await?;
        match (used_up, verification) {
            (true, Verification::Live) => {
                return Err(Stop::failed("a key with no uses left is live"));
            }
            (true, _) => return Ok(()),
            (false, _) => {}
        }
    }
    Err(Stop::skipped("the ledger shows no uses, or verifying does not count as one"))
}

/// An unreadable answer decides nothing, about a live key or an unknown one.
async fn is_error(bench: &Bench<'_>, disturbance: Disturbance) -> Verdict {
    let key = live_key(bench).await?;
    for credential in [key.credential(), &altered(key.credential())?] {
        if let Ok(verification) = disturbed(bench, credential, disturbance).await? {
            return Err(believed(disturbance, verification));
        }
    }
    Ok(())
}

/// An adapter may try again and then report the truth. It must not believe the disturbed answer,
/// which would call a live key dead, or an unknown one live.
async fn decides_nothing(bench: &Bench<'_>, disturbance: Disturbance) -> Verdict {
    let key = live_key(bench).await?;
    match disturbed(bench, key.credential(), disturbance).await? {
        Ok(Verification::Live) | Err(_) => {}
        Ok(verification) => return Err(believed(disturbance, verification)),
    }
    let unknown = altered(key.credential())?;
    match disturbed(bench, &unknown, disturbance).await? {
        Ok(Verification::Live) => Err(believed(disturbance, Verification::Live)),
        _ => Ok(()),
    }
}

/// Verifies with the next request disturbed.
async fn disturbed(
    bench: &Bench<'_>,
    credential: &Credential,
    disturbance: Disturbance,
) -> Result<Result<Verification, Error>, Stop> {
    bench.disturbed(Operation::Verify, disturbance, || bench.try_verify(credential)).await
}

fn believed(disturbance: Disturbance, verification: Verification) -> Stop {
    Stop::failed(format!("{disturbance} makes verify return {verification:?}"))
}

async fn foreign(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let foreign = of_another_provider(key.credential())?;
    let before = bench.requests();
    let answer = bench.try_verify(&foreign).await?;
    ensure_refused(bench, before, ErrorKind::InvalidInput, answer)
}
