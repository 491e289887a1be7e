/// What one step of the worker has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// How many rows it took up.
    pub(crate) taken: usize,
    /// How many rows it finished: revoked, closed, or watched.
    pub(crate) settled: usize,
}

impl Progress {
    pub(crate) fn add(&mut self, other: Self) {
        self.taken += other.taken;
        self.settled += other.settled;
    }
}
