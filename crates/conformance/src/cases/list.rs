//! The clauses of `KeyIssuer::list`.

use std::collections::BTreeSet;
use std::slice::from_ref;

use pinning_keys_core::{
    ErrorKind, IssuedKey, IssuerProfile, KeyPage, KeyQuery, KeyRecord, Operation,
};

use super::shared::ensure_refused;
use crate::bench::Bench;
use crate::case::{Case, case, no_keys, one_key, two_keys};
use crate::disturbance::{Disturbance, STRANGE_KEY};
use crate::facts::Facts;
use crate::listing::{Listing, MOST_PAGES};
use crate::need::Need::{Fault, MaySkipLate, Profile};
use crate::need::{LISTS, REVOKES};
use crate::verdict::{Stop, Verdict, ensure};

/// How often a listing is read that reports discrepancies.
const READINGS: usize = 3;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("list-01-new-key-is-listed", one_key, [LISTS], bench => new_key(bench)),
    case!("list-01-keys-on-several-pages-are-listed", pages, [LISTS, MaySkipLate(page_is_guessed)], bench => several_pages(bench)),
    case!("list-01-short-page-does-not-end-the-listing", pages,
        [Fault(Operation::List, Disturbance::ShortPage), MaySkipLate(page_is_guessed)], bench => short_page(bench)),
    case!("list-02-key-created-between-pages-repeats-no-row", pages, [LISTS, MaySkipLate(|_| true)], bench => between_pages(bench)),
    case!("list-02-repeated-row-is-dropped-and-counted", pages,
        [Fault(Operation::List, Disturbance::RepeatedRow), MaySkipLate(page_is_guessed)], bench => repeated_row(bench)),
    case!("list-03-wrong-total-is-reported", two_keys,
        [Fault(Operation::List, Disturbance::WrongTotal)], bench => wrong_total(bench)),
    case!("list-04-record-shows-no-secret", one_key, [LISTS], bench => no_secret(bench)),
    case!("list-05-unknown-grant-is-kept", one_key,
        [Fault(Operation::List, Disturbance::UnknownGrant)], bench => unknown_grant(bench)),
    case!("list-05-unreadable-row-is-counted", one_key,
        [Fault(Operation::List, Disturbance::UnreadableRow)], bench => unreadable_row(bench)),
    case!("list-05-array-row-is-counted", one_key,
        [Fault(Operation::List, Disturbance::ArrayRow)], bench => array_row(bench)),
    case!("list-06-unsupported-name-filter-is-refused", no_keys,
        [Profile(|p| !p.filters().name(), "the profile offers the name filter")],
        bench => refused(bench, KeyQuery::new().with_name_containing("x"))),
    case!("list-06-unsupported-revoked-filter-is-refused", no_keys,
        [Profile(|p| !p.filters().revoked(), "the profile offers the revoked filter")],
        bench => refused(bench, KeyQuery::new().with_revoked(false))),
    case!("list-06-unsupported-uses-filter-is-refused", no_keys,
        [Profile(|p: &IssuerProfile| !p.filters().uses(), "the profile offers the uses filter")],
        bench => refused(bench, KeyQuery::new().with_limited_use(true))),
    case!("list-07-key-revoked-between-pages-hides-no-other", pages,
        [LISTS, REVOKES, MaySkipLate(page_is_guessed)], bench => revoked_between_pages(bench)),
];

/// More keys than fit on one page, and one more that is created between two pages.
fn pages(facts: &Facts) -> usize {
    facts.page_size + 3
}

/// If the page size is a guess, all keys may turn out to be on one page.
fn page_is_guessed(facts: &Facts) -> bool {
    !facts.page_size_is_known
}

/// Issues more keys than fit on one page.
async fn fill_pages(bench: &Bench<'_>) -> Result<Vec<IssuedKey>, Stop> {
    let mut keys = Vec::new();
    for _ in 0..bench.facts().page_size + 2 {
        keys.push(bench.plain_key().await?);
    }
    // Once the last key is listed, so are the others.
    if let Some(last) = keys.last() {
        bench.record(last.name()).await?;
    }
    Ok(keys)
}

/// Keys on one page show nothing about several. They contradict a known page size.
fn on_one_page(bench: &Bench<'_>) -> Stop {
    let Facts { page_size, page_size_is_known, .. } = bench.facts();
    if *page_size_is_known {
        Stop::failed(format!(
            "the page size is {page_size}, but a page holds {} keys",
            page_size + 2
        ))
    } else {
        Stop::skipped("all keys are on one page; set `Harness::page_size`")
    }
}

