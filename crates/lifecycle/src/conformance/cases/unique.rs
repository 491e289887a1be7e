//! store-05: what is unique.

use std::sync::Arc;

use crate::conformance::bench::{
    Bench, TASKS, change, ids, insert, insist, keys, look, of_account, of_ids, status,
};
use crate::conformance::case::{Verdict, ensure, ensure_eq};
use crate::conformance::dice::{account, id, plain};
use crate::conformance::harness::BoxError;
use crate::store::{AccountRow, KeyRow, Scope};
use crate::{StoreError, StoreErrorKind};

fn kind(ended: Result<(), StoreError>) -> Option<StoreErrorKind> {
    ended.err().map(|error| error.kind())
}

/// Checks that no two rows can have what these have in common: not when both are inserted, not when
/// the second is changed, and not both at once.
async fn ensure_unique(bench: &Bench, first: KeyRow, second: KeyRow, what: &str) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    let conflict = Some(StoreErrorKind::Conflict);
    let both = insert(&*store, &[first.clone(), second.clone()]).await;
    ensure_eq!(kind(both), conflict, "two new rows with the same {what}");
    insert(&*store, &[first.clone(), plain(3, now), plain(4, now)]).await?;
    let inserted = insert(&*bench.open().await?, std::slice::from_ref(&second)).await;
    ensure_eq!(kind(inserted), conflict, "a new row with the {what} of another");
    let (holder, successor) = (second.open_holder.clone(), second.open_successor.clone());
    let changed = change(&*store, of_ids([id(3)]), move |tx| {
        tx.rows[0].open_holder.clone_from(&holder);
        tx.rows[0].open_successor.clone_from(&successor);
    });
    ensure_eq!(kind(changed.await), conflict, "a row that gets the {what} of another");
    let rows = keys(&*store).await?;
    ensure_eq!(rows, [first, plain(3, now), plain(4, now)], "the rows");
    Ok(())
}

pub(super) async fn a_holder_has_one_open_row(bench: Arc<Bench>) -> Verdict {
    let [first, second] = [1, 2].map(|number| KeyRow {
        open_holder: Some("holder".to_owned()),
        ..plain(number, bench.now())
    });
    ensure_unique(&bench, first, second, "open_holder").await
}

pub(super) async fn a_key_has_one_open_successor(bench: Arc<Bench>) -> Verdict {
    let [first, second] =
        [1, 2].map(|number| KeyRow { open_successor: Some(id(9)), ..plain(number, bench.now()) });
    ensure_unique(&bench, first, second, "open_successor").await
}

pub(super) async fn a_holder_passes_from_one_row_to_another(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    insert(&*store, &[plain(1, now), plain(2, now)]).await?;
    // In both directions, because a database may check at each row that it writes.
    for (from, to) in [(None, Some(0)), (Some(0), Some(1)), (Some(1), Some(0)), (Some(0), None)] {
        change(&*store, of_ids([id(1), id(2)]), move |tx| {
            if let Some(from) = from {
                let row: &mut KeyRow = &mut tx.rows[from];
                (row.open_holder, row.open_successor) = (None, None);
            }
            if let Some(to) = to {
                let row: &mut KeyRow = &mut tx.rows[to];
                (row.open_holder, row.open_successor) = (Some("holder".to_owned()), Some(id(9)));
            }
        })
        .await?;
    }
    // And to a new row.
    change(&*store, of_ids([id(1)]), |tx| tx.rows[0].open_holder = Some("holder".to_owned()))
        .await?;
    change(&*store, of_ids([id(1)]), move |tx| {
        let open_holder = tx.rows[0].open_holder.take();
        tx.rows.push(KeyRow { open_holder, ..plain(3, now) });
    })
    .await?;
    let open = keys(&*store).await?.into_iter().filter(|row| row.open_holder.is_some());
    ensure_eq!(ids(&open.collect::<Vec<_>>()), [id(3).as_str()], "the rows with an open_holder");
    Ok(())
}

pub(super) async fn a_known_id_is_a_conflict(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    let conflict = Some(StoreErrorKind::Conflict);
    insert(&*store, &[plain(1, now)]).await?;
    let other = KeyRow { watched: 7, ..plain(1, now) };
    let known = insert(&*bench.open().await?, &[other]).await;
    ensure_eq!(kind(known), conflict, "a new row with a known id");
    let twice = insert(&*store, &[plain(2, now), plain(2, now)]).await;
    ensure_eq!(kind(twice), conflict, "two new rows with the same id");
    ensure_eq!(keys(&*store).await?, [plain(1, now)], "the rows");
    Ok(())
}

pub(super) async fn an_account_is_made_once(bench: Arc<Bench>) -> Verdict {
    // As a manager does: it takes what is there, and makes what is not.
    bench
        .at_once(|_, store| async move {
            insist(&*store, of_account("main"), |tx| {
                tx.account.get_or_insert_with(|| account("main")).changes += 1;
            })
            .await
        })
        .await?;
    let store = bench.open().await?;
    let seen = look(&*store, of_account("main")).await?.account.map(|account| account.changes);
    ensure_eq!(seen, Some(i64::try_from(TASKS)?), "how often the account was changed");
    // A transaction that has not locked the account makes no second one.
    let blind = change(&*store, Scope::default(), |tx| tx.account = Some(account("main"))).await;
    ensure!(blind.is_err(), "a second account with the same name was accepted");
    ensure_eq!(status(&*store).await?.accounts.len(), 1, "the number of accounts");
    Ok(())
}

pub(super) async fn an_account_has_one_name(bench: Arc<Bench>) -> Verdict {
    let known = |name: &str, identity: Option<&str>| AccountRow {
        identity: identity.map(str::to_owned),
        ..account(name)
    };
    let enter = |row: AccountRow| {
        let bench = Arc::clone(&bench);
        async move {
            let store = bench.open().await?;
            let scope = of_account(&row.name);
            let entered = change(&*store, scope, move |tx| tx.account = Some(row.clone())).await;
            Ok::<_, BoxError>(kind(entered))
        }
    };
    ensure_eq!(enter(known("one", Some("user"))).await?, None, "the first name");
    let second = enter(known("two", Some("user"))).await?;
    ensure_eq!(second, Some(StoreErrorKind::Conflict), "a second name of the account");
    let elsewhere = AccountRow { provider: "w3ipfs".to_owned(), ..known("three", Some("user")) };
    ensure_eq!(enter(elsewhere).await?, None, "the same identity at another provider");
    // Whose account it is may be known later.
    ensure_eq!(enter(known("four", None)).await?, None, "an account without an identity");
    ensure_eq!(enter(known("five", None)).await?, None, "another account without an identity");
    let late = enter(known("four", Some("user"))).await?;
    ensure_eq!(late, Some(StoreErrorKind::Conflict), "an account that gets a known identity");
    ensure_eq!(enter(known("five", Some("other"))).await?, None, "one that gets its own");
    let accounts = status(&*bench.open().await?).await?.accounts;
    let names: Vec<String> = accounts.into_iter().map(|(account, _)| account.name).collect();
    ensure_eq!(names, ["five", "four", "one", "three"], "the accounts");
    Ok(())
}
