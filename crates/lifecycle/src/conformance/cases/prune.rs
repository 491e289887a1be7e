//! store-13: what is removed.

use std::sync::Arc;
use std::time::Duration;

use crate::conformance::bench::{Bench, EVERYTHING, audit, change, ids, insert, keys, of_account};
use crate::conformance::case::{Verdict, ensure, ensure_eq};
use crate::conformance::dice::{account, line, plain};
use crate::conformance::harness::BoxError;
use crate::store::{AccountRow, AuditRow, KeyRow, Prune, Scope, Store};
use crate::{KeyState, Timestamp};

/// Rows in every state that are kept forever, until later, until now, and until earlier; and two
/// lines about each, one of them old. The last complete listing began earlier.
async fn begin(bench: &Bench) -> Result<(Arc<dyn Store>, Vec<KeyRow>), BoxError> {
    let (store, now) = (bench.open().await?, bench.now());
    let moment = Duration::from_micros(1);
    let kept =
        [None, Some(now.saturating_add(moment)), Some(now), Some(now.saturating_sub(moment))];
    let of_state = |(at, state): (usize, &KeyState)| {
        let (at, state) = (4 * at, *state);
        let row = move |(number, keep_until): (usize, Option<Timestamp>)| KeyRow {
            state,
            keep_until,
            ..plain(at + number, now)
        };
        kept.into_iter().enumerate().map(row)
    };
    let rows: Vec<KeyRow> = KeyState::ALL.iter().enumerate().flat_map(of_state).collect();
    insert(&*store, &rows).await?;
    let full_pass_began = Some(now.saturating_sub(moment));
    let listed = AccountRow { full_pass_began, ..account("main") };
    change(&*store, of_account("main"), move |tx| tx.account = Some(listed.clone())).await?;
    let lines: Vec<AuditRow> = (0..rows.len())
        .flat_map(|number| [line(number, now.saturating_sub(moment)), line(number, now)])
        .collect();
    change(&*store, Scope::default(), move |tx| tx.audit.clone_from(&lines)).await?;
    Ok((store, rows))
}

fn is_over(row: &KeyRow, now: Timestamp) -> bool {
    let is_past = |until: Timestamp| match row.state {
        // Its key may still work, and no listing since shows that it is gone.
        KeyState::Forgotten => until < now,
        _ => until <= now,
    };
    row.state.is_tombstone() && row.keep_until.is_some_and(is_past)
}

pub(super) async fn prune_removes_only_what_its_rule_names(bench: Arc<Bench>) -> Verdict {
    let (store, rows) = begin(&bench).await?;
    let now = bench.now();
    let lines = audit(&*store).await?;
    let what = Prune { audit_before: now, limit: EVERYTHING };
    let mut removed = 0;
    loop {
        let more = store.prune(what).await?;
        if more == 0 {
            break;
        }
        removed += more;
    }
    let expected: Vec<KeyRow> = rows.iter().filter(|row| !is_over(row, now)).cloned().collect();
    ensure_eq!(ids(&keys(&*store).await?), ids(&expected), "the rows that are left");
    let is_kept =
        |line: &&AuditRow| line.at >= now || expected.iter().any(|row| row.id == line.key);
    let kept: Vec<AuditRow> = lines.iter().filter(is_kept).cloned().collect();
    ensure_eq!(audit(&*store).await?, kept, "the lines that are left");
    let gone = rows.len() - expected.len() + lines.len() - kept.len();
    ensure_eq!(removed, u64::try_from(gone)?, "the number of rows and lines that were removed");
    Ok(())
}

pub(super) async fn prune_removes_at_most_the_limit(bench: Arc<Bench>) -> Verdict {
    let (store, rows) = begin(&bench).await?;
    let what = Prune { audit_before: bench.now(), limit: 4 };
    let mut left = rows.len() + audit(&*store).await?.len();
    loop {
        let removed = usize::try_from(store.prune(what).await?)?;
        let now_left = keys(&*store).await?.len() + audit(&*store).await?.len();
        ensure!(removed <= what.limit, "{removed} were removed, of at most {}", what.limit);
        ensure_eq!(left - now_left, removed, "the number of rows and lines that were removed");
        left = now_left;
        if removed == 0 {
            break;
        }
    }
    let over = rows.iter().filter(|row| is_over(row, bench.now())).count();
    ensure_eq!(keys(&*store).await?.len(), rows.len() - over, "the rows that are left");
    Ok(())
}
