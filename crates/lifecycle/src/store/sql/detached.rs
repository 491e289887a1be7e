use std::future::Future;
use std::panic::resume_unwind;

use crate::store::{StoreError, StoreErrorKind};

/// Runs a future on a task of its own, which goes on if the caller is dropped.
///
/// A transaction that is dropped while it begins would leave a connection behind that is in an
/// unknown state (sqlx issue 4385), and one that is dropped while it commits an unknown result.
pub(in crate::store) async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(StoreError::new(
                StoreErrorKind::Unknown,
                "the transaction was not finished, because the program ends",
            )),
        },
    }
}
