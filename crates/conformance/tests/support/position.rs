//! The cursors of the adapter in memory.

use pinning_keys_core::Cursor;

/// Where a listing continues.
#[derive(Default)]
pub(crate) struct Position {
    pub(crate) offset: usize,
    pub(crate) received: u64,
    pub(crate) first_total: Option<u64>,
    pub(crate) previous: Vec<String>,
}

impl Position {
    pub(crate) fn parse(cursor: Option<&Cursor>) -> Self {
        let Some(cursor) = cursor else { return Self::default() };
        let mut parts = cursor.as_str().split(':');
        let mut next = || parts.next().unwrap();
        Self {
            offset: next().parse().unwrap(),
            received: next().parse().unwrap(),
            first_total: next().parse().ok(),
            previous: next().split(' ').map(str::to_owned).collect(),
        }
    }

    pub(crate) fn encode(&self) -> Cursor {
        let total = self.first_total.map(|total| total.to_string()).unwrap_or_default();
        let previous = self.previous.join(" ");
        Cursor::new(format!("{}:{}:{total}:{previous}", self.offset, self.received))
    }
}
