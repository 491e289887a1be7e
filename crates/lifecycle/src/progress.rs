use crate::Timestamp;

/// The result of one step of the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// How many rows it took up.
    pub(crate) taken: usize,
    /// How many rows it finished: revoked, closed, or watched.
    pub(crate) settled: usize,
    /// When there is more to do, if known. `None`: when the next row is due.
    pub(crate) retry_at: Option<Timestamp>,
}
