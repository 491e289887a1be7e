//! Listings by offsets, against a model of a server whose rows move.

use std::collections::HashSet;

use pinning_keys_core::{Cursor, Discrepancies, ErrorKind};
use pinning_keys_http::{OffsetCursor, OffsetPage, Total};
use proptest::prelude::*;

/// A server whose list changes between the requests.
struct Server {
    rows: Vec<String>,
    newest_first: bool,
    size: usize,
    total: fn(u64, u64) -> Total,
    issued: usize,
    requests: usize,
}

/// What happens to the list of a server. Places wrap around.
#[derive(Clone, Copy, Debug)]
enum Change {
    Issue,
    Revoke(usize),
    /// A key that is not the newest begins to match the filter.
    Enter(usize),
    /// The server sends pages of another size.
    Resize(usize),
}

/// What a listing showed, in order.
struct Shown {
    rows: Vec<String>,
    found: Discrepancies,
}

impl Server {
    fn new(count: usize, newest_first: bool, size: usize, total: fn(u64, u64) -> Total) -> Self {
        Self { rows: keys(count), newest_first, size, total, issued: 0, requests: 0 }
    }

    fn change(&mut self, change: Change) {
        let place = |at: usize, places: usize| at.checked_rem(places);
        match change {
            Change::Revoke(at) => {
                if let Some(at) = place(at, self.rows.len()) {
                    self.rows.remove(at);
                }
            }
            Change::Resize(size) => self.size = size,
            Change::Issue | Change::Enter(_) => {
                self.issued += 1;
                let at = match change {
                    Change::Enter(at) => place(at, self.rows.len() + 1).unwrap_or(0),
                    _ if self.newest_first => 0,
                    _ => self.rows.len(),
                };
                self.rows.insert(at, format!("new-{}", self.issued));
            }
        }
    }

    /// The page at this offset, and what it shows that was not shown before.
    fn page(&mut self, position: OffsetCursor) -> (OffsetPage, Vec<String>) {
        self.requests += 1;
        assert!(self.requests < 1_000, "the listing does not end");
        let rows = self.rows.iter().skip(usize::try_from(position.offset()).unwrap());
        let rows: Vec<_> = rows.take(self.size).cloned().collect();
        let total = (self.total)(self.rows.len() as u64, rows.len() as u64);
        let page = position.page(rows.iter().map(String::as_str), total);
        let shown = page.keep(rows);
        (page, shown)
    }

    /// Reads a whole listing. After each page, `meanwhile` gets its new rows.
    fn list(&mut self, mut meanwhile: impl FnMut(&mut Self, &[String])) -> Shown {
        let (mut rows, mut found) = (Vec::new(), Discrepancies::default());
        let mut cursor: Option<Cursor> = None;
        loop {
            let (page, new) = self.page(OffsetCursor::decode(cursor.as_ref()).unwrap());
            found.merge(page.discrepancies());
            meanwhile(self, &new);
            rows.extend(new);
            cursor = page.next().cloned();
            let Some(cursor) = &cursor else { return Shown { rows, found } };
            assert!(cursor.as_str().len() < 600, "two pages and some numbers: {cursor:?}");
        }
    }
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("key-{i}")).collect()
}

const TOTALS: [fn(u64, u64) -> Total; 4] = [
    |all, _| Total::OfAll(all),
    |all, _| Total::OfPageOrAll(all),
    |_, page| Total::OfPageOrAll(page),
    |_, _| Total::Unknown,
];

fn changes() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let change = prop_oneof![
        2 => Just(Change::Issue),
        3 => any::<usize>().prop_map(Change::Revoke),
        // Rows that have been read come first.
        3 => (0usize..12).prop_map(Change::Revoke),
        1 => any::<usize>().prop_map(Change::Enter),
        1 => (2usize..13).prop_map(Change::Resize),
    ];
    let between_pages = prop_oneof![Just(Vec::new()), prop::collection::vec(change, 0..16)];
    prop::collection::vec(between_pages, 0..30)
}

