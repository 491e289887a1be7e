//! A store in a SQLite file keeps what it has committed, notices when the file is not the same one,
//! and refuses a file that it cannot rely on.

use std::future::Future as _;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use pinning_keys_lifecycle::store::{
    AuditFilter, AuditRow, Prune, Scope, Select, Store as _, Verdict,
};
use pinning_keys_lifecycle::{KeyState, SqliteStore, StoreError, StoreErrorKind};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};

use super::rows::{all, at, change, clock, id, insert, live, look, status};

/// Another program that uses the file.
async fn other(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    options.busy_timeout(Duration::ZERO).connect().await.unwrap()
}

async fn run(connection: &mut SqliteConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

fn kind<T: std::fmt::Debug>(result: Result<T, StoreError>) -> StoreErrorKind {
    result.unwrap_err().kind()
}

#[tokio::test]
async fn what_was_committed_is_there_after_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = SqliteStore::open(&path).await.unwrap();
    insert(&store, vec![live(1), live(2)]).await.unwrap();
    let label = status(&store).await.unwrap().store.label;
    drop(store);

    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(all(&store).await, [live(1), live(2)]);
    assert_eq!(status(&store).await.unwrap().store.label, label);
}

#[tokio::test]
async fn time_does_not_run_backwards_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let clock = clock();
    let open = || SqliteStore::options().clock(clock.clone()).open(&path);
    let store = open().await.unwrap();
    clock.advance(Duration::from_micros(1));
    insert(&store, vec![live(1)]).await.unwrap();
    drop(store);

    clock.set(SystemTime::from(at(-1000)));
    let store = open().await.unwrap();
    let seen = look(&store, Scope::default()).await.unwrap();
    assert_eq!(seen.now, at(0).saturating_add(Duration::from_micros(1)));
}

#[tokio::test]
async fn a_row_that_another_transaction_made_is_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("keys.db")).await.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();
    assert_eq!(kind(insert(&store, vec![live(1)]).await), StoreErrorKind::Conflict);
    let mut same_holder = live(2);
    same_holder.open_holder = live(1).open_holder;
    assert_eq!(kind(insert(&store, vec![same_holder]).await), StoreErrorKind::Conflict);
    assert_eq!(all(&store).await, [live(1)]);
}

#[tokio::test]
async fn a_holder_passes_from_one_row_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("keys.db")).await.unwrap();
    let mut successor = live(1);
    (successor.replaces, successor.open_successor) = (Some(id(2)), Some(id(2)));
    successor.open_holder = None;
    insert(&store, vec![successor, live(2)]).await.unwrap();
    // The row with the lower id takes over, so a store that writes in the order of ids must not
    // fail.
    change(&store, Scope { keys: Select::Family(id(1)), ..Scope::default() }, |tx| {
        let holder = tx.row_mut(&id(2)).unwrap().open_holder.take();
        let successor = tx.row_mut(&id(1)).unwrap();
        (successor.open_holder, successor.open_successor) = (holder, None);
    })
    .await
    .unwrap();
    let rows = store.find(&[id(1), id(2)]).await.unwrap();
    assert_eq!(rows[0].open_holder.as_deref(), Some("holder-2"));
    assert_eq!((rows[0].version, rows[1].version), (1, 1));
}

#[tokio::test]
async fn files_of_other_programs_are_refused_and_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(&text, "not a database, but long enough to have a header ".repeat(9)).unwrap();
    assert_eq!(kind(SqliteStore::open(&text).await), StoreErrorKind::NotOurs);

    let app = folder.path().join("app.db");
    let mut connection = other(&app).await;
    run(&mut connection, "PRAGMA journal_mode = WAL; CREATE TABLE users (id INTEGER)").await;
    let before = std::fs::read(&app).unwrap();
    let error = SqliteStore::open(&app).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::NotOurs);
    assert!(error.next_step().unwrap().contains("in_app_file()"));
    assert_eq!(std::fs::read(&app).unwrap(), before);

    let marked = folder.path().join("marked.db");
    run(&mut other(&marked).await, "PRAGMA application_id = 7").await;
    assert_eq!(kind(SqliteStore::open(&marked).await), StoreErrorKind::NotOurs);
}

