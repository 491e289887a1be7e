//! A store on PostgreSQL keeps what it has committed, refuses a server that it cannot rely on, and
//! survives what happens to servers.

use std::future::Future as _;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use pinning_keys_lifecycle::store::{Scope, Select, Store as _, Verdict, Work};
use pinning_keys_lifecycle::{PostgresStore, StoreError, StoreErrorKind};
use pinning_keys_testkit::postgres::{Server, shared};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::rows::{account, all, change, clock, id, insert, live, look, status};

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

fn kind<T>(result: Result<T, StoreError>) -> StoreErrorKind {
    result.err().unwrap().kind()
}

fn ids(numbers: &[usize]) -> Scope {
    let ids = numbers.iter().map(|number| id(*number)).collect();
    Scope { keys: Select::Ids(ids), ..Scope::default() }
}

#[tokio::test]
async fn a_server_that_goes_away_is_unavailable_until_it_is_back() {
    let Some(mut server) = Server::start() else { return };
    let database = server.database();
    let options = PostgresStore::options().connect_timeout(Duration::from_millis(300));
    let store = options.connect(database.url()).await.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();

    server.stop_fast();
    assert_eq!(kind(insert(&store, vec![live(2)]).await), StoreErrorKind::Unavailable);
    server.restart();
    insert(&store, vec![live(3)]).await.unwrap();
    server.kill_all();
    assert_eq!(kind(status(&store).await), StoreErrorKind::Unavailable);
    server.restart();
    assert_eq!(all(&store).await, [live(1), live(3)]);
}

#[tokio::test]
async fn a_replica_is_refused_and_has_a_new_identity_once_promoted() {
    let Some(mut server) = Server::start() else { return };
    let database = server.database();
    let store = PostgresStore::connect(database.url()).await.unwrap();
    let before = look(&store, Scope::default()).await.unwrap();
    assert_eq!(before.identity, before.store.identity);
    let replica = server.replica();
    let on_replica = replica.database_of(&database);
    assert_eq!(kind(PostgresStore::connect(on_replica.url()).await), StoreErrorKind::ReadOnly);
    server.kill_all();
    replica.promote();
    let store = PostgresStore::connect(on_replica.url()).await.unwrap();
    let after = look(&store, Scope::default()).await.unwrap();
    assert_eq!(after.store.identity, before.identity);
    assert_ne!(after.identity, before.identity);
}

#[tokio::test]
async fn a_server_without_fsync_is_refused_even_while_in_use() {
    let Some(server) = Server::start() else { return };
    let database = server.database();
    let store = PostgresStore::connect(database.url()).await.unwrap();
    server.sql(&database, "ALTER SYSTEM SET fsync = off");
    server.sql(&database, "SELECT pg_reload_conf()");
    while server.sql(&database, "SHOW fsync") != "off" {}
    assert_eq!(kind(insert(&store, vec![live(1)]).await), StoreErrorKind::NotDurable);
    assert_eq!(kind(PostgresStore::connect(database.url()).await), StoreErrorKind::NotDurable);
    assert_eq!(server.sql(&database, "SELECT count(*) FROM pinning_keys.keys"), "0");
}

#[tokio::test]
async fn the_store_commits_synchronously_in_an_asynchronous_database() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let store = PostgresStore::connect(database.url()).await.unwrap();
    let name = database.name();
    server.sql(&database, &format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    let trigger = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF current_setting('synchronous_commit') <> 'on' THEN RAISE 'asynchronous'; END IF; \
        RETURN NEW; END $$; \
        CREATE TRIGGER refuse BEFORE INSERT ON pinning_keys.keys FOR EACH ROW \
        EXECUTE FUNCTION refuse()";
    server.sql(&database, trigger);
    let store_of_new_connections = PostgresStore::connect(database.url()).await.unwrap();
    insert(&store_of_new_connections, vec![live(1)]).await.unwrap();
    insert(&store, vec![live(2)]).await.unwrap();
}

#[tokio::test]
async fn a_connection_lost_during_a_commit_leaves_its_outcome_unknown() {
    let Some(server) = Server::start() else { return };
    let database = server.database();
    let store = PostgresStore::connect(database.url()).await.unwrap();
    // No replica of this name exists, so each commit waits for it.
    server.sql(&database, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    server.sql(&database, "SELECT pg_reload_conf()");
    while server.sql(&database, "SHOW synchronous_standby_names") != "nobody" {}
    let writer = tokio::spawn(async move { insert(&store, vec![live(1)]).await });
    let end_it = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE wait_event = 'SyncRep'";
    while server.sql(&database, end_it) != "t" {
        assert!(!writer.is_finished(), "the commit waits");
        tokio::task::yield_now().await;
    }
    let error = writer.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unknown);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn two_that_open_an_empty_database_at_once_share_one_store() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let url = database.url();
    let (a, b) = tokio::join!(PostgresStore::connect(url), PostgresStore::connect(url));
    let (a, b) = (status(&a.unwrap()).await.unwrap(), status(&b.unwrap()).await.unwrap());
    assert_eq!(a.store.label, b.store.label);
}

