//! Which parameters of a list's query are honoured. One that is known and not honoured is refused,
//! because a client may delete what it lists.

use crate::query::Query;

/// Every parameter that selects, orders or cuts the rows of some list of the provider, honoured
/// here or not: documented [DOC], or sent by an official client [SDK].
const KNOWN: &[&str] = &[
    // Keys.
    "offset",
    "revoked",
    "limitedUse",
    "exhausted",
    "name",
    // Files; `keyvalues` is the official client's name for `metadata`.
    "group",
    "mimeType",
    "cid",
    "cidPending",
    "metadata",
    "keyvalues",
    "limit",
    "order",
    "pageToken",
    // Queued pins and groups.
    "status",
    "sort",
    "isPublic",
    // Gateways.
    "page",
    "pageSize",
    // The legacy lists, of which that of groups is not served.
    "hashContains",
    "groupId",
    "pinStart",
    "pinEnd",
    "unpinStart",
    "unpinEnd",
    "pinSizeMin",
    "pinSizeMax",
    "pageLimit",
    "pageOffset",
    "ipfs_pin_hash",
    "nameContains",
];

const KEYS: &[&str] = &["offset", "revoked", "limitedUse", "exhausted", "name"];

/// The lists, by the path of their route, with the parameters that they honour.
const LISTS: &[(&str, &[&str])] = &[
    ("/v3/api_keys", KEYS),
    ("/v3/pinata/keys", KEYS),
    ("/users/apiKeys", &["offset"]),
    (
        "/v3/files/{network}",
        &[
            "name",
            "group",
            "mimeType",
            "cid",
            "cidPending",
            "metadata[{key}]",
            "keyvalues[{key}]",
            "limit",
            "order",
            "pageToken",
        ],
    ),
    ("/v3/files/public/pin_by_cid", &["order", "sort", "status", "cid", "limit", "pageToken"]),
    ("/v3/groups/{network}", &["name", "isPublic", "limit", "pageToken"]),
    // Nothing says whether `page` counts from 0 or 1, and how long a page is.
    ("/v3/gateways", &["pageSize"]),
    (
        "/data/pinList",
        &[
            "hashContains",
            "cid",
            "groupId",
            "pinStart",
            "pinEnd",
            "unpinStart",
            "unpinEnd",
            "pinSizeMin",
            "pinSizeMax",
            "status",
            "metadata[name]",
            "metadata[keyvalues]",
            "metadata[keyvalues][{key}]",
            "pageLimit",
            "pageOffset",
        ],
    ),
    ("/pinning/pinJobs", &["sort", "status", "ipfs_pin_hash", "limit", "offset"]),
];

/// The first known parameter of a query that the list with this path does not honour.
pub(crate) fn not_honoured<'a>(path: &str, query: &'a Query) -> Option<&'a str> {
    let (_, honoured) = LISTS.iter().find(|(list, _)| *list == path)?;
    query.not_honoured(KNOWN, honoured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pinata::routes::ROUTES;
    use crate::routing::GET;

    #[test]
    fn lists_are_routes_and_honour_known_parameters() {
        for (path, honoured) in LISTS {
            assert!(
                ROUTES.iter().any(|route| route.method == GET && route.path == *path),
                "{path}"
            );
            for name in *honoured {
                assert!(KNOWN.contains(&name.split('[').next().unwrap()), "{path}: {name}");
            }
        }
    }
}
