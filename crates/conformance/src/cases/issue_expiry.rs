//! The clause of `KeyIssuer::issue` about expiries.
//!
//! No case waits until a key expires. A case reads when it does: in the ledger, in the key's record
//! if the ledger does not show it, and in the issued key if the harness has no ledger.

use std::time::{Duration, SystemTime};

use pinning_keys_core::{ErrorKind, Expiry, IssuedKey, IssuerProfile, KeyRecord, KeyRequest};

use super::shared::ensure_issue_refused;
use crate::bench::Bench;
use crate::case::{Case, case, one_key, two_keys};
use crate::need::Need::{HasLedger, MaySkipLate, Profile};
use crate::verdict::{Stop, Verdict, ensure};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("issue-08-expiry-is-honoured", one_key,
        [Profile(IssuerProfile::supports_expiry, NO_EXPIRY), MaySkipLate(|facts| !facts.can_list)], bench => honoured(bench)),
    case!("issue-08-shortened-expiry-is-reported", one_key,
        [Profile(IssuerProfile::supports_expiry, NO_EXPIRY), MaySkipLate(|facts| !facts.can_list)], bench => shortening(bench)),
    case!("issue-08-past-expiry-is-refused-before-any-request", two_keys,
        [Profile(IssuerProfile::supports_expiry, NO_EXPIRY), HasLedger], bench => past(bench)),
    case!("issue-08-overlong-expiry-is-refused-before-any-request", one_key,
        [Profile(|p| p.max_expiry().is_some(), "the profile bounds no expiry"), HasLedger], bench => overlong(bench)),
];

const NO_EXPIRY: &str = "the profile offers no expiry";

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Longer than a provider is likely to let a key live.
const YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// By how much an expiry may differ, because clocks do and calls take time.
const TOLERANCE: Duration = Duration::from_secs(60);

/// The longest expiry that the profile offers, up to this one or the provider's unit, in whole units.
fn offered(bench: &Bench<'_>, most: Duration) -> Duration {
    let unit = bench.profile().expiry_unit();
    let most = bench.profile().max_expiry().map_or(most, |limit| limit.min(most)).max(unit);
    let rest = most.as_nanos().checked_rem(unit.as_nanos()).unwrap_or_default();
    most.saturating_sub(Duration::from_nanos(u64::try_from(rest).unwrap_or_default()))
}

async fn honoured(bench: &Bench<'_>) -> Verdict {
    let end = End::of_key(bench, offered(bench, HOUR)).await?;
    ensure!(
        end.differs_by() <= TOLERANCE,
        "{} the key expires {:?} {} than requested",
        end.shown_by,
        end.differs_by(),
        if end.is_earlier() { "earlier" } else { "later" }
    );
    ensure!(
        is_reported(bench, &end.key).await?,
        "the provider knows when the key expires, but neither the issued key nor its record says so"
    );
    Ok(())
}

/// Whether an app learns when the key expires: from the answer to the create, or from a list.
async fn is_reported(bench: &Bench<'_>, key: &IssuedKey) -> Result<bool, Stop> {
    if key.expires_at().is_some() {
        return Ok(true);
    }
    let record = bench.record_if_any(key.name()).await?;
    Ok(record.is_some_and(|record| record.expires_at().is_some()))
}

/// Whether the provider shortens an expiry is not known beforehand, so that the longest one is
/// requested.
async fn shortening(bench: &Bench<'_>) -> Verdict {
    let end = End::of_key(bench, offered(bench, YEARS)).await?;
    let is_shortened = end.is_earlier() && end.differs_by() > TOLERANCE;
    ensure!(
        !is_shortened || end.key.is_expiry_shortened(),
        "{} the key expires {:?} earlier than requested, but the issued key does not say so",
        end.shown_by,
        end.differs_by()
    );
    Ok(())
}

async fn past(bench: &Bench<'_>) -> Verdict {
    for expiry in [Expiry::after(Duration::ZERO), Expiry::at(SystemTime::now() - HOUR)] {
        let request = bench.plain_request()?.with_expiry(expiry);
        ensure_issue_refused(bench, ErrorKind::InvalidInput, &request).await?;
    }
    Ok(())
}

async fn overlong(bench: &Bench<'_>) -> Verdict {
    let most = bench.profile().max_expiry().unwrap_or(Duration::MAX);
    let request = bench.plain_request()?.with_expiry(most.saturating_add(HOUR));
    ensure_issue_refused(bench, ErrorKind::InvalidInput, &request).await
}

/// When a key expires.
struct End {
    key: IssuedKey,
    requested: SystemTime,
    real: SystemTime,
    shown_by: &'static str,
}

impl End {
    /// Issues a key that is to expire after this time, and looks up when it does.
    async fn of_key(bench: &Bench<'_>, after: Duration) -> Result<Self, Stop> {
        let request = bench.plain_request()?.with_expiry(after);
        let key = bench.issue(&request).await?;
        let requested = key.requested_expiry();
        let requested = requested.ok_or_else(|| {
            Stop::failed("the issued key does not know its request: it has no requested expiry")
        })?;
        let (real, shown_by) = shown(bench, &request, &key).await?;
        Ok(Self { key, requested, real, shown_by })
    }

    fn is_earlier(&self) -> bool {
        self.real < self.requested
    }

    fn differs_by(&self) -> Duration {
        let (early, late) = if self.is_earlier() {
            (self.real, self.requested)
        } else {
            (self.requested, self.real)
        };
        late.duration_since(early).unwrap_or_default()
    }
}

/// When the key expires, and what shows it. The ledger is the provider's word, so it goes before
/// the adapter's.
async fn shown(
    bench: &Bench<'_>,
    request: &KeyRequest,
    key: &IssuedKey,
) -> Result<(SystemTime, &'static str), Stop> {
    let name = request.name();
    if let Some(end) = bench.ledger().and_then(|ledger| ledger.expires_at(name.as_str())) {
        return Ok((end, "at the provider"));
    }
    let record = bench.record_if_any(name).await?;
    if let Some(end) = record.as_ref().and_then(KeyRecord::expires_at) {
        return Ok((end, "by its record"));
    }
    match (bench.ledger(), key.expires_at(), record) {
        (None, Some(end), _) => Ok((end, "as reported")),
        (None, None, None) => Err(Stop::skipped("nothing shows when the key expires")),
        (None, None, Some(_)) => Err(Stop::failed(
            "nothing shows when the key expires; give the harness a ledger with `expires_at`",
        )),
        _ => Err(Stop::failed("neither the ledger nor its record shows that the key expires")),
    }
}
