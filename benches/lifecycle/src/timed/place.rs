//! Databases for a measurement.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use pinning_keys_lifecycle::{PostgresStore, SqliteStore};
use pinning_keys_testkit::postgres::Server;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::counting::Counting;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Where a database is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Address {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Address {
    pub(crate) async fn open(&self) -> Result<Counting> {
        Ok(Counting::new(match self {
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path).await?),
            Self::Postgres(url) => Arc::new(PostgresStore::connect(url).await?),
        }))
    }
}

/// A place for databases, in the folder for temporary files.
pub(crate) enum Place {
    Sqlite(TempDir),
    Postgres(Server),
}

impl Place {
    /// `None` if PostgreSQL is not installed.
    pub(crate) fn new(engine: Engine) -> Result<Option<Self>> {
        Ok(match engine {
            Engine::Sqlite => Some(Self::Sqlite(tempfile::tempdir()?)),
            Engine::Postgres => Server::start().map(Self::Postgres),
        })
    }

    /// A new, empty database.
    pub(crate) fn database(&self, name: &str) -> Address {
        match self {
            Self::Sqlite(folder) => Address::Sqlite(folder.path().join(name)),
            Self::Postgres(server) => Address::Postgres(server.database().url().to_owned()),
        }
    }
}

/// A folder in memory, if the system has one, so that a commit does not wait for the disk.
pub(crate) fn folder_in_memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}
