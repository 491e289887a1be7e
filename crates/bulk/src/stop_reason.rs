use pinning_keys_core::ErrorKind;

/// Why a batch starts no further calls, returned by
/// [`Batch::stop_reason`](crate::Batch::stop_reason).
///
/// ```
/// use pinning_keys_bulk::{IssueMany, StopReason};
/// use pinning_keys_core::ErrorKind;
///
/// fn is_account_full(keys: &IssueMany) -> bool {
///     keys.stop_reason() == Some(StopReason::Failure(ErrorKind::TooManyKeys))
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// [`Batch::stop`](crate::Batch::stop) was called.
    Requested,
    /// Nothing got through for longer than the batch's
    /// [patience](crate::Batch::with_patience).
    OutOfPatience,
    /// A failure of this kind, which the other items would have met too. Most such kinds
    /// [affect all keys](ErrorKind::affects_all_keys). The error is the result of an item that was
    /// tried.
    Failure(ErrorKind),
}