#[tokio::test]
async fn the_file_of_an_app_keeps_its_tables_its_mark_and_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let mut app = other(&path).await;
    run(&mut app, "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE t (a)").await;
    let open = || SqliteStore::options().in_app_file().open(&path);
    insert(&open().await.unwrap(), vec![live(1)]).await.unwrap();
    assert_eq!(all(&open().await.unwrap()).await, [live(1)]);
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut app).await.unwrap();
    let mark: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut app).await.unwrap();
    let strangers: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM sqlite_schema WHERE name <> 't' AND name NOT LIKE 'sqlite%' \
         AND name NOT LIKE 'pinning_keys_%'",
    )
    .fetch_one(&mut app)
    .await
    .unwrap();
    assert_eq!((mode.as_str(), mark, strangers), ("wal", 7, 0));
}

#[tokio::test]
async fn the_stores_own_file_always_has_a_rollback_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    drop(SqliteStore::open(&path).await.unwrap());
    let mut somebody = other(&path).await;
    run(&mut somebody, "PRAGMA journal_mode = WAL; BEGIN; SELECT * FROM pinning_keys_meta").await;
    // While somebody reads, the journal cannot be changed back.
    let options = SqliteStore::options().lock_timeout(Duration::from_millis(20));
    let refused = kind(options.open(&path).await);
    assert!(matches!(refused, StoreErrorKind::Busy | StoreErrorKind::NotDurable), "{refused:?}");
    somebody.close().await.unwrap();
    drop(SqliteStore::open(&path).await.unwrap());
    let mode: String =
        sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut other(&path).await).await.unwrap();
    assert_eq!(mode, "delete");
}

#[tokio::test]
async fn a_locked_file_is_busy_and_then_usable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let options = SqliteStore::options().lock_timeout(Duration::from_millis(20));
    let store = options.open(&path).await.unwrap();
    let mut somebody = other(&path).await;
    run(&mut somebody, "BEGIN IMMEDIATE").await;
    let error = insert(&store, vec![live(1)]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Busy);
    assert!(error.is_retryable());
    run(&mut somebody, "ROLLBACK; BEGIN; SELECT * FROM pinning_keys_meta").await;
    // A reader keeps others from committing.
    assert_eq!(kind(insert(&store, vec![live(1)]).await), StoreErrorKind::Busy);
    run(&mut somebody, "ROLLBACK").await;
    insert(&store, vec![live(1)]).await.unwrap();
    assert_eq!(all(&store).await, [live(1)]);
}

#[tokio::test]
async fn two_that_open_a_new_file_at_once_share_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let (a, b) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
    let (a, b) = (status(&a.unwrap()).await.unwrap(), status(&b.unwrap()).await.unwrap());
    assert_eq!(a.store.label, b.store.label);
}

