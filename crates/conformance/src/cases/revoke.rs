//! The clauses of `KeyIssuer::revoke`.

use pinning_keys_core::{
    Error, ErrorKind, IssuedKey, KeyRecord, KeyRef, Operation, Permission, Revocation, Verification,
};

use super::shared::{another_provider, ensure_refused, live_key, try_out};
use crate::bench::Bench;
use crate::case::{Case, case, one_key, two_keys};
use crate::disturbance::Disturbance;
use crate::need::Need::{Fault, HasLedger, HasProbe, MaySkipLate, Profile};
use crate::need::REVOKES;
use crate::verdict::{Stop, Verdict, ensure};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("revoke-01-credential-stops-working", one_key, [REVOKES], bench => stops_working(bench)),
    case!("revoke-01-revoked-key-can-do-nothing", one_key, [REVOKES, HasProbe, MaySkipLate(|_| true)], bench => can_do_nothing(bench)),
    case!("revoke-01-key-is-gone-at-the-provider", one_key, [REVOKES, HasLedger], bench => gone_at_provider(bench)),
    case!("revoke-01-failed-revoke-is-not-reported-as-done", one_key,
        [Fault(Operation::Revoke, Disturbance::ErrorBefore(500))],
        bench => not_reported(bench, Disturbance::ErrorBefore(500))),
    case!("revoke-01-status-503-is-not-reported-as-done", one_key,
        [Fault(Operation::Revoke, Disturbance::ErrorBefore(503))],
        bench => not_reported(bench, Disturbance::ErrorBefore(503))),
    case!("revoke-01-unexpected-json-is-not-reported-as-done", one_key,
        [Fault(Operation::Revoke, Disturbance::WrongShapeBefore)],
        bench => not_reported(bench, Disturbance::WrongShapeBefore)),
    case!("revoke-01-cut-connection-is-not-reported-as-done", one_key,
        [Fault(Operation::Revoke, Disturbance::CutBeforeRead)],
        bench => not_reported(bench, Disturbance::CutBeforeRead)),
    case!("revoke-01-html-is-not-reported-as-done", one_key,
        [Fault(Operation::Revoke, Disturbance::Html(200))],
        bench => not_reported(bench, Disturbance::Html(200))),
    case!("revoke-02-revoking-again-is-harmless", one_key, [REVOKES], bench => again(bench)),
    case!("revoke-02-unlisted-key-is-not-reported-as-gone", one_key,
        [REVOKES, Fault(Operation::List, Disturbance::StalePage), MaySkipLate(|_| true)],
        bench => not_listed(bench)),
    case!("revoke-02-foreign-404-is-not-reported-as-gone", one_key,
        [Fault(Operation::Revoke, Disturbance::Html(404))],
        bench => foreign_refusal(bench, Disturbance::Html(404))),
    case!("revoke-02-foreign-400-is-not-reported-as-gone", one_key,
        [Fault(Operation::Revoke, Disturbance::Html(400))],
        bench => foreign_refusal(bench, Disturbance::Html(400))),
    case!("revoke-03-other-keys-stay-live", two_keys, [REVOKES], bench => others_stay(bench)),
    case!("revoke-03-odd-text-hits-no-other-key", one_key, [REVOKES], bench => odd_text(bench)),
    case!("revoke-04-foreign-reference-is-refused-before-any-request", one_key, [REVOKES, HasLedger], bench => foreign(bench)),
    case!("revoke-05-secret-is-refused-before-any-request", one_key,
        [REVOKES, HasLedger, Profile(|profile| profile.secret_shape().is_some(), "the profile knows no form of secrets")],
        bench => secret(bench)),
];

async fn stops_working(bench: &Bench<'_>) -> Verdict {
    let key = listed_key(bench).await?;
    let revocation = bench.revoke(key.key_ref()).await?;
    ensure!(revocation == Revocation::Revoked, "revoking a live key returns {revocation:?}");
    bench.wait_until_dead(key.credential()).await.map(drop)
}

/// A live key that is listed, if the provider can list.
async fn listed_key(bench: &Bench<'_>) -> Result<IssuedKey, Stop> {
    let key = live_key(bench).await?;
    bench.record_if_any(key.name()).await?;
    Ok(key)
}

async fn can_do_nothing(bench: &Bench<'_>) -> Verdict {
    let key = listed_key(bench).await?;
    bench.end(&key).await?;
    let mut tried = 0;
    for permission in Permission::ALL.iter().copied() {
        let Some(may) = try_out(bench, &key, permission).await? else { continue };
        ensure!(!may, "the revoked key still has {permission}");
        tried += 1;
    }
    if tried == 0 {
        return Err(Stop::skipped("the probe knows no route"));
    }
    Ok(())
}

async fn gone_at_provider(bench: &Bench<'_>) -> Verdict {
    let key = listed_key(bench).await?;
    let _ = bench.revoke(key.key_ref()).await?;
    ensure!(bench.live(key.name()) == 0, "the provider has not revoked the key");
    Ok(())
}