#[tokio::test]
async fn an_older_schema_is_upgraded_and_a_newer_one_used_or_refused() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let store = PostgresStore::connect(database.url()).await.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();
    let index = "SELECT to_regclass('pinning_keys.audit_account') IS NOT NULL";
    server.sql(&database, "DROP INDEX pinning_keys.audit_account");
    server.sql(&database, "DROP INDEX pinning_keys.accounts_identity");
    let columns = "DROP COLUMN resumed_at, DROP COLUMN audit_pruned_to";
    server.sql(&database, &format!("ALTER TABLE pinning_keys.meta {columns}"));
    // Two processes once entered an account at the same time.
    for name in ["one", "two"] {
        let values = format!("'{name}', 'pinata', 'user', NULL, NULL, 0, '', 0, 0, NULL, NULL, ");
        let values = format!("{values} false, NULL, 0, NULL, 0");
        server.sql(&database, &format!("INSERT INTO pinning_keys.accounts VALUES ({values})"));
    }
    server.sql(&database, "UPDATE pinning_keys.meta SET schema = 1");
    let store = PostgresStore::connect(database.url()).await.unwrap();
    assert_eq!(server.sql(&database, index), "t");
    assert_eq!(server.sql(&database, "SELECT schema FROM pinning_keys.meta"), "3");

    // A newer program adds a state and a column.
    server.sql(&database, "ALTER TABLE pinning_keys.keys ADD COLUMN new_fact TEXT");
    server.sql(&database, "UPDATE pinning_keys.meta SET schema = 99");
    insert(&store, vec![live(2)]).await.unwrap();
    let state = "UPDATE pinning_keys.keys SET state = 'frozen', new_fact = 'x' WHERE id LIKE '%1'";
    server.sql(&database, state);
    assert_eq!(all(&store).await, [live(2)]);
    assert_eq!(status(&store).await.unwrap().unknown, 1);
    assert!(store.find(&[id(1)]).await.unwrap().is_empty());

    server.sql(&database, "UPDATE pinning_keys.meta SET min_program = 99");
    assert_eq!(kind(insert(&store, vec![live(3)]).await), StoreErrorKind::TooNew);
    assert_eq!(kind(PostgresStore::connect(database.url()).await), StoreErrorKind::TooNew);
}

#[tokio::test]
async fn a_schema_of_another_program_is_refused_and_unchanged() {
    let Some(server) = shared() else { return };
    let database = server.database();
    server.sql(&database, "CREATE SCHEMA pinning_keys CREATE TABLE keys (id TEXT)");
    assert_eq!(kind(PostgresStore::connect(database.url()).await), StoreErrorKind::NotOurs);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'pinning_keys'";
    assert_eq!(server.sql(&database, tables), "1");
}

#[tokio::test]
async fn rows_locked_by_others_are_skipped_counted_or_waited_for() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let clock = clock();
    let options = PostgresStore::options().lock_timeout(Duration::from_millis(50));
    let store = options.clock(clock.clone()).connect(database.url()).await.unwrap();
    let scope = Scope { account: Some("main".to_owned()), ..Scope::default() };
    change(&store, scope, |tx| tx.account = Some(account())).await.unwrap();
    insert(&store, vec![live(1), live(2)]).await.unwrap();
    clock.advance(Duration::from_secs(4000));

    let mut other = PgConnection::connect(database.url()).await.unwrap();
    run(&mut other, "BEGIN; UPDATE pinning_keys.keys SET holder = holder WHERE id LIKE '%1'").await;
    let due = Scope {
        account: Some("main".to_owned()),
        keys: Select::Due { work: Work::Ends, limit: 10 },
        ..Scope::default()
    };
    let seen = look(&store, due.clone()).await.unwrap();
    assert_eq!(seen.rows.iter().map(|row| &row.id).collect::<Vec<_>>(), [&id(2)]);
    assert_eq!(status(&store).await.unwrap().accounts[0].1.held, 1);
    assert_eq!(kind(look(&store, ids(&[1, 2])).await), StoreErrorKind::Busy);

    run(&mut other, "COMMIT").await;
    assert_eq!(look(&store, due).await.unwrap().rows.len(), 2);
    assert_eq!(status(&store).await.unwrap().accounts[0].1.held, 0);
}

