//! A store in a file of SQLite keeps what it has committed, notices when the file is another one,
//! and refuses a file that it cannot rely on.

use std::path::Path;
use std::time::{Duration, SystemTime};

use pinning_keys_lifecycle::store::{Scope, Select, Store as _};
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
    // The one with the lower id takes over: whoever writes in this order must not trip.
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
