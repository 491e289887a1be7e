//! store-07: pages. store-11: which rows lists hold, and their order.

use std::sync::Arc;
use std::time::Duration;

use crate::conformance::bench::{Bench, EVERYTHING, ids, insert};
use crate::conformance::case::{Verdict, ensure, ensure_eq};
use crate::conformance::dice::{Dice, id, plain};
use crate::store::{KeyFilter, KeyPosition, KeyRow};
use crate::{KeyId, KeyState};

const ROWS: usize = 50;
const PAGE: usize = 7;

/// Rows of a few accounts, holders and states, several of which were made at the same time.
fn varied(bench: &Bench) -> Vec<KeyRow> {
    let mut dice = Dice::new(5);
    let mut varied = |number| {
        let age = Duration::from_micros(u64::try_from(dice.below(ROWS / 3)).unwrap_or_default());
        let mut row = plain(number, bench.now().saturating_sub(age));
        dice.one_of(&["main", "Main", "main ", "m%"]).clone_into(&mut row.account);
        dice.one_of(&["ci", "CI", "c_", "é"]).clone_into(&mut row.holder);
        row.state = dice.one_of(KeyState::ALL);
        row.adopted = dice.flip();
        row
    };
    (0..ROWS).map(&mut varied).collect()
}

fn sorted(mut rows: Vec<KeyRow>) -> Vec<KeyRow> {
    rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    rows
}

fn position(row: &KeyRow) -> KeyPosition {
    KeyPosition { created_at: row.created_at, id: row.id.clone() }
}

pub(super) async fn pages_hold_each_key_once_in_order(bench: Arc<Bench>) -> Verdict {
    let (store, rows) = (bench.open().await?, varied(&bench));
    insert(&*store, &rows).await?;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.keys(&KeyFilter::default(), after.as_ref(), PAGE).await?;
        ensure!(page.len() <= PAGE, "a page of {} rows, of which at most {PAGE}", page.len());
        after = page.last().map(position);
        if page.is_empty() || found.len() > ROWS {
            break;
        }
        found.extend(page);
    }
    ensure_eq!(ids(&found), ids(&sorted(rows)), "the rows of all pages");
    Ok(())
}

pub(super) async fn pages_stay_whole_while_rows_are_added(bench: Arc<Bench>) -> Verdict {
    let (store, other) = (bench.open().await?, bench.open().await?);
    let rows = sorted(varied(&bench));
    insert(&*store, &rows).await?;
    let (mut found, mut after, mut number) = (Vec::new(), None, ROWS);
    loop {
        let page = store.keys(&KeyFilter::default(), after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(position(last));
        // Before and after the position, each while the list is in use.
        let old = last.created_at.saturating_sub(Duration::from_micros(1));
        insert(&*other, &[plain(number, old)]).await?;
        if number < ROWS + 4 {
            insert(&*other, &[plain(number + 100, bench.now())]).await?;
        }
        number += 1;
        ensure!(number < 3 * ROWS, "the list does not end");
        found.extend(page);
    }
    let from_start = |row: &&KeyRow| row.id < id(ROWS);
    let of_start: Vec<KeyRow> = found.iter().filter(from_start).cloned().collect();
    ensure_eq!(ids(&of_start), ids(&rows), "the rows that were there at the beginning");
    let distinct: std::collections::BTreeSet<_> = found.iter().map(|row| &row.id).collect();
    ensure_eq!(distinct.len(), found.len(), "the number of different rows");
    Ok(())
}

pub(super) async fn filters_select_exactly(bench: Arc<Bench>) -> Verdict {
    let (store, rows) = (bench.open().await?, sorted(varied(&bench)));
    insert(&*store, &rows).await?;
    let mut dice = Dice::new(6);
    for _ in 0..60 {
        let filter = KeyFilter {
            account: dice.maybe(|dice| dice.one_of(&["main", "Main", "m%", "none"]).to_owned()),
            states: (0..dice.below(4)).map(|_| dice.one_of(KeyState::ALL)).collect(),
            holder: dice.maybe(|dice| dice.one_of(&["ci", "CI", "c_", "é"]).to_owned()),
            adopted: dice.maybe(Dice::flip),
        };
        let after = dice.maybe(|dice| position(&rows[dice.below(ROWS)]));
        let limit = dice.one_of(&[3, EVERYTHING]);
        let is_after = |row: &&KeyRow| {
            let place = |after: &KeyPosition| (after.created_at, after.id.clone());
            after.as_ref().is_none_or(|after| (row.created_at, row.id.clone()) > place(after))
        };
        let admitted = rows.iter().filter(|row| filter.admits(row)).filter(is_after);
        let expected: Vec<KeyRow> = admitted.take(limit).cloned().collect();
        let found = store.keys(&filter, after.as_ref(), limit).await?;
        ensure_eq!(ids(&found), ids(&expected), "{filter:?} after {after:?}, at most {limit}");
    }
    Ok(())
}

pub(super) async fn found_rows_are_ordered_and_not_repeated(bench: Arc<Bench>) -> Verdict {
    let store = bench.open().await?;
    insert(&*store, &varied(&bench)).await?;
    let found = store.find(&[id(9), id(2), id(9), id(ROWS), id(4)]).await?;
    ensure_eq!(ids(&found), [id(2), id(4), id(9)].each_ref().map(KeyId::as_str), "the rows");
    ensure_eq!(store.find(&[]).await?, [], "the rows of no ids");
    Ok(())
}