#[tokio::test]
async fn the_second_transaction_on_a_row_sees_what_the_first_wrote() {
    let Some(server) = shared() else { return };
    let store = PostgresStore::connect(server.database().url()).await.unwrap();
    insert(&store, vec![live(1)]).await.unwrap();
    let count = |store: PostgresStore| async move {
        for _ in 0..20 {
            change(&store, ids(&[1]), |tx| tx.rows[0].attempts += 1).await.unwrap();
        }
    };
    let others = [count(store.clone()), count(store.clone()), count(store.clone())];
    futures_util::future::join_all(others).await;
    let row = &all(&store).await[0];
    assert_eq!((row.attempts, row.version), (60, 60));
}

#[tokio::test]
async fn a_dropped_transaction_leaves_the_store_usable() {
    let Some(server) = shared() else { return };
    let options = PostgresStore::options().max_connections(1);
    let store = options.connect(server.database().url()).await.unwrap();
    for number in 0..20 {
        let mut transaction = Box::pin(insert(&store, vec![live(number)]));
        // Starts it, and drops it wherever it is by then.
        let _ = transaction.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        for _ in 0..number {
            tokio::task::yield_now().await;
        }
        drop(transaction);
    }
    // The one connection serves one after the other, so all are finished by now.
    insert(&store, vec![live(100)]).await.unwrap();
    assert_eq!(all(&store).await.len(), 21);
}

#[tokio::test]
async fn a_decision_that_panics_leaves_the_store_usable() {
    let Some(server) = shared() else { return };
    let options = PostgresStore::options().max_connections(1);
    let store = options.connect(server.database().url()).await.unwrap();
    let panicking = store.clone();
    let task = tokio::spawn(async move {
        let decide = Arc::new(|_: &mut _| -> Verdict { panic!("a bug in the decision") });
        panicking.transact(Scope::default(), decide).await
    });
    assert!(task.await.unwrap_err().is_panic());
    insert(&store, vec![live(1)]).await.unwrap();
}

#[tokio::test]
async fn a_user_that_may_only_read_cannot_write() {
    let Some(server) = shared() else { return };
    let database = server.database();
    PostgresStore::connect(database.url()).await.unwrap();
    let name = database.name();
    server.sql(&database, &format!("CREATE USER reader_{name}"));
    server.sql(&database, &format!("GRANT USAGE ON SCHEMA pinning_keys TO reader_{name}"));
    let grant = format!("GRANT SELECT ON ALL TABLES IN SCHEMA pinning_keys TO reader_{name}");
    server.sql(&database, &grant);
    let url = database.url().replace("//postgres@", &format!("//reader_{name}@"));
    let store = PostgresStore::connect(&url).await.unwrap();
    assert_eq!(kind(insert(&store, vec![live(1)]).await), StoreErrorKind::ReadOnly);
}

#[tokio::test]
async fn neither_the_address_nor_the_password_is_ever_shown() {
    const CANARY: &str = "hunter2canary";
    let urls = [
        format!("postgres://user:{CANARY}@127.0.0.1:1/{CANARY}"),
        format!("postgres://user:{CANARY}@%2F{CANARY}/database"),
        format!("postgres://user:{CANARY}@[{CANARY}]/database"),
        format!("postgres://user@localhost/database?sslmode={CANARY}"),
        format!("mysql://{CANARY}"),
    ];
    for url in urls {
        let options = PostgresStore::options().connect_timeout(Duration::from_millis(50));
        let error = options.connect(&url).await.unwrap_err();
        let shown = format!("{error} {error:#} {error:?} {:?}", std::error::Error::source(&error));
        assert!(!shown.contains(CANARY), "{shown}");
    }
    let Some(server) = shared() else { return };
    let database = server.database();
    let url = database.url().replace("//postgres@", &format!("//postgres:{CANARY}@"));
    let store = PostgresStore::connect(&url).await.unwrap();
    assert!(!format!("{store:?}").contains(CANARY));
    let refused = insert(&store, vec![live(1), live(1)]).await.unwrap_err();
    assert!(!format!("{refused:?} {refused:#}").contains(CANARY));
}

#[tokio::test]
async fn time_is_the_servers_and_the_highest_that_was_seen() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let store = PostgresStore::connect(database.url()).await.unwrap();
    let first = look(&store, Scope::default()).await.unwrap().now;
    let second = look(&store, Scope::default()).await.unwrap().now;
    assert!(first < second);
    server.sql(&database, "UPDATE pinning_keys.meta SET time_high = 4000000000000000");
    let seen = look(&store, Scope::default()).await.unwrap();
    assert_eq!(seen.now.as_micros(), 4_000_000_000_000_000);
}