/// The call may fail, or succeed at another attempt, but its result must be true.
async fn not_reported(bench: &Bench<'_>, disturbance: Disturbance) -> Verdict {
    let key = listed_key(bench).await?;
    let revoking = || bench.try_revoke(key.key_ref());
    let answer = bench.disturbed(Operation::Revoke, disturbance, revoking).await?;
    let Ok(revocation @ (Revocation::Revoked | Revocation::AlreadyGone)) = answer else {
        return Ok(());
    };
    let is_dead = bench.live(key.name()) == 0;
    ensure!(is_dead, "after {disturbance}, revoke returns {revocation:?} for a live key");
    bench.wait_until_dead(key.credential()).await.map(drop)
}

async fn again(bench: &Bench<'_>) -> Verdict {
    let key = listed_key(bench).await?;
    bench.end(&key).await?;
    match bench.try_revoke(key.key_ref()).await? {
        Ok(_) => Ok(()),
        Err(error) => Err(Stop::failed(format!("revoking again failed: {error}"))),
    }
}

/// A page from a proxy, with a status by which a provider may say that a key is gone.
async fn foreign_refusal(bench: &Bench<'_>, page: Disturbance) -> Verdict {
    let key = listed_key(bench).await?;
    let revoking = || bench.try_revoke(key.key_ref());
    let answer = bench.disturbed(Operation::Revoke, page, revoking).await?;
    ensure_not_called_gone(bench, &key, answer).await
}

/// Some adapters look up in a list the id that revokes a key, and lists can lag behind.
async fn not_listed(bench: &Bench<'_>) -> Verdict {
    let key = listed_key(bench).await?;
    let revoking = || bench.try_revoke(key.key_ref());
    let answer = bench.disturbed_if_met(Operation::List, Disturbance::StalePage, revoking).await?;
    let Some(answer) = answer else {
        return Err(Stop::skipped("the adapter lists nothing to revoke a key"));
    };
    ensure_not_called_gone(bench, &key, answer).await
}

async fn ensure_not_called_gone(
    bench: &Bench<'_>,
    key: &IssuedKey,
    answer: Result<Revocation, Error>,
) -> Verdict {
    if matches!(answer, Ok(Revocation::AlreadyGone)) {
        let verification = bench.verify(key.credential()).await?;
        ensure!(
            verification != Verification::Live,
            "the key is live, but revoke returns AlreadyGone"
        );
    }
    Ok(())
}

async fn others_stay(bench: &Bench<'_>) -> Verdict {
    let (one, other) = (listed_key(bench).await?, listed_key(bench).await?);
    bench.end(&one).await?;
    bench.settle().await;
    let verification = bench.verify(other.credential()).await?;
    ensure!(verification == Verification::Live, "another key is now {verification:?}");
    Ok(())
}

/// References to no key, which would hit this one if their text went into a path unescaped.
async fn odd_text(bench: &Bench<'_>) -> Verdict {
    let key = listed_key(bench).await?;
    // The record may know more, such as the provider's own id.
    let record = bench.record_if_any(key.name()).await?;
    let key_ref = record.as_ref().map_or(key.key_ref(), KeyRecord::key_ref);
    for end in ["?x", "#x", "/", "/x", "?", "%", "%20", ";x"] {
        // Any result is fine, as long as the key stays live.
        let _ = bench.try_revoke(&odd(key_ref, end)?).await?;
        let verification = bench.verify(key.credential()).await?;
        ensure!(
            verification == Verification::Live,
            "a reference that ends with {end:?} hits the key"
        );
    }
    bench.settle().await;
    bench.wait_until_live(key.credential()).await
}

fn odd(key_ref: &KeyRef, end: &str) -> Result<KeyRef, Stop> {
    let odd = KeyRef::new(key_ref.provider(), format!("{}{end}", key_ref.api_key()))?;
    Ok(match key_ref.id() {
        Some(id) => odd.with_id(format!("{id}{end}"))?,
        None => odd,
    })
}

async fn foreign(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let provider = another_provider(bench.profile().provider());
    let foreign = KeyRef::new(provider, key.key_ref().api_key())?;
    let before = bench.requests();
    let answer = bench.try_revoke(&foreign).await?;
    ensure_refused(bench, before, ErrorKind::InvalidInput, answer)
}

async fn secret(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let provider = key.key_ref().provider();
    // No reference can be made of a JWT.
    let secrets = key.credential().expose().secrets();
    let references: Vec<_> =
        secrets.filter_map(|secret| KeyRef::new(provider, secret).ok()).collect();
    if references.is_empty() {
        return Err(Stop::skipped("the only secret of a key is a JWT"));
    }
    for wrong in references {
        let before = bench.requests();
        let answer = bench.try_revoke(&wrong).await?;
        ensure_refused(bench, before, ErrorKind::InvalidInput, answer)?;
    }
    Ok(())
}
