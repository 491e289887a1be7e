//! store-12: the audit trail.

use std::sync::Arc;
use std::time::Duration;

use crate::conformance::bench::{Bench, EVERYTHING, TASKS, audit, change, insist};
use crate::conformance::case::{Verdict, ensure, ensure_eq};
use crate::conformance::dice::{Dice, id, line};
use crate::store::{AuditFilter, AuditRow, Prune, Scope};

pub(super) async fn audit_numbers_grow_and_are_never_given_twice(bench: Arc<Bench>) -> Verdict {
    let now = bench.now();
    bench
        .at_once(|task, store| async move {
            for step in 0..10 {
                insist(&*store, Scope::default(), move |tx| {
                    let lines = [line(2 * step, now), line(2 * step + 1, now)];
                    // The number is for the store to assign.
                    let with_actor =
                        |line| AuditRow { number: 7, actor: format!("task {task}"), ..line };
                    tx.audit.extend(lines.map(with_actor));
                })
                .await?;
            }
            Ok(())
        })
        .await?;
    let store = bench.open().await?;
    let lines = audit(&*store).await?;
    ensure_eq!(lines.len(), TASKS * 20, "the number of lines");
    let grow = |pair: &[AuditRow]| pair[0].number < pair[1].number;
    ensure!(
        lines[0].number > 0 && lines.windows(2).all(grow),
        "the numbers do not grow: {lines:?}"
    );
    for task in 0..TASKS {
        let own = lines.iter().filter(|line| line.actor == format!("task {task}"));
        let keys: Vec<_> = own.map(|line| line.key.clone()).collect();
        ensure_eq!(keys, (0..20).map(id).collect::<Vec<_>>(), "the lines of one task, in order");
    }
    let last = lines[lines.len() - 1].number;
    let later = now.saturating_add(Duration::from_secs(1));
    store.prune(Prune { audit_before: later, limit: EVERYTHING }).await?;
    let store = bench.open().await?;
    change(&*store, Scope::default(), move |tx| tx.audit.push(line(1, now))).await?;
    let lines = audit(&*store).await?;
    ensure!(
        lines.len() == 1 && lines[0].number > last,
        "after all lines were removed, the number {last} was given again: {lines:?}"
    );
    Ok(())
}

pub(super) async fn audit_filters_and_pages_select_exactly(bench: Arc<Bench>) -> Verdict {
    let (store, mut dice) = (bench.open().await?, Dice::new(8));
    let rows: Vec<AuditRow> = (0..60)
        .map(|_| {
            let age = Duration::from_micros(u64::try_from(dice.below(20)).unwrap_or_default());
            let mut row = line(dice.below(4), bench.now().saturating_sub(age));
            dice.one_of(&["main", "Main", "m%"]).clone_into(&mut row.account);
            row
        })
        .collect();
    change(&*store, Scope::default(), move |tx| tx.audit.clone_from(&rows)).await?;
    let lines = audit(&*store).await?;
    for _ in 0..60 {
        let age = Duration::from_micros(u64::try_from(dice.below(20))?);
        let filter = AuditFilter {
            key: dice.maybe(|dice| id(dice.below(5))),
            account: dice.maybe(|dice| dice.one_of(&["main", "Main", "m%"]).to_owned()),
            since: dice.maybe(|_| bench.now().saturating_sub(age)),
        };
        let after = dice.maybe(|dice| lines[dice.below(lines.len())].number).unwrap_or(0);
        let limit = dice.one_of(&[5, EVERYTHING]);
        let admitted = lines.iter().filter(|line| line.number > after && filter.admits(line));
        let expected: Vec<i64> = admitted.take(limit).map(|line| line.number).collect();
        let found = store.audit(&filter, after, limit).await?;
        let found: Vec<i64> = found.iter().map(|line| line.number).collect();
        ensure_eq!(found, expected, "{filter:?} after {after}, at most {limit}");
    }
    Ok(())
}
