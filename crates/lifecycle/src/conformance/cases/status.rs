//! store-14: what a store counts.

use std::sync::Arc;
use std::time::Duration;

use crate::conformance::bench::{Bench, change, insert, of_account, status};
use crate::conformance::case::{Verdict, ensure_eq};
use crate::conformance::dice::{Dice, account, plain};
use crate::store::{AccountCounts, AccountRow, KeyRow, StatusQuery};
use crate::{KeyState, Timestamp};

/// Rows of three accounts, one of which has no row, with facts of every kind around this time.
fn varied(now: Timestamp) -> Vec<KeyRow> {
    let mut dice = Dice::new(9);
    let near = |dice: &mut Dice| {
        let micros = Duration::from_micros(u64::try_from(dice.below(4)).unwrap_or_default());
        if dice.flip() { now.saturating_sub(micros) } else { now.saturating_add(micros) }
    };
    let mut varied = |number| {
        let mut row = plain(number, near(&mut dice));
        dice.one_of(&["main", "other", "nobody's"]).clone_into(&mut row.account);
        row.state = dice.one_of(KeyState::ALL);
        row.due_at = dice.maybe(near);
        row.end_due = dice.maybe(near);
        row.seen_at = dice.maybe(near);
        (row.adopted, row.unproven) = (dice.flip(), dice.flip());
        row.difference = dice.maybe(Dice::text);
        row
    };
    (0..300).map(&mut varied).collect()
}

fn recount(account: &AccountRow, rows: &[KeyRow], now: Timestamp) -> AccountCounts {
    let own: Vec<&KeyRow> = rows.iter().filter(|row| row.account == account.name).collect();
    let count =
        |holds: &dyn Fn(&KeyRow) -> bool| own.iter().filter(|row| holds(row)).count() as u64;
    let mut states = [0; 8];
    for (counted, state) in states.iter_mut().zip(KeyState::ALL) {
        *counted = count(&|row| row.state == *state);
    }
    AccountCounts {
        account: account.name.clone(),
        states,
        overdue: count(&|row| row.is_overdue(now)),
        missing: count(&|row| row.is_missing(account)),
        adopted: count(&|row| row.adopted && row.state == KeyState::Live),
        unproven: count(&|row| row.unproven),
        different: count(&|row| row.difference.is_some() && !row.state.is_tombstone()),
        held: 0,
    }
}

pub(super) async fn status_equals_a_recount(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    let rows = varied(now);
    insert(&*store, &rows).await?;
    // One was listed as a whole, one never, and one has no keys.
    let listed = AccountRow { full_pass_began: Some(now), ..account("main") };
    for row in [listed, account("other"), account("empty")] {
        let name = row.name.clone();
        change(&*store, of_account(&name), move |tx| tx.account = Some(row.clone())).await?;
    }
    let snapshot = store.status(StatusQuery { overdue_before: now }).await?;
    ensure_eq!(snapshot.accounts.len(), 3, "the number of accounts");
    for (account, counts) in &snapshot.accounts {
        let expected = recount(account, &rows, now);
        ensure_eq!(*counts, expected, "the counts of {:?}", account.name);
    }
    ensure_eq!(snapshot.unknown, 0, "the number of rows of a newer version");
    Ok(())
}

pub(super) async fn the_agenda_shows_when_work_begins(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    let later = |micros| now.saturating_add(Duration::from_micros(micros));
    // When each row of an account is due and until when it is claimed, and when work begins.
    let cases = [
        ("idle", vec![], None),
        ("never", vec![(None, None), (None, Some(later(5)))], None),
        ("later", vec![(Some(later(7)), None), (Some(later(3)), None)], Some(later(3))),
        ("due", vec![(Some(now), None), (Some(later(3)), None)], Some(now)),
        ("claimed", vec![(Some(now), Some(later(4))), (Some(later(9)), None)], Some(later(4))),
        ("free again", vec![(Some(now), Some(now)), (Some(later(9)), None)], Some(now)),
        (
            "claimed for long",
            vec![(Some(now), Some(later(9))), (Some(later(4)), None)],
            Some(later(4)),
        ),
        ("by hand", vec![(Some(later(6)), None)], Some(later(6))),
    ];
    for (number, (name, schedule, _)) in cases.iter().enumerate() {
        let rows = schedule.iter().enumerate().map(|(at, (due_at, claimed_until))| KeyRow {
            account: (*name).to_owned(),
            // All kinds of work.
            state: KeyState::ALL[(number + 3 * at) % KeyState::ALL.len()],
            due_at: *due_at,
            claimed_until: *claimed_until,
            by_hand: *name == "by hand",
            ..plain(10 * number + at, now)
        });
        insert(&*store, &rows.collect::<Vec<_>>()).await?;
        let name = *name;
        change(&*store, of_account(name), move |tx| tx.account = Some(account(name))).await?;
    }
    let query = StatusQuery { overdue_before: later(5) };
    let (agendas, snapshot) = (store.agenda(query).await?, store.status(query).await?);
    ensure_eq!(agendas.now, now, "the time");
    ensure_eq!(agendas.store.label, snapshot.store.label, "the label of the store");
    ensure_eq!(agendas.accounts.len(), cases.len(), "the number of accounts");
    for (agenda, (account, counts)) in agendas.accounts.iter().zip(&snapshot.accounts) {
        ensure_eq!(agenda.account, *account, "the accounts, in their order");
        ensure_eq!(agenda.overdue, counts.overdue, "what is overdue in {:?}", account.name);
        let begins = cases.iter().find(|(name, ..)| *name == account.name);
        let begins = begins.and_then(|(_, _, begins)| *begins);
        ensure_eq!(agenda.due_at, begins, "when work begins in {:?}", account.name);
    }
    Ok(())
}

pub(super) async fn accounts_are_ordered_by_the_bytes_of_their_names(bench: Arc<Bench>) -> Verdict {
    let store = bench.open().await?;
    let mut names = ["b", "a", "B", "é", "_", "a b", "ab", "名", "Z", "z"];
    for name in names {
        change(&*store, of_account(name), move |tx| tx.account = Some(account(name))).await?;
    }
    names.sort_unstable();
    let accounts = status(&*store).await?.accounts;
    let found: Vec<&str> = accounts.iter().map(|(account, _)| account.name.as_str()).collect();
    ensure_eq!(found, names, "the accounts");
    Ok(())
}
