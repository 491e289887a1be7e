use std::future::Future;
use std::panic::resume_unwind;

use crate::store::{StoreError, StoreErrorKind};

/// Runs a future in a separate task, which continues if the caller is dropped.
///
/// Dropping a transaction while it begins would leave a connection in an unknown state (sqlx issue
/// 4385); dropping it while it commits would leave its result unknown.
pub(in crate::store) async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(StoreError::new(
                StoreErrorKind::Unknown,
                "the transaction was not finished, because the program is shutting down",
            )),
        },
    }
}
