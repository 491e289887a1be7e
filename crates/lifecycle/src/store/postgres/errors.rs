use std::borrow::Cow;

use sqlx::Error;
use sqlx::error::DatabaseError;

use crate::store::{StoreError, StoreErrorKind};

/// The error that PostgreSQL reported, by its SQLSTATE (documented: the appendix on error codes of
/// its manual).
///
/// Its detail is left out: it may show the values of rows.
pub(crate) fn store_error(error: Error) -> StoreError {
    use StoreErrorKind::{Busy, Conflict, Corrupt, Full, NotOurs, Other, ReadOnly, Unavailable};

    let database = match error {
        Error::Database(database) => database,
        Error::Io(io) => {
            let message = format!("the connection to PostgreSQL failed: {}", io.kind());
            return StoreError::new(Unavailable, message);
        }
        Error::Tls(_) => {
            return StoreError::new(Unavailable, "the encrypted connection to PostgreSQL failed")
                .with_next_step("check sslmode and sslrootcert in the URL");
        }
        Error::PoolTimedOut => {
            return StoreError::new(Unavailable, "no connection to PostgreSQL was free in time")
                .with_next_step(
                    "check that the server runs, and that max_connections is large enough",
                );
        }
        Error::PoolClosed | Error::WorkerCrashed | Error::Protocol(_) | Error::BeginFailed => {
            return StoreError::new(Unavailable, "the connection to PostgreSQL failed");
        }
        _ => return StoreError::new(Other, "a statement of the store failed"),
    };
    let code = database.code().unwrap_or(Cow::Borrowed("XX000"));
    let text = |what: &str| {
        format!("{what}: {} (SQLSTATE {code})", pinning_keys_core::escaped(database.message()))
    };
    match &*code {
        "55P03" => StoreError::new(Busy, "another transaction held a lock for too long"),
        "23505" | "40001" | "40P01" => {
            StoreError::new(Conflict, text("another transaction came first"))
        }
        "25006" | "42501" => StoreError::new(ReadOnly, text("PostgreSQL refused to write"))
            .with_next_step("connect to the primary, as a user that may write"),
        "53100" => StoreError::new(Full, text("the disk of PostgreSQL is full"))
            .with_next_step("free some space on it"),
        "XX001" | "XX002" => StoreError::new(Corrupt, text("the database is damaged"))
            .with_next_step("restore a backup"),
        "42P01" | "42703" | "3F000" => {
            StoreError::new(NotOurs, text("the tables are not those of a store"))
        }
        _ if ["08", "28", "3D", "53", "57"].iter().any(|class| code.starts_with(class)) => {
            StoreError::new(Unavailable, text("PostgreSQL is not available"))
        }
        _ => StoreError::new(Other, text("PostgreSQL refused a statement of the store")),
    }
}

/// Why a transaction was not committed.
pub(super) fn not_committed(error: Error) -> StoreError {
    let was_refused = error
        .as_database_error()
        .and_then(DatabaseError::code)
        .is_some_and(|code| ["23", "25", "40", "53"].iter().any(|class| code.starts_with(class)));
    let error = store_error(error);
    if was_refused {
        return error;
    }
    StoreError::new(
        StoreErrorKind::Unknown,
        "it is not known whether the transaction was committed",
    )
    .with_source(error)
}
