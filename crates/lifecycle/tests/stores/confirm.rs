//! Confirming in SQL, in a transaction of the app, has the effect of the manager's `confirm`: over
//! generated families, the same rows, the same audit trail, and the same refusals.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_lifecycle::store::{AuditFilter, AuditRow, KeyRow, Store};
use pinning_keys_lifecycle::{ErrorKind, KeyManager, KeyState, MemoryStore};

use super::numbers::Numbers;
use super::rows::{all, at, clock, id, insert, live};

/// That the holder has another open key.
const ANOTHER: &str = "another";

/// The time of the confirmation.
const NOW: i64 = 100;

/// A key to be confirmed, perhaps one that replaces another, and further attempts to replace it.
fn family(numbers: &mut Numbers) -> Vec<KeyRow> {
    let mut key = live(1);
    key.state = if numbers.below(3) > 0 { KeyState::Undelivered } else { numbers.state() };
    key.expires_at = numbers.maybe(|it| at(it.signed_below(4 * NOW)));
    key.replaces = (numbers.below(4) > 0).then(|| id(2));
    key.overlap = numbers.maybe(|it| Duration::from_secs(it.below(60)));
    let mut rows = vec![key];
    for number in 2..=5 {
        let mut row = live(number);
        row.state = numbers.state();
        row.expires_at = numbers.maybe(|it| at(it.signed_below(4 * NOW)));
        row.replaces = (number > 2).then(|| id(2));
        rows.push(row);
    }
    for row in &mut rows {
        "holder".clone_into(&mut row.holder);
        (row.open_holder, row.open_successor) = (None, None);
        row.settle_after = at(numbers.signed_below(2 * NOW));
        row.due_at = numbers.maybe(|it| at(it.signed_below(4 * NOW)));
        row.claimed_until = numbers.maybe(|it| at(it.signed_below(4 * NOW)));
        row.first_look = numbers.maybe(|_| at(1));
        row.keep_until = numbers.maybe(|_| at(1));
        row.end_due = numbers.maybe(|_| at(1));
        row.failure = numbers.maybe(|_| "it failed".to_owned());
        row.evidence = numbers.maybe(|_| "the evidence".to_owned());
        row.by_hand = numbers.chance();
        row.unproven = numbers.chance();
        row.attempts = numbers.signed_below(5);
        let reference = r#"["v1:pinata:0d2a"]"#;
        row.references = numbers.maybe(|_| reference.to_owned()).unwrap_or("[]".to_owned());
    }
    let holder = usize::try_from(numbers.below(5)).unwrap();
    rows[holder].open_holder = Some("holder".to_owned());
    rows[0].open_successor = rows[0].replaces.clone().filter(|_| numbers.chance());
    rows
}

/// What the manager makes of the family, and why it refuses, if it does.
async fn by_the_manager(rows: &[KeyRow]) -> (Vec<KeyRow>, Vec<AuditRow>, Option<String>) {
    let clock = clock();
    clock.advance(Duration::from_secs(NOW.unsigned_abs()));
    let store = MemoryStore::new(clock).unwrap();
    insert(&store, rows.to_vec()).await.unwrap();
    let manager = KeyManager::builder(store.clone()).actor("app").build().await.unwrap();
    let refused = manager.confirm(&id(1)).await.err();
    let why = refused.map(|error| match error.kind() {
        ErrorKind::AlreadyOpen => ANOTHER.to_owned(),
        _ => error.to_string(),
    });
    (all(&store).await, trail(&store).await, why)
}

async fn trail(store: &dyn Store) -> Vec<AuditRow> {
    let lines = store.audit(&AuditFilter::default(), 0, 100).await.unwrap();
    lines.into_iter().map(|line| AuditRow { number: 0, ..line }).collect()
}

/// What confirming in SQL says.
type Confirmed = Result<(), sqlx::Error>;

async fn check<F: Future<Output = Confirmed>>(
    store: Arc<dyn Store>,
    seed: u64,
    confirm: impl Fn() -> F,
) -> bool {
    let rows = family(&mut Numbers::of(seed));
    insert(&*store, rows.clone()).await.unwrap();
    let (wanted, lines, refused) = by_the_manager(&rows).await;
    let result = confirm().await;
    match (&result, &refused) {
        (Ok(()), None) => {}
        // The texts of the databases.
        (Err(_), Some(why)) if why == ANOTHER => {}
        (Err(error), Some(why)) => {
            let error = error.as_database_error().unwrap();
            assert_eq!(error.message(), why, "seed {seed}");
        }
        _ => panic!("seed {seed}: {result:?}, and the manager: {refused:?}"),
    }
    assert_eq!(all(&*store).await, wanted, "seed {seed}");
    assert_eq!(trail(&*store).await, lines, "seed {seed}");
    refused.is_none() && !lines.is_empty()
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn confirming_in_sqlite_has_the_effect_of_the_manager() {
    use pinning_keys_lifecycle::SqliteStore;
    use sqlx::{Connection as _, SqliteConnection};

    let folder = tempfile::tempdir().unwrap();
    let mut confirmed = 0;
    for seed in 1..=60 {
        let path = folder.path().join(format!("{seed}.db"));
        let clock = clock();
        let options = SqliteStore::options().in_app_file().clock(clock.clone());
        let store = options.open(&path).await.unwrap();
        clock.advance(Duration::from_secs(NOW.unsigned_abs()));
        let manager = KeyManager::builder(store.clone()).actor("app").build().await.unwrap();
        let confirm = manager.confirm_sql(&id(1));
        let in_app = || async {
            let mut app = SqliteConnection::connect(path.to_str().unwrap()).await?;
            let (id, at, actor) = confirm.parameters();
            let query = sqlx::query(confirm.text()).bind(id).bind(at).bind(actor);
            query.execute(&mut app).await.map(drop)
        };
        confirmed += u32::from(check(Arc::new(store), seed, in_app).await);
    }
    assert!((10..50).contains(&confirmed), "{confirmed}");
}

#[cfg(all(unix, feature = "postgres"))]
#[tokio::test]
async fn confirming_in_postgres_has_the_effect_of_the_manager() {
    use pinning_keys_lifecycle::PostgresStore;
    use sqlx::{Connection as _, PgConnection};

    let Some(server) = pinning_keys_testkit::postgres::shared() else { return };
    let database = server.database();
    let options = PostgresStore::options().clock(clock());
    let store = options.connect(database.url()).await.unwrap();
    let mut confirmed = 0;
    for seed in 1..=60 {
        let in_app = || async {
            let mut app = PgConnection::connect(database.url()).await?;
            let query = sqlx::query("SELECT pinning_keys.confirm($1, 'app', $2)");
            let query = query.bind(id(1).as_str().to_owned()).bind(at(NOW).as_micros());
            query.execute(&mut app).await.map(drop)
        };
        confirmed += u32::from(check(Arc::new(store.clone()), seed, in_app).await);
        server.sql(&database, "TRUNCATE pinning_keys.keys, pinning_keys.audit");
    }
    assert!((10..50).contains(&confirmed), "{confirmed}");
}