proptest! {
    #[test]
    fn unchanged_listing_is_complete_without_discrepancies(
        count in 0usize..60, size in 2usize..13, total in prop::sample::select(&TOTALS),
    ) {
        let mut server = Server::new(count, true, size, total);
        let listed = server.list(|_, _| {});
        prop_assert_eq!(listed.rows, keys(count));
        prop_assert!(listed.found.is_empty(), "{}", listed.found);
        // A row of each page comes again, and up to two requests show that no more rows follow.
        prop_assert!(server.requests <= count.div_ceil(size - 1) + 2, "{}", server.requests);
    }

    /// The rule: a key that is there from the first request to the last is shown, or the listing
    /// says that it may have lost one; and it ends.
    #[test]
    fn no_key_is_lost_silently_whatever_changes_meanwhile(
        count in 0usize..60,
        newest_first: bool,
        size in 2usize..13,
        total in prop::sample::select(&TOTALS),
        changes in changes(),
    ) {
        let mut server = Server::new(count, newest_first, size, total);
        let mut changes = changes.into_iter();
        let listed = server.list(|server, _| {
            changes.next().into_iter().flatten().for_each(|change| server.change(change));
        });
        let lost: Vec<_> = server.rows.iter().filter(|row| row.starts_with("key-"))
            .filter(|row| !listed.rows.contains(row)).collect();
        prop_assert!(lost.is_empty() || !listed.found.is_empty(), "{lost:?} are lost silently");
        let mut seen = HashSet::new();
        let twice = listed.rows.iter().filter(|row| !seen.insert(*row)).count();
        prop_assert!(twice == 0 || !listed.found.is_empty(), "{twice} come twice silently");
    }

    /// The same, if the reader itself revokes rows that it is shown: all of them, or all but some.
    #[test]
    fn reader_that_revokes_what_it_is_shown_misses_nothing(
        count in 0usize..60,
        newest_first: bool,
        size in 2usize..13,
        total in prop::sample::select(&TOTALS),
        spared in 1usize..6,
    ) {
        let mut server = Server::new(count, newest_first, size, total);
        let is_spared = |row: &String| spared > 1 && row.len() % spared == 0;
        let listed = server.list(|server, new| {
            server.rows.retain(|row| is_spared(row) || !new.contains(row));
        });
        let left: Vec<_> = server.rows.iter().filter(|row| !is_spared(row)).collect();
        prop_assert!(left.is_empty() || !listed.found.is_empty(), "{left:?} are left silently");
        prop_assert!(server.requests <= 4 * count + 3, "{}", server.requests);
    }

    #[test]
    fn no_cursor_text_causes_a_panic(text in "(o2:)?[0-9a-fnc:.+-]{0,40}|.{0,40}") {
        if let Ok(position) = OffsetCursor::decode(Some(&Cursor::new(text))) {
            let _ = position.page(["a", "b"], Total::OfAll(u64::MAX));
        }
    }
}

/// Forty-five keys, ten on a page, each revoked as it is shown.
#[test]
fn loop_that_revokes_what_it_lists_revokes_all() {
    for total in TOTALS {
        let mut server = Server::new(45, true, 10, total);
        let listed = server.list(|server, new| server.rows.retain(|row| !new.contains(row)));
        assert_eq!((server.rows.len(), listed.rows), (0, keys(45)));
        assert!(server.requests <= 11, "{}", server.requests);
    }
}

/// Three rows that were read are revoked. The listing goes back half a page, not to its start.
#[test]
fn listing_goes_back_to_the_rows_that_it_knows() {
    let mut server = Server::new(60, true, 10, |_, _| Total::Unknown);
    let mut pages = 0;
    let listed = server.list(|server, _| {
        pages += 1;
        if pages == 4 {
            server.rows.drain(12..15);
        }
    });
    assert_eq!((listed.rows, listed.found), (keys(60), Discrepancies::default()));
    // Seven pages and the end, two of which have to be read twice in part.
    assert_eq!(server.requests, 9);
}

#[test]
fn server_without_an_order_ends_the_listing_with_a_discrepancy() {
    let mut server = Server::new(200, true, 10, |_, _| Total::Unknown);
    let listed = server.list(|server, _| server.rows.rotate_left(61));
    assert!(listed.found.moved_rows(), "{}", listed.found);
}

/// Nothing can be compared if a page has one row only.
#[test]
fn pages_of_one_row_are_read_and_reported() {
    let mut server = Server::new(5, true, 1, |_, _| Total::Unknown);
    let listed = server.list(|_, _| {});
    assert_eq!((listed.rows, server.requests), (keys(5), 6));
    assert_eq!(listed.found, Discrepancies::default().with_moved_rows(true));
    // A single row can be all.
    let listed = Server::new(1, true, 1, |_, _| Total::Unknown).list(|_, _| {});
    assert_eq!((listed.rows, listed.found), (keys(1), Discrepancies::default()));
}

/// A page with nothing but the row that was read looks like the end.
#[test]
fn short_page_after_a_full_one_does_not_end_the_listing() {
    let mut server = Server::new(25, true, 10, |_, _| Total::Unknown);
    let listed = server.list(|server, _| {
        server.size = if server.requests == 1 { 1 } else { 10 };
    });
    assert_eq!(listed.rows, keys(25));
}

