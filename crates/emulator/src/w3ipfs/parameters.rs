//! Which parameters of a list's query are honoured. One that is known and not honoured is refused,
//! because a client may delete what it lists.

use crate::query::Query;

/// Every parameter that selects, orders or cuts the rows of some list of the provider: documented
/// [DOC], or sent by its clients [CODE].
const KNOWN: &[&str] = &["offset", "limit", "pinned", "sortBy", "sortOrder", "metadata"];

/// The lists, by the path of their route, with the parameters that they honour.
const LISTS: &[(&str, &[&str])] = &[
    ("/api/apiKeys/list", &["offset", "limit"]),
    ("/api/pinning/pins/", KNOWN),
    ("/api/nft/nfts/", KNOWN),
];

/// The first known parameter of a query that the list with this path does not honour.
pub(crate) fn not_honoured<'a>(path: &str, query: &'a Query) -> Option<&'a str> {
    let (_, honoured) = LISTS.iter().find(|(list, _)| *list == path)?;
    query.not_honoured(KNOWN, honoured)
}
