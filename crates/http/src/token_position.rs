//! Where a listing by tokens is, and its text in a cursor.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::offset_rows::{read_hashes, write_hashes};

/// What a cursor begins with: the format and its version.
const MARK: &str = "t1";

/// Where the next page begins, and what is remembered of those before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenPosition {
    /// The provider's token for the next page; `None` for the first page.
    pub(crate) token: Option<String>,
    /// How many pages have been read.
    pub(crate) pages: u64,
    /// A hash of the token of an earlier page, which the later ones are compared with.
    pub(crate) checkpoint: u64,
    /// A hash of the rows of an earlier page, which the later ones are compared with; `None` until
    /// there is one.
    pub(crate) rows: Option<u64>,
    /// How many pages in a row had no new row.
    pub(crate) stale: u32,
    /// Hashes of the ids of the latest rows.
    pub(crate) known: Vec<u64>,
}

impl TokenPosition {
    /// The text of a cursor, which is ASCII without blanks, whatever the provider's token is.
    pub(crate) fn encode(&self) -> String {
        let Self { pages, checkpoint, stale, .. } = self;
        let rows = self.rows.map(|rows| format!("{rows:x}")).unwrap_or_default();
        let mut text = format!("{MARK}:{pages}:{checkpoint:x}:{rows}:{stale}:");
        write_hashes(&mut text, &self.known);
        text.push(':');
        text.extend(utf8_percent_encode(self.token.as_deref().unwrap_or(""), NON_ALPHANUMERIC));
        text
    }

    /// Reads the text of a cursor; `None` if it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        if parts.next()? != MARK {
            return None;
        }
        let position = Self {
            pages: parts.next()?.parse().ok()?,
            checkpoint: u64::from_str_radix(parts.next()?, 16).ok()?,
            rows: match parts.next()? {
                "" => None,
                rows => Some(u64::from_str_radix(rows, 16).ok()?),
            },
            stale: parts.next()?.parse().ok()?,
            known: match parts.next()? {
                "" => Vec::new(),
                known => read_hashes(known)?,
            },
            token: Some(percent_decode_str(parts.next()?).decode_utf8().ok()?.into_owned()),
        };
        let has_token = position.token.as_ref().is_some_and(|token| !token.is_empty());
        (parts.next().is_none() && has_token && position.pages > 0).then_some(position)
    }
}
