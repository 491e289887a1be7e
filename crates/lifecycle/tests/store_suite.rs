//! Each store of this crate keeps the laws of `Store`.

use std::time::{Duration, UNIX_EPOCH};

use pinning_keys_lifecycle::conformance::{BoxError, Harness, async_trait};
use pinning_keys_lifecycle::store::Store;
use pinning_keys_lifecycle::{ManualClock, MemoryStore};

/// How long transactions on a real database wait for a lock.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const LOCK_TIMEOUT: Duration = Duration::from_millis(200);

fn clock() -> ManualClock {
    ManualClock::at(UNIX_EPOCH + Duration::from_secs(1_900_000_000))
}

mod memory {
    use super::*;

    struct InMemory {
        clock: ManualClock,
        store: MemoryStore,
    }

    #[async_trait]
    impl Harness for InMemory {
        fn clock(&self) -> &ManualClock {
            &self.clock
        }

        async fn open(&self) -> Result<Box<dyn Store>, BoxError> {
            Ok(Box::new(self.store.clone()))
        }
    }

    async fn harness() -> Option<InMemory> {
        let clock = clock();
        let store = MemoryStore::new(clock.clone()).unwrap();
        Some(InMemory { clock, store })
    }

    pinning_keys_lifecycle::store_tests!(harness);
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use pinning_keys_lifecycle::SqliteStore;

    use super::*;

    struct File {
        clock: ManualClock,
        folder: tempfile::TempDir,
    }

    #[async_trait]
    impl Harness for File {
        fn clock(&self) -> &ManualClock {
            &self.clock
        }

        async fn open(&self) -> Result<Box<dyn Store>, BoxError> {
            let options = SqliteStore::options().clock(self.clock.clone());
            let options = options.lock_timeout(LOCK_TIMEOUT);
            Ok(Box::new(options.open(self.folder.path().join("keys.db")).await?))
        }

        fn lock_timeout(&self) -> Option<Duration> {
            Some(LOCK_TIMEOUT)
        }
    }

    async fn harness() -> Option<File> {
        Some(File { clock: clock(), folder: tempfile::tempdir().unwrap() })
    }

    pinning_keys_lifecycle::store_tests!(harness);
}

#[cfg(feature = "postgres")]
mod postgres {
    use pinning_keys_lifecycle::store::PostgresOptions;
    use pinning_keys_lifecycle::{PostgresStore, StoreError};
    use pinning_keys_testkit::postgres::{Database, shared};

    use super::*;

    const PASSWORD: &str = "canary-5527";

    struct OnServer {
        clock: ManualClock,
        database: Database,
    }

    impl OnServer {
        fn options(&self) -> PostgresOptions {
            let options = PostgresStore::options().clock(self.clock.clone()).max_connections(4);
            options.lock_timeout(LOCK_TIMEOUT)
        }
    }

    #[async_trait]
    impl Harness for OnServer {
        fn clock(&self) -> &ManualClock {
            &self.clock
        }

        async fn open(&self) -> Result<Box<dyn Store>, BoxError> {
            Ok(Box::new(self.options().connect(self.database.url()).await?))
        }

        fn lock_timeout(&self) -> Option<Duration> {
            Some(LOCK_TIMEOUT)
        }

        async fn failures(&self) -> Option<(String, Vec<StoreError>)> {
            let with_password = format!(":{PASSWORD}@");
            let missing = format!("{}-missing", self.database.url().replace('@', &with_password));
            let unreachable = format!("postgres://user:{PASSWORD}@%2Fnowhere/keys");
            let unreadable = format!("postgres://user:{PASSWORD}@host:port/keys");
            let mut errors = Vec::new();
            for url in [missing, unreachable, unreadable] {
                let options = self.options().connect_timeout(LOCK_TIMEOUT);
                errors.push(options.connect(&url).await.err().unwrap());
            }
            Some((PASSWORD.to_owned(), errors))
        }
    }

    async fn harness() -> Option<OnServer> {
        let database = shared()?.database();
        Some(OnServer { clock: clock(), database })
    }

    pinning_keys_lifecycle::store_tests!(harness);
}
