//! store-01: what was committed is kept, in every column.

use std::sync::Arc;

use crate::conformance::bench::{
    Bench, audit, change, insert, keys, look, of_account, of_ids, status,
};
use crate::conformance::case::{Verdict, ensure_eq};
use crate::conformance::dice::{Dice, account, id, line, plain};
use crate::store::{AuditRow, KeyRow, Scope};
use crate::{Label, Timestamp};

/// How many arbitrary rows a round trip has. Each column has two or more kinds of content.
const ROWS: usize = 64;

pub(super) async fn commits_are_seen_through_another_handle(bench: Arc<Bench>) -> Verdict {
    let (store, other) = (bench.open().await?, bench.open().await?);
    let now = bench.now();
    change(&*store, of_account("main"), move |tx| {
        tx.account = Some(account("main"));
        tx.rows.push(plain(1, now));
        tx.audit.push(line(1, now));
    })
    .await?;
    let reopened = bench.open().await?;
    for handle in [&other, &reopened] {
        ensure_eq!(keys(&**handle).await?, [plain(1, now)], "the committed key");
        ensure_eq!(audit(&**handle).await?.len(), 1, "the committed lines of the audit trail");
        let accounts = status(&**handle).await?.accounts;
        let accounts: Vec<_> = accounts.into_iter().map(|(account, _)| account).collect();
        ensure_eq!(accounts, [account("main")], "the committed account");
    }
    let (of_store, of_other) = (status(&*store).await?.store, status(&*reopened).await?.store);
    ensure_eq!(of_other.label, of_store.label, "the label of the store");
    Ok(())
}

pub(super) async fn every_column_of_a_key_comes_back(bench: Arc<Bench>) -> Verdict {
    let mut dice = Dice::new(1);
    let inserted: Vec<KeyRow> = (0..ROWS).map(|number| dice.key(number)).collect();
    let updated: Vec<KeyRow> = (0..ROWS).map(|number| dice.key(number)).collect();
    let store = bench.open().await?;
    insert(&*store, &inserted).await?;
    let ids: Vec<_> = (0..ROWS).map(id).collect();
    let found = bench.open().await?.find(&ids).await?;
    for (found, inserted) in found.iter().zip(&inserted) {
        ensure_eq!(found, inserted, "a key that was inserted");
    }
    ensure_eq!(found.len(), ROWS, "the number of keys");
    let with = updated.clone();
    change(&*store, of_ids(ids.clone()), move |tx| tx.rows.clone_from(&with)).await?;
    let found = bench.open().await?.find(&ids).await?;
    for ((found, old), new) in found.iter().zip(&inserted).zip(updated) {
        let expected = KeyRow { version: old.version + 1, ..new };
        ensure_eq!(*found, expected, "a key that was updated");
    }
    Ok(())
}

pub(super) async fn every_column_of_an_account_comes_back(bench: Arc<Bench>) -> Verdict {
    let mut dice = Dice::new(2);
    for number in 0..ROWS {
        let name = format!("{}{number}", dice.text());
        // Inserted, then updated.
        for _ in 0..2 {
            let (store, row) = (bench.open().await?, dice.account(&name));
            let with = row.clone();
            let scope = of_account(&name);
            change(&*store, scope.clone(), move |tx| tx.account = Some(with.clone())).await?;
            let seen = look(&*store, scope).await?.account;
            ensure_eq!(seen, Some(row), "an account");
        }
    }
    Ok(())
}

pub(super) async fn every_column_of_an_audit_line_comes_back(bench: Arc<Bench>) -> Verdict {
    let mut dice = Dice::new(3);
    let lines: Vec<AuditRow> = (0..ROWS).map(|_| dice.line()).collect();
    let store = bench.open().await?;
    let with = lines.clone();
    change(&*store, Scope::default(), move |tx| tx.audit.clone_from(&with)).await?;
    let found = audit(&*bench.open().await?).await?;
    for (found, line) in found.iter().zip(&lines) {
        let expected = AuditRow { number: found.number, ..line.clone() };
        ensure_eq!(*found, expected, "a line of the audit trail");
    }
    ensure_eq!(found.len(), ROWS, "the number of lines");
    Ok(())
}

pub(super) async fn every_column_of_the_store_comes_back(bench: Arc<Bench>) -> Verdict {
    let mut dice = Dice::new(4);
    let store = bench.open().await?;
    for number in 0..8 {
        let mut row = status(&*store).await?.store;
        // The id of another store, as a copy has it.
        row.label = format!("{number:08}").parse::<Label>()?;
        row.identity = format!("{}{number}", dice.text());
        row.rolled_back_at = dice.maybe(Dice::time);
        row.rolled_back_because = dice.maybe(Dice::text);
        row.acknowledged = dice.flip();
        row.last_tick_at = Some(Timestamp::from_micros(number));
        row.clock_confirmed_at = dice.maybe(Dice::time);
        row.resumed_at = dice.maybe(Dice::time);
        let with = row.clone();
        change(&*store, Scope::default(), move |tx| {
            let time_high = tx.store.time_high;
            tx.store.clone_from(&with);
            tx.store.time_high = time_high;
        })
        .await?;
        let mut found = status(&*bench.open().await?).await?.store;
        found.time_high = row.time_high;
        ensure_eq!(found, row, "the row about the store");
    }
    Ok(())
}
