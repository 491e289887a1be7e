//! The clauses of `KeyIssuer::profile`.

use pinning_keys_core::{
    ErrorKind, IssuedKey, IssuerProfile, KeyName, KeyQuery, KeyRecord, KeyRequest, Operation,
    ScopeRequest, Verification,
};
use std::num::NonZeroU64;
use std::time::Duration;

use super::shared::{ensure_issue_refused, ensure_refused};
use crate::bench::Bench;
use crate::case::{Case, case, no_keys, one_key, two_keys};
use crate::facts::Facts;
use crate::need::Need::{HasLedger, Lacks, Profile};
use crate::need::{LISTS, REVOKES};
use crate::verdict::{Stop, Verdict, ensure};

/// The uses of keys with a limit here, and how often they are tried.
const MAX_USES: NonZeroU64 = NonZeroU64::new(3).expect("3 is not zero");
const TRIES: u64 = MAX_USES.get() + 3;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("profile-01-never-changes", one_key, [LISTS, REVOKES], bench => never_changes(bench)),
    case!("profile-01-is-the-same-for-every-issuer", no_keys, [], bench => same_for_all(bench)),
    case!("profile-02-max-uses-work-or-are-refused", one_key, [], bench => max_uses(bench)),
    case!("profile-02-expiry-works-or-is-refused", one_key, [], bench => expiry(bench)),
    case!("profile-02-unsupported-admin-key-is-refused-before-any-request", one_key,
        [Profile(|p| !p.supports_admin_keys(), "the profile offers admin keys"), HasLedger], bench => lacks_admin(bench)),
    case!("profile-02-longest-name-works", one_key, [], bench => longest_name(bench)),
    case!("profile-02-overlong-name-is-refused-before-any-request", one_key,
        [Profile(bounds_names, "the profile allows the longest possible names"), HasLedger], bench => longer_name(bench)),
    case!("profile-02-name-with-an-odd-character-is-refused-before-any-request", one_key,
        [Profile(|p| odd_character(p).is_some(), "the profile allows every character in names"), HasLedger], bench => odd_name(bench)),
    case!("profile-02-reserved-name-is-refused-before-any-request", reserved_keys,
        [Profile(reserves_names, "the profile reserves no names"), HasLedger], bench => reserved_name(bench)),
    case!("profile-02-unsupported-list-is-refused-before-any-request", no_keys,
        [Lacks(Operation::List), HasLedger], bench => lacks_list(bench)),
    case!("profile-02-unsupported-revoke-is-refused-before-any-request", one_key,
        [Lacks(Operation::Revoke), HasLedger], bench => lacks_revoke(bench)),
    case!("profile-02-name-filter-selects", two_keys,
        [LISTS, Profile(|p| p.filters().name(), "the profile offers no name filter")], bench => name_filter(bench)),
    case!("profile-02-revoked-filter-selects", two_keys,
        [LISTS, REVOKES, Profile(|p| p.filters().revoked(), "the profile offers no revoked filter")], bench => revoked_filter(bench)),
    case!("profile-02-uses-filter-selects", two_keys,
        [LISTS, Profile(|p| p.filters().uses() && p.supports_max_uses(), "the profile offers no uses filter")], bench => uses_filter(bench)),
];

fn bounds_names(profile: &IssuerProfile) -> bool {
    profile.max_name_chars().is_some_and(|most| most < KeyName::MAX_CHARS)
}

fn reserves_names(profile: &IssuerProfile) -> bool {
    !profile.reserved_names().is_empty()
}

/// A character that names cannot have at the provider.
fn odd_character(profile: &IssuerProfile) -> Option<char> {
    let allowed = profile.name_chars()?;
    ['_', '.', ' ', '/', '%', 'é', '漢'].into_iter().find(|character| !allowed.allows(*character))
}

/// One for each name, in case it is granted.
fn reserved_keys(facts: &Facts) -> usize {
    facts.profile.reserved_names().len()
}

async fn never_changes(bench: &Bench<'_>) -> Verdict {
    let before = format!("{:?}", bench.profile());
    let key = bench.plain_key().await?;
    bench.page(&KeyQuery::new()).await?;
    let _ = bench.revoke(key.key_ref()).await?;
    let after = format!("{:?}", bench.profile());
    ensure!(before == after, "before: {before}\nafter: {after}");
    Ok(())
}

async fn same_for_all(bench: &Bench<'_>) -> Verdict {
    let one = format!("{:?}", bench.profile());
    let other = bench.harness().issuer().await?;
    let other = format!("{:?}", other.profile());
    ensure!(one == other, "one issuer: {one}\nanother issuer: {other}");
    Ok(())
}

async fn max_uses(bench: &Bench<'_>) -> Verdict {
    let request = bench.plain_request()?.with_max_uses(MAX_USES);
    if !bench.profile().supports_max_uses() {
        return ensure_issue_refused(bench, ErrorKind::Unsupported, &request).await;
    }
    let key = match bench.try_issue(&request).await? {
        Ok(key) => key,
        Err(error) => {
            return Err(Stop::failed(format!(
                "the profile offers a use limit, but issue refused it: {error}"
            )));
        }
    };
    // The ledger is the provider's word, so it goes before the adapter's.
    if let Some(left) = bench.ledger().and_then(|ledger| ledger.uses_left(request.name().as_str()))
    {
        ensure!(left == MAX_USES.get(), "requested {MAX_USES} uses, but {left} are left");
        return Ok(());
    }
    match bench.record_if_any(request.name()).await?.and_then(|record| record.max_uses()) {
        Some(uses) => {
            ensure!(uses == MAX_USES, "requested {MAX_USES} uses, but the record has {uses}");
            Ok(())
        }
        // Neither shows the limit, so only using it up does.
        None => ensure_wears_out(bench, &key).await,
    }
}