#[tokio::test]
async fn an_older_schema_is_upgraded_and_a_newer_one_used_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = SqliteStore::open(&path).await.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();
    let mut older = other(&path).await;
    run(&mut older, "UPDATE pinning_keys_meta SET schema = 1").await;
    // A program that is open does not work with tables that are older than it.
    assert_eq!(kind(insert(&store, vec![live(2)]).await), StoreErrorKind::NotOurs);
    let first = "DROP INDEX pinning_keys_audit_account; \
                 DROP INDEX pinning_keys_accounts_identity; \
                 ALTER TABLE pinning_keys_meta DROP COLUMN resumed_at; \
                 ALTER TABLE pinning_keys_meta DROP COLUMN audit_pruned_to";
    run(&mut older, first).await;
    let store = SqliteStore::open(&path).await.unwrap();
    let count = "SELECT COUNT(*) FROM sqlite_schema \
                 WHERE name IN ('pinning_keys_audit_account', 'pinning_keys_accounts_identity')";
    let count: i64 = sqlx::query_scalar(count).fetch_one(&mut older).await.unwrap();
    assert_eq!(count, 2);
    assert_eq!(status(&store).await.unwrap().store.resumed_at, None);

    let newer = "ALTER TABLE pinning_keys_keys ADD COLUMN new_fact TEXT; \
                 UPDATE pinning_keys_meta SET schema = 99; \
                 UPDATE pinning_keys_keys SET state = 'frozen'";
    run(&mut older, newer).await;
    insert(&store, vec![live(2)]).await.unwrap();
    assert_eq!(all(&store).await, [live(2)]);
    assert_eq!(status(&store).await.unwrap().unknown, 1);

    run(&mut older, "UPDATE pinning_keys_meta SET min_program = 99").await;
    assert_eq!(kind(insert(&store, vec![live(3)]).await), StoreErrorKind::TooNew);
    assert_eq!(kind(SqliteStore::open(&path).await), StoreErrorKind::TooNew);
}

#[tokio::test]
async fn an_account_that_has_two_names_already_does_not_block_the_upgrade() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    drop(SqliteStore::open(&path).await.unwrap());
    let mut older = other(&path).await;
    let second = "DROP INDEX pinning_keys_accounts_identity; \
                  ALTER TABLE pinning_keys_meta DROP COLUMN resumed_at; \
                  ALTER TABLE pinning_keys_meta DROP COLUMN audit_pruned_to; \
                  UPDATE pinning_keys_meta SET schema = 2";
    run(&mut older, second).await;
    for name in ["one", "two"] {
        let insert = format!(
            "INSERT INTO pinning_keys_accounts VALUES ('{name}', 'pinata', 'user', NULL, NULL, 0, \
             '', 0, 0, NULL, NULL, 0, NULL, 0, NULL, 0)"
        );
        run(&mut older, &insert).await;
    }
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(status(&store).await.unwrap().accounts.len(), 2);
    insert(&store, vec![live(1)]).await.unwrap();
}

#[tokio::test]
async fn the_audit_trail_is_pruned_in_parts_until_all_of_it_was_examined() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::options().clock(clock()).open(folder.path().join("keys.db")).await;
    let store = store.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();
    let line = |key: usize, at| AuditRow {
        number: 0,
        at,
        actor: "test".to_owned(),
        account: "main".to_owned(),
        key: id(key),
        reference: None,
        action: "renew".to_owned(),
        from: None,
        to: KeyState::Live,
        effect: None,
        text: None,
    };
    // The key of the last old line is gone.
    let mut lines = vec![line(1, at(0)); 25_000];
    lines.extend([line(2, at(0)), line(2, at(20))]);
    change(&store, Scope::default(), move |tx| tx.audit.clone_from(&lines)).await.unwrap();
    let what = Prune { audit_before: at(10), limit: 100 };
    for round in 0..2 {
        for removed in [0, 0, u64::from(round == 0)] {
            assert_eq!(store.prune(what).await.unwrap(), removed, "{round}");
        }
    }
    let filter = AuditFilter { key: Some(id(2)), ..AuditFilter::default() };
    let left = store.audit(&filter, 0, 10).await.unwrap();
    assert_eq!(left.iter().map(|line| line.at).collect::<Vec<_>>(), [at(20)]);
}

#[tokio::test]
async fn a_moved_file_is_the_same_store_once_moved_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    let store = SqliteStore::open(&old).await.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();
    let label = status(&store).await.unwrap().store.label;
    std::fs::rename(&old, &new).unwrap();
    // The store that is open notices it, too.
    assert_eq!(kind(insert(&store, vec![live(2)]).await), StoreErrorKind::Unavailable);
    drop(store);

    let error = SqliteStore::open(&new).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Moved);
    let next_step = error.next_step().unwrap();
    assert!(next_step.contains(".moved()") && next_step.contains(".copied()"), "{next_step}");

    let store = SqliteStore::options().moved().open(&new).await.unwrap();
    let seen = look(&store, Scope::default()).await.unwrap();
    assert_eq!((&seen.store.label, &seen.identity), (&label, &seen.store.identity));
    assert_eq!(all(&store).await, [live(1)]);
    drop(store);
    SqliteStore::open(&new).await.unwrap();
}

