//! store-10: what a transaction reads.

use std::sync::Arc;
use std::time::Duration;

use crate::conformance::bench::{Bench, ids, insert, look, of_ids};
use crate::conformance::case::{Verdict, ensure_eq};
use crate::conformance::dice::{Dice, id, plain};
use crate::store::{KeyRow, Scope, Select, Work};
use crate::{KeyState, Timestamp};

fn of_keys(keys: Select) -> Scope {
    Scope { keys, ..Scope::default() }
}

fn numbered(numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(|number| id(*number).to_string()).collect()
}

pub(super) async fn ids_select_the_rows_that_exist(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    insert(&*store, &[plain(3, now), plain(1, now), plain(2, now)]).await?;
    let seen = look(&*store, of_ids([id(3), id(9), id(1), id(3)])).await?;
    ensure_eq!(seen.rows, [plain(1, now), plain(3, now)], "the rows of these ids, in their order");
    for scope in [of_keys(Select::Nothing), of_ids([])] {
        ensure_eq!(look(&*store, scope).await?.rows, [], "the rows of no ids");
    }
    Ok(())
}

pub(super) async fn a_family_is_exactly_the_related_keys(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    // 1 was replaced by 2 and 3, and 2 by 4. 5 and 6 have replaced a key that is gone. 7 is alone.
    let replaces =
        [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(9)), (6, Some(9))];
    let related = replaces.iter().chain(&[(7, None)]);
    let rows: Vec<KeyRow> = related
        .map(|(number, replaced)| KeyRow { replaces: replaced.map(id), ..plain(*number, now) })
        .collect();
    insert(&*store, &rows).await?;
    let families: [(usize, &[usize]); 8] = [
        (1, &[1, 2, 3]),
        (2, &[1, 2, 3, 4]),
        (3, &[1, 2, 3]),
        (4, &[2, 4]),
        (5, &[5, 6]),
        (7, &[7]),
        (8, &[]),
        (9, &[5, 6]),
    ];
    for (number, expected) in families {
        let seen = look(&*store, of_keys(Select::Family(id(number)))).await?;
        ensure_eq!(ids(&seen.rows), numbered(expected), "the family of {number}");
    }
    Ok(())
}

pub(super) async fn a_holder_selects_its_open_row(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    let named = |number, open: Option<&str>| KeyRow {
        holder: "ci".to_owned(),
        open_holder: open.map(str::to_owned),
        ..plain(number, now)
    };
    let rows = [named(1, None), named(2, Some("ci")), named(3, Some("CI")), named(4, Some("c_"))];
    insert(&*store, &rows).await?;
    let holders: [(&str, &[usize]); 4] = [("ci", &[2]), ("CI", &[3]), ("c_", &[4]), ("c%", &[])];
    for (holder, expected) in holders {
        let seen = look(&*store, of_keys(Select::Holder(holder.to_owned()))).await?;
        ensure_eq!(ids(&seen.rows), numbered(expected), "the open row of {holder:?}");
    }
    Ok(())
}

/// Rows in every state that are due or not, claimed or not, by hand or not. No two are due at the
/// same time.
fn scheduled(now: Timestamp) -> Vec<KeyRow> {
    let mut dice = Dice::new(7);
    let near = |dice: &mut Dice, micros: usize| {
        let micros = Duration::from_micros(u64::try_from(micros).unwrap_or_default());
        if dice.flip() { now.saturating_sub(micros) } else { now.saturating_add(micros) }
    };
    let mut scheduled = |number: usize| {
        let mut row = plain(number, now);
        dice.one_of(&["main", "main", "other"]).clone_into(&mut row.account);
        row.state = dice.one_of(KeyState::ALL);
        // One is due at this very moment.
        row.due_at =
            Some(near(&mut dice, number)).filter(|_| number == 0 || !number.is_multiple_of(9));
        let claimed = dice.one_of(&[0, 1, 1000]);
        row.claimed_until = dice.maybe(|dice| near(dice, claimed));
        row.by_hand = number % 5 == 1;
        row
    };
    (0..200).map(&mut scheduled).collect()
}

fn due(rows: &[KeyRow], work: Work, now: Timestamp) -> Vec<KeyRow> {
    let is_due = |row: &&KeyRow| {
        row.account == "main"
            && work.states().contains(&row.state)
            && row.due_at.is_some_and(|due| due <= now)
            && row.claimed_until.is_none_or(|until| until <= now)
    };
    let mut due: Vec<KeyRow> = rows.iter().filter(is_due).cloned().collect();
    due.sort_by_key(|row| (!row.by_hand, row.due_at));
    due
}

pub(super) async fn due_rows_come_in_the_order_of_urgency(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    let rows = scheduled(now);
    insert(&*store, &rows).await?;
    for work in [Work::Ends, Work::Settle, Work::Watch] {
        for limit in [1, 3, 1000] {
            let account = Some("main".to_owned());
            let scope = Scope { account, ..of_keys(Select::Due { work, limit }) };
            let seen = look(&*store, scope).await?;
            let mut expected = due(&rows, work, now);
            expected.truncate(limit);
            ensure_eq!(ids(&seen.rows), ids(&expected), "what is due of {work:?}, at most {limit}");
        }
    }
    Ok(())
}

pub(super) async fn counts_are_those_of_the_account(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    let rows = scheduled(now);
    insert(&*store, &rows).await?;
    // No end is due in the third, although there is one that is claimed.
    let mut claimed = plain(900, now);
    (claimed.account, claimed.due_at) = ("third".to_owned(), Some(now));
    claimed.claimed_until = Some(now.saturating_add(Duration::from_micros(1)));
    insert(&*store, &[claimed]).await?;
    let open = rows.iter().filter(|row| row.account == "main" && row.state.is_open()).count();
    let open = u64::try_from(open)?;
    let accounts = [("main", open, true), ("third", 1, false), ("none", 0, false)];
    for (account, open, ends_due) in accounts {
        for asked in [(true, true), (true, false), (false, true), (false, false)] {
            let account = Some(account.to_owned());
            let scope = Scope { account, open: asked.0, ends_due: asked.1, ..Scope::default() };
            let counts = look(&*store, scope).await?.counts;
            let expected = (if asked.0 { open } else { 0 }, asked.1 && ends_due);
            ensure_eq!(
                (counts.open, counts.ends_due),
                expected,
                "open keys, and whether an end is due"
            );
        }
    }
    Ok(())
}