async fn expiry(bench: &Bench<'_>) -> Verdict {
    let most = bench.profile().max_expiry().unwrap_or(Duration::MAX);
    let hour = most.min(Duration::from_secs(60 * 60));
    let request = bench.plain_request()?.with_expiry(hour.max(bench.profile().expiry_unit()));
    if !bench.profile().supports_expiry() {
        return ensure_issue_refused(bench, ErrorKind::Unsupported, &request).await;
    }
    match bench.try_issue(&request).await? {
        Ok(_) => Ok(()),
        Err(error) => Err(Stop::failed(format!(
            "the profile offers an expiry, but issue refused it: {error}"
        ))),
    }
}

async fn lacks_admin(bench: &Bench<'_>) -> Verdict {
    let request = bench.request(ScopeRequest::admin())?;
    ensure_issue_refused(bench, ErrorKind::Unsupported, &request).await
}

async fn ensure_wears_out(bench: &Bench<'_>, key: &IssuedKey) -> Verdict {
    // A key that does not work yet would look worn out.
    bench.wait_until_live(key.credential()).await?;
    for _ in 0..TRIES {
        if bench.verify(key.credential()).await? != Verification::Live {
            return Ok(());
        }
    }
    Err(Stop::failed(format!("requested {MAX_USES} uses, but the key works {TRIES} times")))
}

async fn longest_name(bench: &Bench<'_>) -> Verdict {
    let most =
        bench.profile().max_name_chars().unwrap_or(KeyName::MAX_CHARS).min(KeyName::MAX_CHARS);
    let request = named(bench, most)?;
    bench.issue(&request).await?;
    bench.record_if_any(request.name()).await?;
    Ok(())
}

async fn longer_name(bench: &Bench<'_>) -> Verdict {
    let most = bench.profile().max_name_chars().unwrap_or(KeyName::MAX_CHARS);
    ensure_issue_refused(bench, ErrorKind::InvalidInput, &named(bench, most + 1)?).await
}

/// A request for a key whose name has this many characters.
fn named(bench: &Bench<'_>, chars: usize) -> Result<KeyRequest, Stop> {
    let request = bench.plain_request()?;
    let short: String = request.name().as_str().chars().take(chars).collect();
    let name = format!("{short:x<chars$}");
    Ok(KeyRequest::new(name.as_str(), request.scope().clone())?)
}

async fn odd_name(bench: &Bench<'_>) -> Verdict {
    let odd = odd_character(bench.profile());
    let odd = odd.ok_or_else(|| Stop::failed("the profile allows every character in names"))?;
    let request = bench.plain_request()?;
    // Not at the end, where a blank would be refused at every provider.
    let mut name = request.name().to_string();
    let last = name.pop();
    name.pop();
    name.extend([Some(odd), last].into_iter().flatten());
    let request = KeyRequest::new(name, request.scope().clone())?;
    ensure_issue_refused(bench, ErrorKind::InvalidInput, &request).await
}

async fn reserved_name(bench: &Bench<'_>) -> Verdict {
    for name in bench.profile().reserved_names() {
        let request = KeyRequest::new(*name, bench.plain_request()?.scope().clone())?;
        ensure_issue_refused(bench, ErrorKind::NameReserved, &request).await?;
    }
    Ok(())
}

async fn lacks_list(bench: &Bench<'_>) -> Verdict {
    let before = bench.requests();
    let answer = bench.try_page(&KeyQuery::new()).await?;
    ensure_refused(bench, before, ErrorKind::Unsupported, answer)
}

async fn lacks_revoke(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let before = bench.requests();
    let answer = bench.try_revoke(key.key_ref()).await?;
    ensure_refused(bench, before, ErrorKind::Unsupported, answer)
}

async fn name_filter(bench: &Bench<'_>) -> Verdict {
    let (wanted, other) = (bench.plain_key().await?, bench.plain_key().await?);
    bench.record(wanted.name()).await?;
    let query = KeyQuery::new().with_name_containing(wanted.name().as_str());
    ensure_selected(bench, query, &wanted, &other).await
}

async fn revoked_filter(bench: &Bench<'_>) -> Verdict {
    let (live, revoked) = (bench.plain_key().await?, bench.plain_key().await?);
    bench.record(live.name()).await?;
    bench.end(&revoked).await?;
    ensure_selected(bench, KeyQuery::new().with_revoked(false), &live, &revoked).await
}

async fn uses_filter(bench: &Bench<'_>) -> Verdict {
    let request = bench.plain_request()?.with_max_uses(MAX_USES);
    let (limited, unlimited) = (bench.issue(&request).await?, bench.plain_key().await?);
    bench.record(limited.name()).await?;
    ensure_selected(bench, KeyQuery::new().with_limited_use(true), &limited, &unlimited).await
}

async fn ensure_selected(
    bench: &Bench<'_>,
    query: KeyQuery,
    wanted: &IssuedKey,
    other: &IssuedKey,
) -> Verdict {
    if let Err(error) = bench.try_page(&query).await? {
        return Err(Stop::failed(format!(
            "the profile offers the filter, but list refused it: {error}"
        )));
    }
    let records = bench.all_pages(query).await?.records;
    let has = |key: &IssuedKey| {
        let name = key.name().as_str();
        records.iter().map(KeyRecord::name).any(|listed| listed == name)
    };
    ensure!(has(wanted), "the filter leaves out a key that it should select");
    ensure!(!has(other), "the filter selects a key that it should leave out");
    Ok(())
}
