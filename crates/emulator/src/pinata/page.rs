use super::answer::Answer;
use crate::query::{Query, at_least_one};

/// A page of a v3 list and the token of the next one; an empty token ends paging [SDK].
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_page_token: String,
}

/// Cuts the page that `limit` and `pageToken` name out of `all`.
///
/// The token is the offset of the page in clear: the content of the real one is not documented, and
/// clients return it unchanged.
pub(crate) fn cut<T>(all: Vec<T>, query: &Query, default_limit: usize) -> Result<Page<T>, Answer> {
    let limit = at_least_one(query.number("limit")?.unwrap_or(default_limit));
    let from = match query.text("pageToken") {
        None => 0,
        Some(token) => token
            .strip_prefix("from-")
            .and_then(|place| place.parse::<usize>().ok())
            .ok_or_else(|| Answer::v3_bad_request("pageToken is unknown"))?,
    };
    let next = from.saturating_add(limit);
    let next_page_token = if next < all.len() { format!("from-{next}") } else { String::new() };
    let items = all.into_iter().skip(from).take(limit).collect();
    Ok(Page { items, next_page_token })
}

/// How the query of a legacy list names its pages, and how long a page is by default [DOC].
pub(crate) struct Paging {
    pub(crate) limit: &'static str,
    pub(crate) offset: &'static str,
    pub(crate) default_limit: usize,
}

/// The longest page of a legacy list [DOC]. That a longer one is refused is assumed.
const MOST_ROWS: usize = 1000;

/// Cuts the page of a legacy list out of `all`.
pub(crate) fn by_offset<'a, T>(
    all: &'a [T],
    query: &Query,
    paging: &Paging,
) -> Result<impl Iterator<Item = &'a T>, Answer> {
    let number = |name| query.number_or(name, Answer::legacy_bad_request);
    let limit = number(paging.limit)?.unwrap_or(paging.default_limit);
    if limit > MOST_ROWS {
        let message = format!("{} must be at most {MOST_ROWS}", paging.limit);
        return Err(Answer::legacy_bad_request(&message));
    }
    let offset = number(paging.offset)?.unwrap_or(0);
    Ok(all.iter().skip(offset).take(at_least_one(limit)))
}
