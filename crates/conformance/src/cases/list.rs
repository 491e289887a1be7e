//! The clauses of `KeyIssuer::list`.

use std::collections::BTreeSet;

use pinning_keys_core::{
    Discrepancies, ErrorKind, IssuedKey, IssuerProfile, KeyQuery, KeyRecord, Operation,
};

use super::shared::ensure_refused;
use super::{none, one, two};
use crate::Disturbance;
use crate::bench::Bench;
use crate::case::Need::{Fault, Profile};
use crate::case::{Case, LISTS, Size, Stop, Verdict, case, ensure};

/// How often a listing is read that says itself that it may be incomplete.
const READINGS: usize = 3;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("list-01-new-key-is-listed", one, [LISTS], bench => new_key(bench)),
    case!("list-01-keys-on-several-pages-are-listed", pages, [LISTS], bench => several_pages(bench)),
    case!("list-01-short-page-does-not-end-the-listing", pages,
        [Fault(Operation::List, Disturbance::ShortPage)], bench => short_page(bench)),
    case!("list-02-key-made-meanwhile-repeats-no-row", pages, [LISTS], bench => made_meanwhile(bench)),
    case!("list-02-repeated-row-is-dropped-and-counted", pages,
        [Fault(Operation::List, Disturbance::RepeatedRow)], bench => repeated_row(bench)),
    case!("list-03-wrong-total-is-reported", two,
        [Fault(Operation::List, Disturbance::WrongTotal)], bench => wrong_total(bench)),
    case!("list-04-record-shows-no-secret", one, [LISTS], bench => no_secret(bench)),
    case!("list-05-unknown-grant-is-kept", one,
        [Fault(Operation::List, Disturbance::UnknownGrant)], bench => unknown_grant(bench)),
    case!("list-05-unreadable-row-is-counted", one,
        [Fault(Operation::List, Disturbance::UnreadableRow)], bench => unreadable_row(bench)),
    case!("list-06-name-filter-is-refused-where-there-is-none", none,
        [Profile(|p| !p.filters().name, "the filter by name is offered")],
        bench => refused(bench, KeyQuery::new().with_name_containing("x"))),
    case!("list-06-revoked-filter-is-refused-where-there-is-none", none,
        [Profile(|p| !p.filters().revoked, "the filter by revocation is offered")],
        bench => refused(bench, KeyQuery::new().with_revoked(false))),
    case!("list-06-uses-filter-is-refused-where-there-is-none", none,
        [Profile(|p: &IssuerProfile| !p.filters().uses, "the filter by uses is offered")],
        bench => refused(bench, KeyQuery::new().with_limited_use(true))),
];

/// More keys than stand on one page, and one more that may be made meanwhile.
fn pages(size: &Size) -> usize {
    size.page + 3
}

/// Makes so many keys that they do not fit on one page.
async fn fill_pages(bench: &Bench<'_>) -> Result<Vec<IssuedKey>, Stop> {
    let page = crate::run::page_size(bench.harness(), bench.profile());
    let mut keys = Vec::new();
    for _ in 0..page + 2 {
        keys.push(bench.plain_key().await?);
    }
    // Once the last one is listed, the others are.
    if let Some(last) = keys.last() {
        bench.record(last.name()).await?;
    }
    Ok(keys)
}

async fn new_key(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    bench.record(key.name()).await?;
    Ok(())
}

async fn several_pages(bench: &Bench<'_>) -> Verdict {
    let keys = fill_pages(bench).await?;
    for _ in 1..READINGS {
        let (records, discrepancies) = bench.all_pages(KeyQuery::new()).await?;
        // Where others change the list meanwhile, rows move between pages, and the listing says so.
        if discrepancies.is_empty() || lost(&keys, &records) == 0 {
            return ensure_all_listed(&keys, &records);
        }
    }
    let (records, _) = bench.all_pages(KeyQuery::new()).await?;
    ensure_all_listed(&keys, &records)
}

async fn short_page(bench: &Bench<'_>) -> Verdict {
    let keys = fill_pages(bench).await?;
    bench.disturb(Operation::List, Disturbance::ShortPage)?;
    let (records, _) = bench.all_pages(KeyQuery::new()).await?;
    ensure_all_listed(&keys, &records)
}

