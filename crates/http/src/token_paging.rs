use pinning_keys_core::{Cursor, Discrepancies, Error, ErrorKind, KeyPage};

use crate::ListedKey;
use crate::lenient::Row;
use crate::listing::key_page;
use crate::offset_rows::{Rows, hash};
use crate::token_position::TokenPosition;

/// The listing ends after this many pages in a row without a new row, because it might never end
/// otherwise. Providers that filter the rows of each page do send empty pages in between.
const PAGES_WITHOUT_NEWS: u32 = 100;

/// The position of a listing, for providers that return a token with each page, which requests the
/// next one.
///
/// The token is sent back unchanged. The listing ends at the page without a token, or with an empty
/// one. Otherwise, three conditions end it, reported as a
/// [repeated page](Discrepancies::repeated_page):
///
/// * a repeated token (detected within three times the number of pages),
/// * a page with the same readable rows as an earlier one (detected within six times the number of
///   pages),
/// * 100 pages without a new readable row.
///
/// Rows of the page before or the same page that come again are dropped, and reported as
/// [repeated rows](Discrepancies::repeated_rows).
///
/// ```
/// use pinning_keys_core::{KeyRecord, KeyRef, Reading};
/// use pinning_keys_http::lenient::Row;
/// use pinning_keys_http::{ListedKey, TokenCursor};
///
/// struct Key(&'static str);
///
/// impl ListedKey for Key {
///     fn api_key(&self) -> &str {
///         self.0
///     }
///
///     fn into_record(self) -> Option<KeyRecord> {
///         let key_ref = KeyRef::new("example", self.0).ok()?;
///         Some(KeyRecord::new(key_ref, "user-42", Reading::admin()))
///     }
/// }
///
/// let rows = |ids: [&'static str; 2]| ids.map(|id| Row::Read(Box::new(Key(id)))).into();
/// let first = TokenCursor::decode(None)?.into_key_page(rows(["a", "b"]), Some("token-2"));
///
/// // "b" comes again, because a key before it was issued.
/// let second = TokenCursor::decode(first.next())?;
/// assert_eq!(second.token(), Some("token-2"));
/// let second = second.into_key_page(rows(["b", "c"]), None);
/// assert_eq!((second.records().len(), second.discrepancies().repeated_rows()), (1, 1));
/// assert!(second.next().is_none());
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenCursor(TokenPosition);

impl TokenCursor {
    /// The position of a cursor, or the beginning of a listing.
    ///
    /// ```
    /// use pinning_keys_core::Cursor;
    /// use pinning_keys_http::TokenCursor;
    ///
    /// assert_eq!(TokenCursor::decode(None)?.token(), None);
    /// assert!(TokenCursor::decode(Some(&Cursor::new("another listing's"))).is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the cursor is not one of a page that
    /// [`into_key_page`](Self::into_key_page) returned.
    pub fn decode(cursor: Option<&Cursor>) -> Result<Self, Error> {
        match cursor {
            None => Ok(Self::default()),
            Some(cursor) => TokenPosition::parse(cursor.as_str()).map(Self).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "the cursor does not belong to this listing")
                    .with_next_step("pass the cursor of the previous page unchanged, or none")
            }),
        }
    }

    /// The token to send; `None` for the first page.
    pub fn token(&self) -> Option<&str> {
        self.0.token.as_deref()
    }

    /// Converts the rows at this position into a page. `next` is the token that the provider
    /// returned with them, which must not be a secret.
    ///
    /// It leaves out rows that came before, and counts those that cannot be read. [`TokenCursor`]
    /// has an example.
    #[must_use]
    pub fn into_key_page<T: ListedKey>(self, rows: Vec<Row<T>>, next: Option<&str>) -> KeyPage {
        let before = self.0;
        let id_of = |(place, row): (usize, &Row<T>)| match row {
            Row::Read(key) => key.api_key().to_owned(),
            Row::Unreadable => format!("row {place} of page {}", before.pages),
        };
        let ids: Vec<String> = rows.iter().enumerate().map(id_of).collect();
        let compared = Rows::compare(ids.iter().map(String::as_str), &before.known);
        let repeats = compared.len() - compared.new_rows();
        // Unreadable rows cannot be told apart, so they are never news.
        let is_read = |row: &Row<T>| matches!(row, Row::Read(_));
        let read = rows.iter().zip(&ids).filter(|(row, _)| is_read(row));
        let content = hash(&read.map(|(_, id)| id.as_str()).collect::<Vec<_>>().join("\n"));
        let mut flags = rows.iter().zip(&compared.repeated);
        let news = flags.any(|(row, repeated)| is_read(row) && !repeated).then_some(content);
        let next = next.filter(|token| !token.is_empty());
        let (next, is_endless) = follow(&before, &compared, news, next);
        let mut repeated = compared.repeated.into_iter();
        let kept = rows.into_iter().filter(|_| !repeated.next().unwrap_or(false));
        let discrepancies =
            Discrepancies::default().with_repeated_rows(repeats).with_repeated_page(is_endless);
        key_page(kept, next.map(|position| Cursor::new(position.encode())), discrepancies)
    }
}

/// Where the listing continues, if it does, and whether it ends because it would be endless.
///
/// Tokens and pages that come again are found as in Brent's algorithm: each is compared with one
/// earlier token and page, which are replaced after 1, 2, 4, 8, … pages. A cursor thus stays short,
/// and yet no cycle is missed. A page without news is no page to come back to: the next one with
/// news replaces the earlier page.
///
/// `news` is a hash of the readable rows if one of them is new.
fn follow(
    before: &TokenPosition,
    rows: &Rows,
    news: Option<u64>,
    next: Option<&str>,
) -> (Option<TokenPosition>, bool) {
    let Some(token) = next else {
        return (None, false);
    };
    let stale = if news.is_some() { 0 } else { before.stale.saturating_add(1) };
    let is_checkpoint = before.pages > 0 && hash(token) == before.checkpoint;
    let is_same = before.token.as_deref() == Some(token);
    // Rows can move to the next page, but not further without a key for each in between.
    let is_known_page = before.rows.is_some() && before.rows == news;
    if is_checkpoint || is_same || is_known_page || stale >= PAGES_WITHOUT_NEWS {
        return (None, true);
    }
    let pages = before.pages.saturating_add(1);
    let is_due = pages.is_power_of_two();
    let checkpoint = if is_due { hash(token) } else { before.checkpoint };
    let content = if is_due || before.rows.is_none() { news } else { before.rows };
    // An empty page in between changes nothing.
    let earlier = if rows.len() == 0 { &before.known[..] } else { &[] };
    let known = rows.remember(earlier, u64::MAX);
    let token = Some(token.to_owned());
    (Some(TokenPosition { token, pages, checkpoint, rows: content, stale, known }), false)
}
