//! Listings by offsets, against a model of a server whose rows move.

use pinning_keys_core::{Cursor, Discrepancies, ErrorKind};
use pinning_keys_http::{OffsetCursor, Total};
use proptest::prelude::*;

/// Reads a whole listing of `keys`, before each page of which `made` new keys come in front.
///
/// Pages hold `size` rows; `total` says what the server claims of all rows and of the page's.
fn list(
    mut keys: Vec<String>,
    sizes: &[usize],
    made: &[usize],
    total: fn(u64, u64) -> Total,
) -> (Vec<String>, Discrepancies) {
    let mut listed = Vec::new();
    let mut found = Discrepancies::default();
    let mut cursor: Option<Cursor> = None;
    for page in 0.. {
        for new in 0..if page == 0 { 0 } else { made[page % made.len()] } {
            keys.insert(0, format!("new-{page}-{new}"));
        }
        let position = OffsetCursor::decode(cursor.as_ref()).unwrap();
        let from = usize::try_from(position.offset()).unwrap().min(keys.len());
        let to = (from + sizes[page % sizes.len()]).min(keys.len());
        let rows = keys[from..to].to_vec();
        let claim = total(keys.len() as u64, rows.len() as u64);
        let result = position.page(rows.iter().map(String::as_str), claim);
        found.merge(result.discrepancies());
        listed.extend(result.keep(rows));
        cursor = result.next().cloned();
        if cursor.is_none() {
            return (listed, found);
        }
    }
    unreachable!("the loop ends by returning")
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("key-{i}")).collect()
}

proptest! {
    #[test]
    fn unchanged_listing_is_complete_without_discrepancies(
        count in 0usize..60, sizes in prop::collection::vec(1usize..12, 1..4),
    ) {
        let totals: [fn(u64, u64) -> Total; 4] = [
            |all, _| Total::OfAll(all),
            |all, _| Total::OfPageOrAll(all),
            |_, page| Total::OfPageOrAll(page),
            |_, _| Total::Unknown,
        ];
        for total in totals {
            let (listed, found) = list(keys(count), &sizes, &[0], total);
            prop_assert_eq!(listed, keys(count));
            prop_assert!(found.is_empty(), "{}", found);
        }
    }

    #[test]
    fn no_row_is_lost_if_keys_are_issued_meanwhile(
        count in 0usize..60, size in 1usize..12, made in prop::collection::vec(0usize..12, 1..5),
    ) {
        // Fewer than a page come in between, so that what repeats is on the page before.
        let made: Vec<_> = made.into_iter().map(|made| made % size).collect();
        let (listed, found) = list(keys(count), &[size], &made, |all, _| Total::OfAll(all));
        // Where the listing is shorter than a page, new keys can come along.
        let old: Vec<_> = listed.iter().filter(|key| key.starts_with("key-")).cloned().collect();
        prop_assert_eq!(old, keys(count), "neither lost nor twice");
        let moved = made.iter().any(|made| *made > 0);
        prop_assert!(moved || found.is_empty());
    }

    #[test]
    fn no_cursor_text_causes_a_panic(text in "(o1:)?[0-9a-f:.+-]{0,40}|.{0,40}") {
        if let Ok(position) = OffsetCursor::decode(Some(&Cursor::new(text))) {
            let _ = position.page(["a", "b"], Total::OfAll(u64::MAX));
        }
    }
}

#[test]
fn repeated_row_on_one_page_is_dropped() {
    let page = OffsetCursor::default().page(["a", "b", "a"], Total::OfAll(3));
    assert_eq!(page.keep(vec!["a", "b", "a"]), ["a", "b"]);
    assert_eq!(page.discrepancies().repeated_rows(), 1);
    let next = OffsetCursor::decode(page.next()).unwrap();
    assert_eq!(next.offset(), 3, "the server counts it twice");
    let end = next.page([], Total::OfAll(3));
    assert_eq!(end.discrepancies().wrong_total(), Some((3, 2)));
}

#[test]
fn server_that_ignores_offsets_ends_the_listing() {
    let mut kept = Vec::new();
    let mut found = Discrepancies::default();
    let mut page = OffsetCursor::default().page(["a", "b"], Total::OfAll(2));
    for pages in 1.. {
        kept.extend(page.keep(vec!["a", "b"]));
        found.merge(page.discrepancies());
        let Some(cursor) = page.next() else {
            assert_eq!((kept, pages, found.repeated_rows()), (vec!["a", "b"], 4, 6));
            return;
        };
        let position = OffsetCursor::decode(Some(cursor)).unwrap();
        page = position.page(["a", "b"], Total::OfAll(2));
    }
}

#[test]
fn contradicting_totals_are_reported() {
    let first = OffsetCursor::default().page(["a", "b"], Total::OfAll(5));
    let second = OffsetCursor::decode(first.next()).unwrap().page(["c"], Total::OfAll(4));
    assert_eq!(second.discrepancies().changed_total(), Some((5, 4)));
    let third = OffsetCursor::decode(second.next()).unwrap().page([], Total::OfAll(4));
    assert_eq!(third.discrepancies().wrong_total(), Some((4, 3)));
    assert!(third.next().is_none());

    let first = OffsetCursor::default().page(["a", "b"], Total::OfPageOrAll(9));
    let second = OffsetCursor::decode(first.next()).unwrap().page([], Total::OfPageOrAll(0));
    assert_eq!(second.discrepancies().wrong_total(), Some((9, 2)), "the page's own says nothing");
}

#[test]
fn invalid_cursor_is_refused() {
    let texts = " 10 o1 o1: o2:1:1::0:ab o1:1:1::0: o1:-1:0::0:ab o1:1:2::0:ab o1:1:1:x:0:ab \
                 o1:1:1::0:xyz o1:1:1::9:ab o1:1:1::0:ab: o1:1:1::0:ab..cd \
                 o1:99999999999999999999:1::0:ab";
    for text in texts.split(' ') {
        let error = OffsetCursor::decode(Some(&Cursor::new(text))).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("cursor"), "{error}");
    }
}
