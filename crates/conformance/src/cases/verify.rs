//! The clauses of `KeyIssuer::verify`.

use std::num::NonZeroU64;

use pinning_keys_core::{
    Credential, Error, ErrorKind, IssuedKey, IssuerProfile, Operation, Verification,
};

use super::one;
use super::shared::{altered, ensure_refused, of_another_provider};
use crate::Disturbance;
use crate::bench::Bench;
use crate::case::Need::{Fault, Ledger, Profile, RunTells};
use crate::case::{Case, REVOKES, Stop, Verdict, case, ensure};

/// How often a key with one use is tried at most.
const TRIES: usize = 5;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("verify-01-live-key-is-live", one, [], bench => live(bench)),
    case!("verify-01-unknown-credential-is-unrecognized", one, [], bench => unknown(bench)),
    case!("verify-01-revoked-key-is-not-live", one, [REVOKES], bench => revoked(bench)),
    case!("verify-01-exhausted-key-is-not-live", one,
        [Ledger, Profile(IssuerProfile::supports_max_uses, "uses cannot be limited"), RunTells(|_, _| true)], bench => exhausted(bench)),
    case!("verify-02-html-is-no-word-for-a-credential", one,
        [Fault(Operation::Verify, Disturbance::Html(200))],
        bench => is_error(bench, Disturbance::Html(200))),
    case!("verify-02-empty-answer-is-no-word-for-a-credential", one,
        [Fault(Operation::Verify, Disturbance::Empty)],
        bench => is_error(bench, Disturbance::Empty)),
    case!("verify-02-answer-of-another-shape-is-no-word-for-a-credential", one,
        [Fault(Operation::Verify, Disturbance::WrongShape)],
        bench => is_error(bench, Disturbance::WrongShape)),
    case!("verify-02-foreign-401-is-no-word-against-a-credential", one,
        [Fault(Operation::Verify, Disturbance::Html(401))],
        bench => says_nothing(bench, Disturbance::Html(401))),
    case!("verify-02-status-503-is-no-word-against-a-credential", one,
        [Fault(Operation::Verify, Disturbance::ErrorBefore(503))],
        bench => says_nothing(bench, Disturbance::ErrorBefore(503))),
    case!("verify-03-foreign-credential-is-refused-before-any-request", one, [Ledger], bench => foreign(bench)),
];

async fn live_key(bench: &Bench<'_>) -> Result<IssuedKey, Stop> {
    let key = bench.plain_key().await?;
    bench.wait_until_live(key.credential()).await?;
    Ok(key)
}

async fn live(bench: &Bench<'_>) -> Verdict {
    live_key(bench).await.map(drop)
}

async fn unknown(bench: &Bench<'_>) -> Verdict {
    let key = live_key(bench).await?;
    let said = bench.verify(&altered(key.credential())?).await?;
    let expected = said == Verification::Unrecognized;
    ensure!(expected, "a credential with another secret is {said:?}");
    Ok(())
}

async fn revoked(bench: &Bench<'_>) -> Verdict {
    let key = live_key(bench).await?;
    let _ = bench.revoke(key.key_ref()).await?;
    let said = bench.wait_until_dead(key.credential()).await?;
    let expected = matches!(said, Verification::Revoked | Verification::Unrecognized);
    ensure!(expected, "a revoked key is {said:?}");
    Ok(())
}

async fn exhausted(bench: &Bench<'_>) -> Verdict {
    let request = bench.plain_request()?.with_max_uses(NonZeroU64::new(1).unwrap());
    let key = bench.issue(&request).await?;
    let ledger =
        bench.ledger().ok_or_else(|| Stop::failed("the harness has no ledger any more"))?;
    for _ in 0..TRIES {
        let used_up = ledger.uses_left(key.name().as_str()) == Some(0);
        let said = bench.verify(key.credential()).await?;
        match (used_up, said) {
            (true, Verification::Live) => {
                return Err(Stop::failed("a key without a use left is live"));
            }
            (true, _) => return Ok(()),
            (false, _) => {}
        }
    }
    Err(Stop::skipped("the ledger tells no uses, or asking does not count as one"))
}

/// What cannot be read tells nothing, whether the key is live or there is none.
async fn is_error(bench: &Bench<'_>, disturbance: Disturbance) -> Verdict {
    let key = live_key(bench).await?;
    for credential in [key.credential(), &altered(key.credential())?] {
        if let Ok(said) = disturbed(bench, credential, disturbance).await? {
            return Err(taken(disturbance, said));
        }
    }
    Ok(())
}

/// An adapter may ask again, and then says what is so. What it cannot do is take the answer for
/// a word: a live key would be called dead, or one that does not exist live.
async fn says_nothing(bench: &Bench<'_>, disturbance: Disturbance) -> Verdict {
    let key = live_key(bench).await?;
    match disturbed(bench, key.credential(), disturbance).await? {
        Ok(Verification::Live) | Err(_) => {}
        Ok(said) => return Err(taken(disturbance, said)),
    }
    let unknown = altered(key.credential())?;
    match disturbed(bench, &unknown, disturbance).await? {
        Ok(Verification::Live) => Err(taken(disturbance, Verification::Live)),
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

fn taken(disturbance: Disturbance, said: Verification) -> Stop {
    Stop::failed(format!("{disturbance} is taken for the provider's word that it is {said:?}"))
}

async fn foreign(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let foreign = of_another_provider(key.credential())?;
    let before = bench.requests();
    let answer = bench.try_verify(&foreign).await?;
    ensure_refused(bench, before, ErrorKind::InvalidInput, answer)
}