fn ensure_all_listed(keys: &[IssuedKey], records: &[KeyRecord]) -> Verdict {
    let lost = lost(keys, records);
    ensure!(lost == 0, "of {} keys, {lost} are lost", keys.len());
    Ok(())
}

fn lost(keys: &[IssuedKey], records: &[KeyRecord]) -> usize {
    let listed: BTreeSet<_> = records.iter().map(KeyRecord::name).collect();
    keys.iter().filter(|key| !listed.contains(key.name().as_str())).count()
}

/// Where the newest keys come first, a key that is made between two pages moves a row onto the
/// second one that was on the first already.
async fn made_meanwhile(bench: &Bench<'_>) -> Verdict {
    fill_pages(bench).await?;
    let first = bench.page(&KeyQuery::new()).await?;
    let Some(next) = first.next().cloned() else {
        return Err(Stop::skipped("all keys stand on one page"));
    };
    bench.plain_key().await?;
    let second = bench.page(&KeyQuery::new().after(next)).await?;
    ensure_no_repeats(first.records().iter().chain(second.records()))
}

fn ensure_no_repeats<'a>(records: impl Iterator<Item = &'a KeyRecord>) -> Verdict {
    let mut seen = BTreeSet::new();
    for record in records {
        let key = (record.key_ref().public_key().to_owned(), record.name().to_owned());
        ensure!(seen.insert(key), "the key {:?} is listed twice", record.name());
    }
    Ok(())
}

async fn repeated_row(bench: &Bench<'_>) -> Verdict {
    fill_pages(bench).await?;
    let first = bench.page(&KeyQuery::new()).await?;
    let Some(next) = first.next().cloned() else {
        return Err(Stop::skipped("all keys stand on one page"));
    };
    bench.disturb(Operation::List, Disturbance::RepeatedRow)?;
    let second = bench.page(&KeyQuery::new().after(next)).await?;
    ensure_no_repeats(first.records().iter().chain(second.records()))?;
    let counted = second.discrepancies().repeated_rows;
    ensure!(counted > 0, "the row was dropped, and not counted");
    Ok(())
}

async fn wrong_total(bench: &Bench<'_>) -> Verdict {
    fill_pages_by(bench, 2).await?;
    bench.disturb(Operation::List, Disturbance::WrongTotal)?;
    let (_, discrepancies) = bench.all_pages(KeyQuery::new()).await?;
    let Discrepancies { changed_total, wrong_total, .. } = discrepancies;
    let reported = changed_total.is_some() || wrong_total.is_some();
    ensure!(reported, "a total that is wrong is not reported: {discrepancies}");
    Ok(())
}

async fn fill_pages_by(bench: &Bench<'_>, keys: usize) -> Verdict {
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

/// The records of a page on which something is out of the ordinary. The case's own key must be
/// among them.
async fn strange_page(
    bench: &Bench<'_>,
    disturbance: Disturbance,
) -> Result<(Vec<KeyRecord>, Discrepancies), Stop> {
    let key = bench.plain_key().await?;
    bench.record(key.name()).await?;
    bench.disturb(Operation::List, disturbance)?;
    let (records, discrepancies) = bench.all_pages(KeyQuery::new()).await?;
    let listed = records.iter().any(|record| record.name() == key.name().as_str());
    ensure!(listed, "{disturbance} hides another key");
    Ok((records, discrepancies))
}

async fn unknown_grant(bench: &Bench<'_>) -> Verdict {
    let (records, discrepancies) = strange_page(bench, Disturbance::UnknownGrant).await?;
    let kept = records.iter().any(|record| record.reading().is_lower_bound());
    let reported = discrepancies.unreadable_rows > 0;
    ensure!(kept || reported, "a grant that nobody knows is dropped without a word");
    Ok(())
}

async fn unreadable_row(bench: &Bench<'_>) -> Verdict {
    let (_, discrepancies) = strange_page(bench, Disturbance::UnreadableRow).await?;
    let reported = discrepancies.unreadable_rows > 0;
    ensure!(reported, "a row that is no key is dropped without a word");
    Ok(())
}

async fn refused(bench: &Bench<'_>, query: KeyQuery) -> Verdict {
    let before = bench.requests();
    let answer = bench.try_page(&query).await?;
    ensure_refused(bench, before, ErrorKind::Unsupported, answer)
}