async fn new_key(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    bench.record(key.name()).await?;
    Ok(())
}

async fn several_pages(bench: &Bench<'_>) -> Verdict {
    let keys = fill_pages(bench).await?;
    let mut listing = bench.all_pages(KeyQuery::new()).await?;
    for _ in 1..READINGS {
        // If others change the list meanwhile, rows move between pages, and the listing reports it.
        if listing.discrepancies.is_empty() || lost(&keys, &listing.records) == 0 {
            break;
        }
        listing = bench.all_pages(KeyQuery::new()).await?;
    }
    ensure_all_listed(bench, &keys, &listing)
}

async fn short_page(bench: &Bench<'_>) -> Verdict {
    let keys = fill_pages(bench).await?;
    let listing = || bench.all_pages(KeyQuery::new());
    let listing = bench.disturbed(Operation::List, Disturbance::ShortPage, listing).await?;
    ensure_all_listed(bench, &keys, &listing)
}

fn ensure_all_listed(bench: &Bench<'_>, keys: &[IssuedKey], listing: &Listing) -> Verdict {
    let lost = lost(keys, &listing.records);
    ensure!(lost == 0, "{lost} of {} keys are lost", keys.len());
    if listing.pages > 1 { Ok(()) } else { Err(on_one_page(bench)) }
}

fn lost(keys: &[IssuedKey], records: &[KeyRecord]) -> usize {
    let listed: BTreeSet<_> = records.iter().map(KeyRecord::name).collect();
    keys.iter().filter(|key| !listed.contains(key.name().as_str())).count()
}

/// If the newest keys come first, a key that is created between two pages moves a row of the first
/// page onto the second.
async fn between_pages(bench: &Bench<'_>) -> Verdict {
    let (first, rest) = first_page(bench).await?;
    bench.plain_key().await?;
    let second = bench.page(&rest).await?;
    ensure_no_repeats(first.records().iter().chain(second.records()))?;
    if second.discrepancies().repeated_rows() == 0 {
        return Err(Stop::skipped("the new key moved no row onto the second page"));
    }
    Ok(())
}

/// The first page of several, and the query for the next one.
async fn first_page(bench: &Bench<'_>) -> Result<(KeyPage, KeyQuery), Stop> {
    let keys = fill_pages(bench).await?;
    let first = bench.page(&KeyQuery::new()).await?;
    match first.next().cloned() {
        Some(next) if lost(&keys, first.records()) > 0 => {
            Ok((first, KeyQuery::new().with_cursor(next)))
        }
        _ => Err(on_one_page(bench)),
    }
}

/// If revoked keys leave the list, the rows behind them move to pages that have been read.
async fn revoked_between_pages(bench: &Bench<'_>) -> Verdict {
    let keys = fill_pages(bench).await?;
    let query = KeyQuery::new();
    let can_leave_out = bench.profile().filters().revoked();
    let query = if can_leave_out { query.with_revoked(false) } else { query };
    let (query, page) = page_with_any(bench, &keys, query).await?;
    let (shown, later): (Vec<_>, Vec<_>) =
        keys.into_iter().partition(|key| lost(from_ref(key), page.records()) == 0);
    let ([key, others @ ..], false) = (&shown[..], later.is_empty()) else {
        return Err(on_one_page(bench));
    };
    let _ = bench.revoke(key.key_ref()).await?; // other cases judge the outcome
    let listing = bench.pages_from(query, page).await?;
    let lost = lost(others, &listing.records) + lost(&later, &listing.records);
    let count = others.len() + later.len();
    ensure!(
        lost == 0 || !listing.discrepancies.is_empty(),
        "{lost} of {count} keys {} lost silently",
        if lost == 1 { "is" } else { "are" }
    );
    Ok(())
}

/// The first page that shows one of these keys, and its query.
async fn page_with_any(
    bench: &Bench<'_>,
    keys: &[IssuedKey],
    mut query: KeyQuery,
) -> Result<(KeyQuery, KeyPage), Stop> {
    for _ in 0..MOST_PAGES {
        let page = bench.page(&query).await?;
        if lost(keys, page.records()) < keys.len() {
            return Ok((query, page));
        }
        let Some(next) = page.next() else { break };
        query = query.with_cursor(next.clone());
    }
    Err(Stop::failed(format!("none of {} keys is listed", keys.len())))
}

