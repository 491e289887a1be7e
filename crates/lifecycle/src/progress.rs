use crate::Timestamp;

/// What one step of the worker has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// How many rows it took up.
    pub(crate) taken: usize,
    /// How many rows came to rest: revoked, closed, or watched.
    pub(crate) settled: usize,
    /// When there is more to do, if that is known. `None`: when a row is next due.
    pub(crate) retry_at: Option<Timestamp>,
}
