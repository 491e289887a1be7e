//! Listings by tokens: no row is lost, and every listing ends.

use pinning_keys_core::{Cursor, Discrepancies, ErrorKind, KeyPage, KeyRecord, KeyRef, Reading};
use pinning_keys_http::lenient::Row;
use pinning_keys_http::{ListedKey, TokenCursor};
use proptest::prelude::*;

struct Key(String);

impl ListedKey for Key {
    fn api_key(&self) -> &str {
        &self.0
    }

    fn into_record(self) -> Option<KeyRecord> {
        let key_ref = KeyRef::new("example", self.0).ok()?;
        Some(KeyRecord::new(key_ref, "user-42", Reading::admin()))
    }
}

fn rows(ids: &[&str]) -> Vec<Row<Key>> {
    let read = |id: &str| Row::Read(Box::new(Key(id.to_owned())));
    ids.iter().map(|id| if *id == "?" { Row::Unreadable } else { read(id) }).collect()
}

fn names(page: &KeyPage) -> Vec<&str> {
    page.records().iter().map(|record| record.key_ref().api_key()).collect()
}

/// Reads the whole list of a server, which answers a token with ids and the next token.
fn list(server: impl Fn(Option<&str>) -> (Vec<String>, Option<String>)) -> (usize, Discrepancies) {
    let (mut cursor, mut found, mut pages) = (None, Discrepancies::default(), 0);
    loop {
        let position = TokenCursor::decode(cursor.as_ref()).unwrap();
        let (ids, next) = server(position.token());
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        let page = position.into_key_page(rows(&ids), next.as_deref());
        pages += 1;
        assert!(pages < 1000, "the listing is endless");
        found.merge(page.discrepancies());
        match page.next() {
            None => return (pages, found),
            next => cursor = next.cloned(),
        }
    }
}

#[test]
fn rows_that_come_again_are_dropped_and_counted() {
    let at = |page: &KeyPage| TokenCursor::decode(page.next()).unwrap();
    let first = TokenCursor::default().into_key_page(rows(&["a", "b", "b"]), Some("2"));
    assert_eq!((names(&first), first.discrepancies().repeated_rows()), (vec!["a", "b"], 1));
    let empty = at(&first).into_key_page(rows(&[]), Some("3"));
    let third = at(&empty).into_key_page(rows(&["b", "c"]), Some(""));
    assert_eq!((names(&third), third.discrepancies().repeated_rows()), (vec!["c"], 1));
    assert!(third.next().is_none(), "an empty token ends the listing");
}

#[test]
fn unreadable_rows_of_different_pages_are_not_the_same() {
    let unreadable = || vec![Row::<Key>::Unreadable, Row::Unreadable];
    let first = TokenCursor::default().into_key_page(unreadable(), Some("2"));
    let second = TokenCursor::decode(first.next()).unwrap().into_key_page(unreadable(), None);
    for page in [first, second] {
        let found = page.discrepancies();
        assert_eq!((found.unreadable_rows(), found.repeated_rows()), (2, 0));
    }
}

#[test]
fn server_that_ignores_the_token_ends_the_listing() {
    let (pages, found) = list(|_| (vec!["a".to_owned()], Some("same".to_owned())));
    assert_eq!((pages, found.repeated_page(), found.repeated_rows()), (2, true, 1));
}

#[test]
fn pages_without_news_end_the_listing() {
    // Each token is new, so only the rows show that nothing comes any more.
    let next = |token: Option<&str>| Some(format!("{}x", token.unwrap_or_default()));
    for (ids, expected) in [(vec![], 100), (vec!["a".to_owned()], 101)] {
        let (pages, found) = list(|token| (ids.clone(), next(token)));
        assert_eq!(pages, expected, "{found}");
        assert!(found.repeated_page(), "{found}");
    }
}