fn ensure_no_repeats<'a>(records: impl Iterator<Item = &'a KeyRecord>) -> Verdict {
    let mut seen = BTreeSet::new();
    for record in records {
        let key = (record.key_ref().api_key().to_owned(), record.name().to_owned());
        ensure!(seen.insert(key), "the key {:?} is listed twice", record.name());
    }
    Ok(())
}

async fn repeated_row(bench: &Bench<'_>) -> Verdict {
    let (first, rest) = first_page(bench).await?;
    let second = || bench.page(&rest);
    let second = bench.disturbed(Operation::List, Disturbance::RepeatedRow, second).await?;
    ensure_no_repeats(first.records().iter().chain(second.records()))?;
    let counted = second.discrepancies().repeated_rows();
    ensure!(counted > 0, "the repeated row was not counted");
    Ok(())
}

async fn wrong_total(bench: &Bench<'_>) -> Verdict {
    list_keys(bench, 2).await?;
    let listing = || bench.all_pages(KeyQuery::new());
    let listing = bench.disturbed(Operation::List, Disturbance::WrongTotal, listing).await?;
    let discrepancies = listing.discrepancies;
    let reported = discrepancies.changed_total().is_some() || discrepancies.wrong_total().is_some();
    ensure!(reported, "the wrong total is not reported: {discrepancies}");
    Ok(())
}

async fn list_keys(bench: &Bench<'_>, keys: usize) -> Verdict {
    for _ in 0..keys {
        let key = bench.plain_key().await?;
        bench.record(key.name()).await?;
    }
    Ok(())
}

async fn no_secret(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let record = bench.record(key.name()).await?;
    bench.ensure_clean("the record of a key", &format!("{record:?}"))
}

/// A listing with one disturbed page. The case's own key must be in it.
async fn strange_page(bench: &Bench<'_>, disturbance: Disturbance) -> Result<Listing, Stop> {
    let key = bench.plain_key().await?;
    bench.record(key.name()).await?;
    let listing = || async {
        // The disturbed page is the first one, and an adapter must not fail on it.
        let first = bench.try_page(&KeyQuery::new()).await?;
        match first {
            Ok(first) => bench.pages_from(KeyQuery::new(), first).await,
            Err(error) => Err(Stop::failed(format!("{disturbance} makes list fail: {error}"))),
        }
    };
    let listing = bench.disturbed(Operation::List, disturbance, listing).await?;
    let listed = listing.records.iter().any(|record| record.name() == key.name().as_str());
    ensure!(listed, "{disturbance} hides another key");
    Ok(listing)
}

async fn unknown_grant(bench: &Bench<'_>) -> Verdict {
    let listing = strange_page(bench, Disturbance::UnknownGrant).await?;
    let strange = listing.records.iter().find(|record| record.name() == STRANGE_KEY);
    if let Some(record) = strange {
        let is_kept = record.reading().is_lower_bound();
        ensure!(is_kept, "an unknown grant of a key is dropped silently");
    } else {
        let is_reported = listing.discrepancies.unreadable_rows() > 0;
        ensure!(is_reported, "a key with an unknown grant is dropped silently");
    }
    Ok(())
}

async fn unreadable_row(bench: &Bench<'_>) -> Verdict {
    let listing = strange_page(bench, Disturbance::UnreadableRow).await?;
    let reported = listing.discrepancies.unreadable_rows() > 0;
    ensure!(reported, "an unreadable row is dropped silently");
    Ok(())
}

async fn array_row(bench: &Bench<'_>) -> Verdict {
    let listing = strange_page(bench, Disturbance::ArrayRow).await?;
    let is_read = |record: &KeyRecord| record.key_ref().api_key() == STRANGE_KEY;
    ensure!(!listing.records.iter().any(is_read), "an array is read as a key");
    let reported = listing.discrepancies.unreadable_rows() > 0;
    ensure!(reported, "an array as a row is dropped silently");
    Ok(())
}

async fn refused(bench: &Bench<'_>, query: KeyQuery) -> Verdict {
    let before = bench.requests();
    let answer = bench.try_page(&query).await?;
    ensure_refused(bench, before, ErrorKind::Unsupported, answer)
}
