//! The position of a listing by offsets, and its text.

use std::fmt::Write as _;

use crate::offset_rows::{read_hashes, write_hashes};

/// The version of a cursor's text.
const MARK: &str = "o2";

/// Where a listing by offsets stands, and what it remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// The number of rows that the next request skips.
    pub(crate) offset: u64,
    /// How the next page relates to the pages before it.
    pub(crate) step: Step,
    /// The number of rows received that were not known.
    pub(crate) received: u64,
    /// The total that the server claimed first.
    pub(crate) first_total: Option<u64>,
    /// The number of pages in a row without a new row.
    pub(crate) stale: u32,
    /// How often the listing went back.
    pub(crate) returns: u32,
    /// The number of rows on the longest page.
    pub(crate) longest: u64,
    /// Hashes of the ids of the latest rows, at most two pages of them. They end with the rows of
    /// the latest page.
    pub(crate) known: Vec<u64>,
}

/// How a page relates to the pages before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Step {
    /// It begins with the last row of the page before, unless it is the first page.
    #[default]
    Next,
    /// The same, after a page as long as the longest.
    NextAfterFull,
    /// It lies before rows that have been read, because rows have moved.
    Back,
    /// It begins after the last row of the page before and should be empty.
    Confirm,
}

impl Position {
    /// The text of a cursor. Its length is bounded by that of two pages.
    pub(crate) fn encode(&self) -> String {
        let step = match self.step {
            Step::Next => 'n',
            Step::NextAfterFull => 'f',
            Step::Back => 'b',
            Step::Confirm => 'c',
        };
        let mut text = format!("{MARK}:{}:{step}:{}:", self.offset, self.received);
        // Writing into a `String` cannot fail.
        if let Some(total) = self.first_total {
            let _ = write!(text, "{total}");
        }
        let _ = write!(text, ":{}:{}:{}:", self.stale, self.returns, self.longest);
        write_hashes(&mut text, &self.known);
        text
    }

    /// Reads the text of a cursor; `None` if it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        if parts.next()? != MARK {
            return None;
        }
        let position = Self {
            offset: parts.next()?.parse().ok()?,
            step: match parts.next()? {
                "n" => Step::Next,
                "f" => Step::NextAfterFull,
                "b" => Step::Back,
                "c" => Step::Confirm,
                _ => return None,
            },
            received: parts.next()?.parse().ok()?,
            first_total: match parts.next()? {
                "" => None,
                total => Some(total.parse().ok()?),
            },
            stale: parts.next()?.parse().ok()?,
            returns: parts.next()?.parse().ok()?,
            longest: parts.next()?.parse().ok()?,
            known: read_hashes(parts.next()?)?,
        };
        let rows = position.known.len() as u64;
        let is_plausible = rows <= position.received && rows <= position.longest.checked_mul(2)?;
        (parts.next().is_none() && is_plausible).then_some(position)
    }
}