#[test]
fn foreign_cursors_are_refused() {
    assert!(TokenCursor::decode(Some(&Cursor::new("t1:1:0:0:0:0:x"))).is_ok());
    let texts = [
        "",
        "t1",
        "t1:0:0:0:0:0:x",
        "t1:1:0:0:0:0:",
        "t1:1:0:zz:0:0:x",
        "t1:1:0:0:0:zz:x",
        "t1:1:0:0:0:0:x:",
        "o1:0:n",
    ];
    for text in texts {
        let error = TokenCursor::decode(Some(&Cursor::new(text))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
    }
}

proptest! {
    #[test]
    fn token_survives_in_a_cursor_of_plain_text(token in "\\PC{1,20}|[\\x00-\\x7f:.%]{1,20}") {
        let page = TokenCursor::default().into_key_page(rows(&["a"]), Some(&token));
        let cursor = page.next().unwrap();
        prop_assert!(cursor.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
        let position = TokenCursor::decode(Some(cursor)).unwrap();
        prop_assert_eq!(position.token(), Some(token.as_str()));
    }

    #[test]
    fn tokens_in_a_circle_end_the_listing_after_all_rows(tail in 0_usize..40, circle in 2_usize..40) {
        let all = tail + circle;
        let (pages, found) = list(|token| {
            let page: usize = token.map_or(0, |token| token.parse().unwrap());
            let next = if page + 1 == all { tail.max(1) } else { page + 1 };
            (vec![format!("key-{page}")], Some(next.to_string()))
        });
        prop_assert!(found.repeated_page());
        prop_assert!((all..=3 * all + 2).contains(&pages), "{} pages of {}", pages, all);
    }

    /// A server can send the same pages for ever, with new tokens.
    #[test]
    fn rows_in_a_circle_end_the_listing_whatever_the_tokens(tail in 0_usize..40, circle in 2_usize..40) {
        let all = tail + circle;
        let (pages, found) = list(|token| {
            let read: usize = token.map_or(0, |token| token.parse().unwrap());
            let page = if read < all { read } else { tail + (read - tail) % circle };
            (vec![format!("key-{page}")], Some((read + 1).to_string()))
        });
        prop_assert!(found.repeated_page());
        prop_assert!((all..=3 * all + 2).contains(&pages), "{} pages of {}", pages, all);
    }

    /// Pages can be empty, have rows of the page before, or rows that cannot be read (`?`).
    #[test]
    fn pages_of_any_kind_in_a_circle_end_the_listing(
        all in prop::collection::vec("[a-e?]{0,2}", 1..40),
        tail in any::<prop::sample::Index>(),
    ) {
        let tail = tail.index(all.len());
        let (pages, found) = list(|token| {
            let read: usize = token.map_or(0, |token| token.parse().unwrap());
            let circle = all.len() - tail;
            let page = if read < tail { read } else { tail + (read - tail) % circle };
            (all[page].chars().map(String::from).collect(), Some((read + 1).to_string()))
        });
        prop_assert!(found.repeated_page());
        prop_assert!(pages <= 6 * all.len() + 102, "{} pages of {:?}", pages, all);
    }
}

#[test]
fn circle_whose_checkpoints_are_empty_ends_the_listing() {
    // After 4, 8, 16, … pages, the page is the empty one.
    let all = ["x", "y", "a", "", "b", "c"];
    let (_, found) = list(|token| {
        let read: usize = token.map_or(0, |token| token.parse().unwrap());
        let page = if read < 2 { read } else { 2 + (read - 2) % 4 };
        (all[page].chars().map(String::from).collect(), Some((read + 1).to_string()))
    });
    assert!(found.repeated_page(), "{found}");
}

#[test]
fn rows_that_cannot_be_read_are_no_news() {
    for all in [vec!["a?", "b?"], vec!["?"]] {
        let (_, found) = list(|token| {
            let read: usize = token.map_or(0, |token| token.parse().unwrap());
            let ids = all[read % all.len()].chars().map(String::from).collect();
            (ids, Some((read + 1).to_string()))
        });
        assert!(found.repeated_page() && found.unreadable_rows() > 0, "{found}");
    }
}
