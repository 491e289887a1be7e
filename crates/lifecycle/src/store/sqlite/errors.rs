use sqlx::Error;

use crate::store::{StoreError, StoreErrorKind};

/// The error that SQLite reported, by its primary result code (documented:
/// sqlite.org/rescode.html).
pub(super) fn store_error(error: Error) -> StoreError {
    use StoreErrorKind::{Busy, Conflict, Corrupt, Full, NotOurs, Other, ReadOnly, Unavailable};

    let database = match error {
        Error::Database(database) => database,
        Error::PoolTimedOut => {
            return StoreError::new(
                Busy,
                "other transactions of this program used the file for too long",
            );
        }
        Error::Io(io) => {
            let message = format!("the file of the store cannot be used: {io}");
            return StoreError::new(Unavailable, message).with_source(io);
        }
        Error::PoolClosed | Error::WorkerCrashed => {
            return StoreError::new(
                Unavailable,
                "the connection to the file of the store is closed",
            );
        }
        _ => return StoreError::new(Other, "a statement of the store failed"),
    };
    let code = database.code().and_then(|code| code.parse().ok()).unwrap_or(1);
    let text = |what: &str| {
        format!("{what}: {} (code {code})", pinning_keys_core::escaped(database.message()))
    };
    match code & 0xff {
        5 | 6 => StoreError::new(Busy, "another program kept the file of the store locked"),
        3 | 8 | 23 => StoreError::new(ReadOnly, text("the file of the store cannot be written"))
            .with_next_step("let this program write the file and its folder"),
        10 => StoreError::new(Unavailable, text("the file of the store cannot be used")),
        11 => StoreError::new(Corrupt, text("the file of the store is damaged"))
            .with_next_step("restore a backup"),
        13 => StoreError::new(Full, text("there is no room for the file of the store"))
            .with_next_step("free some space on its disk"),
        14 => StoreError::new(Unavailable, text("the file of the store cannot be opened"))
            .with_next_step("check that its folder exists and that this program may use it"),
        19 => StoreError::new(Conflict, text("another transaction came first")),
        26 => StoreError::new(NotOurs, "the file of the store is not a database of SQLite")
            .with_next_step("choose another path"),
        _ => StoreError::new(Other, text("SQLite refused a statement of the store")),
    }
}

/// Why a transaction was not committed.
pub(super) fn not_committed(error: Error) -> StoreError {
    let error = store_error(error);
    match error.kind() {
        // SQLite gives up before the file changes.
        StoreErrorKind::Busy | StoreErrorKind::Full | StoreErrorKind::ReadOnly => error,
        // The last step, which removes the journal, may have been done.
        _ => StoreError::new(
            StoreErrorKind::Unknown,
            "it is not known whether the transaction was committed",
        )
        .with_source(error),
    }
}