#[test]
fn repeated_row_on_one_page_is_dropped() {
    let page = OffsetCursor::default().page(["a", "b", "a"], Total::OfAll(3));
    assert_eq!(page.keep(vec!["a", "b", "a"]), ["a", "b"]);
    assert_eq!(page.discrepancies().repeated_rows(), 1);
    let next = OffsetCursor::decode(page.next()).unwrap();
    assert_eq!(next.offset(), 2, "the server counts it twice");
    let end = OffsetCursor::decode(next.page(["a"], Total::OfAll(3)).next()).unwrap();
    assert_eq!(end.page([], Total::OfAll(3)).discrepancies().wrong_total(), Some((3, 2)));
}

/// If all rows of the claimed total came, there is nothing to doubt.
#[test]
fn server_that_ignores_offsets_ends_the_listing() {
    let pages = |rows: &[&str], total: Total| {
        let (mut kept, mut found) = (Vec::new(), Discrepancies::default());
        let mut page = OffsetCursor::default().page(rows.iter().copied(), total);
        for pages in 1.. {
            kept.extend(page.keep(rows.to_vec()));
            found.merge(page.discrepancies());
            let Some(cursor) = page.next() else {
                assert_eq!(kept, rows);
                return (pages, found);
            };
            let position = OffsetCursor::decode(Some(cursor)).unwrap();
            page = position.page(rows.iter().copied(), total);
        }
        unreachable!("the loop ends by returning")
    };
    for rows in [&["a"][..], &["a", "b"], &["a", "b", "c"]] {
        let all = rows.len() as u64;
        assert_eq!(pages(rows, Total::OfAll(all)), (2, Discrepancies::default()));
        let (requests, found) = pages(rows, Total::OfPageOrAll(all));
        assert_eq!((requests, found.repeated_page()), (4, true), "{found}");
        let (_, found) = pages(rows, Total::OfAll(all + 1));
        assert_eq!((found.repeated_page(), found.wrong_total()), (true, Some((all + 1, all))));
    }
}

#[test]
fn contradicting_totals_are_reported() {
    let first = OffsetCursor::default().page(["a", "b"], Total::OfAll(5));
    let second = OffsetCursor::decode(first.next()).unwrap().page(["b", "c"], Total::OfAll(4));
    assert_eq!(second.discrepancies().changed_total(), Some((5, 4)));
    let third = OffsetCursor::decode(second.next()).unwrap().page(["c"], Total::OfAll(4));
    let fourth = OffsetCursor::decode(third.next()).unwrap().page([], Total::OfAll(4));
    assert_eq!(fourth.discrepancies().wrong_total(), Some((4, 3)));
    assert!(fourth.next().is_none());

    let first = OffsetCursor::default().page(["a", "b", "c"], Total::OfPageOrAll(9));
    let second = OffsetCursor::decode(first.next()).unwrap();
    let third = OffsetCursor::decode(second.page(["c"], Total::OfPageOrAll(1)).next()).unwrap();
    let end = third.page([], Total::OfPageOrAll(0));
    assert_eq!(end.discrepancies().wrong_total(), Some((9, 3)), "the page's own says nothing");
}

#[test]
fn invalid_cursor_is_refused() {
    let valid = "o2:1:n:2:3:0:0:2:ab.cd";
    assert!(OffsetCursor::decode(Some(&Cursor::new(valid))).is_ok());
    let texts = " 10 o2 o2: o1:1:1::0:ab o2:1:n:2:: o2:-1:n:2:3:0:0:2:ab o2:1:x:2:3:0:0:2:ab \
                 o2:1:n:x:3:0:0:2:ab o2:1:n:2:x:0:0:2:ab o2:1:n:2:3:x:0:2:ab \
                 o2:1:n:2:3:0:x:2:ab o2:1:n:2:3:0:0:x:ab o2:1:n:2:3:0:0:2:xyz \
                 o2:1:n:2:3:0:0:2: o2:1:n:2:3:0:0:2:ab: o2:1:n:2:3:0:0:2:ab..cd \
                 o2:1:n:1:3:0:0:2:ab.cd o2:1:n:3:3:0:0:1:a.b.c \
                 o2:99999999999999999999:n:2:3:0:0:2:ab";
    for text in texts.split(' ') {
        let error = OffsetCursor::decode(Some(&Cursor::new(text))).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("cursor"), "{error}");
    }
}