#[tokio::test]
async fn a_copied_file_is_a_store_without_the_keys_of_the_original() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    let original = SqliteStore::open(&old).await.unwrap();
    let mut revoked = live(2);
    (revoked.state, revoked.open_holder) = (KeyState::Revoked, None);
    insert(&original, vec![live(1), revoked]).await.unwrap();
    std::fs::copy(&old, &new).unwrap();

    assert_eq!(kind(SqliteStore::open(&new).await), StoreErrorKind::Moved);
    let copy = SqliteStore::options().copied().open(&new).await.unwrap();
    let rows = all(&copy).await;
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!((row.state, row.due_at, &row.open_holder), (KeyState::Forgotten, None, &None));
        assert!(row.keep_until.is_some_and(|until| until > at(0)), "{row:?}");
    }
    let labels = (status(&copy).await.unwrap().store.label, status(&original).await.unwrap());
    assert_ne!(labels.0, labels.1.store.label);
    let trail = copy.audit(&AuditFilter::default(), 0, 10).await.unwrap();
    assert_eq!(trail.len(), 2);
    // A program that always says so does not forget again what the copy has made since.
    insert(&copy, vec![live(3)]).await.unwrap();
    drop(copy);
    let copy = SqliteStore::options().copied().open(&new).await.unwrap();
    assert_eq!(copy.find(&[id(3)]).await.unwrap(), [live(3)]);
    assert_eq!(all(&original).await[0], live(1));
}

#[tokio::test]
async fn a_restored_file_has_another_identity() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join("keys.db"), folder.path().join("backup.db"));
    let store = SqliteStore::open(&path).await.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();
    std::fs::copy(&path, &backup).unwrap();
    insert(&store, vec![live(2)]).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::copy(&backup, &path).unwrap();
    // What the store still writes, it writes to a file that nobody can find.
    assert_eq!(kind(insert(&store, vec![live(3)]).await), StoreErrorKind::Moved);
    drop(store);

    let store = SqliteStore::open(&path).await.unwrap();
    let seen = look(&store, Scope::default()).await.unwrap();
    assert_ne!(seen.identity, seen.store.identity);
    assert_eq!(all(&store).await, [live(1)]);
}

#[tokio::test]
async fn a_dropped_transaction_leaves_the_store_usable() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("keys.db")).await.unwrap();
    for number in 0..20 {
        let mut transaction = Box::pin(insert(&store, vec![live(number)]));
        let _ = transaction.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        for _ in 0..number {
            tokio::task::yield_now().await;
        }
        drop(transaction);
    }
    // There is one connection, so all are finished by now.
    insert(&store, vec![live(100)]).await.unwrap();
    assert_eq!(all(&store).await.len(), 21);
}

#[tokio::test]
async fn a_decision_that_panics_leaves_the_store_usable() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("keys.db")).await.unwrap();
    let panicking = store.clone();
    let task = tokio::spawn(async move {
        let decide = Arc::new(|_: &mut _| -> Verdict { panic!("a bug in the decision") });
        panicking.transact(Scope::default(), decide).await
    });
    assert!(task.await.unwrap_err().is_panic());
    insert(&store, vec![live(1)]).await.unwrap();
}

#[tokio::test]
async fn a_damaged_row_is_reported_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = SqliteStore::open(&path).await.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();
    run(&mut other(&path).await, "UPDATE pinning_keys_keys SET version = 'x'").await;
    let error = store.find(&[id(1)]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
}

#[tokio::test]
async fn a_file_in_a_folder_that_is_not_there_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let error = SqliteStore::open(folder.path().join("none/keys.db")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.next_step().is_some());
}
