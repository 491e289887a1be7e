use http::Method;

use super::assumptions::RedirectSlash;
use super::call::{Call, Outcome};
use super::scopes::Access::{self, Admin, AnyKey, Flag, ManageKeys, RefreshToken, Session};
use super::{keys, metadata, nfts, pins, users};
use crate::routing::{self, DELETE, GET, POST, PUT, Route, fit, route};

type Run = fn(&mut Call<'_>) -> Outcome;
pub(crate) type Found = routing::Found<Access, Run>;

/// Finds the first route of the table for this request, with or without a trailing slash.
pub(crate) fn find(method: &Method, path: &str) -> Option<Found> {
    let path = path.strip_suffix('/').unwrap_or(path);
    ROUTES.iter().filter(|route| route.method == *method).find_map(|route| {
        let segments = fit(stem(route.path).0, path)?;
        Some(Found { route, segments })
    })
}

/// The path that a request is redirected to if its trailing slash is missing or superfluous.
pub(crate) fn redirected(found: &Found, path: &str, redirect: RedirectSlash) -> Option<String> {
    let ends_in_slash = match (redirect, stem(found.route.path).1) {
        (RedirectSlash::Never, _) => return None,
        (_, Slash::With) | (RedirectSlash::ToSlash, Slash::Either) => true,
        (_, Slash::Without) | (RedirectSlash::ToBare, Slash::Either) => false,
    };
    match path.strip_suffix('/') {
        Some(bare) if !ends_in_slash => Some(bare.to_owned()),
        None if ends_in_slash => Some(format!("{path}/")),
        _ => None,
    }
}

/// Whether the sources write a path with a trailing slash.
#[derive(Clone, Copy)]
enum Slash {
    With,
    Without,
    Either,
}

/// A path of the table without its trailing slash, and whether it has one.
fn stem(path: &'static str) -> (&'static str, Slash) {
    if let Some(stem) = path.strip_suffix("[/]") {
        (stem, Slash::Either)
    } else if let Some(stem) = path.strip_suffix('/') {
        (stem, Slash::With)
    } else {
        (path, Slash::Without)
    }
}

/// Every route with what opens it: for flags by their names [INF], since no document says more. The
/// first match wins, so fixed paths come before variable ones. A path that ends in `[/]` is written
/// with and without the slash, by the documents or by clients.
#[rustfmt::skip]
pub(crate) static ROUTES: &[Route<Access, Run>] = &[
    route(POST,   "/api/apiKeys[/]", ManageKeys, keys::create),
    route(GET,    "/api/apiKeys/list", ManageKeys, keys::list),
    route(DELETE, "/api/apiKeys/{id}", ManageKeys, keys::delete),
    // Documented for key pairs [DOC]; that a session opens it too is assumed.
    route(GET,    "/api/apiKeys/testAuthentication[/]", AnyKey, keys::test_authentication),

    route(GET,    "/api/pinning/pins/", Flag("data.pin_list"), pins::list),
    route(GET,    "/api/pinning/{pinId}", Flag("data.pin_list"), pins::show),
    route(DELETE, "/api/pinning/unpin/{pinId}", Flag("pinning.unpin"), pins::unpin),
    route(POST,   "/api/pinning/pinByHash[/]", Flag("pinning.pin_by_hash"), pins::pin_by_hash),
    route(POST,   "/api/pinning/", Flag("pinning.pin_file_to_ipfs"), pins::upload),
    // Only the provider's dashboard calls it [CODE]; no flag is known for it.
    route(PUT,    "/api/pinning/metadata/", Admin, metadata::set),

    route(GET,    "/api/nft/nfts/", Flag("data.nft_list"), nfts::list),
    route(GET,    "/api/nft/{nftId}", Flag("data.nft_list"), nfts::show),
    route(DELETE, "/api/nft/unpin/{nftId}", Flag("pin_nft.unpin_nft"), nfts::unpin),
    route(POST,   "/api/nft/", Flag("pin_nft.pin_nft_to_ipfs"), nfts::create),

    route(GET,    "/api/users/me", Session, users::me),
    route(GET,    "/api/auth/refresh", RefreshToken, users::refresh),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_the_documented_one() {
        let documented = include_str!("../../tests/fixtures/w3ipfs_scope_table.txt");
        routing::assert_documented(ROUTES, documented, |opens| match opens {
            Flag(name) => name,
            Admin => "admin",
            ManageKeys => "manage-keys",
            AnyKey => "any-key",
            Session => "session",
            RefreshToken => "refresh-token",
        });
    }

    #[test]
    fn route_is_found_with_or_without_a_slash() {
        for (method, path, to_slash, to_bare) in [
            (POST, "/api/apiKeys", Some("/api/apiKeys/"), None),
            (POST, "/api/apiKeys/", None, Some("/api/apiKeys")),
            (GET, "/api/apiKeys/list/", Some("/api/apiKeys/list"), Some("/api/apiKeys/list")),
            (GET, "/api/apiKeys/list", None, None),
            (GET, "/api/pinning/pins", Some("/api/pinning/pins/"), Some("/api/pinning/pins/")),
            (GET, "/api/pinning/pins/", None, None),
            (DELETE, "/api/apiKeys/a%2F/", Some("/api/apiKeys/a%2F"), Some("/api/apiKeys/a%2F")),
        ] {
            let found = find(&method, path).unwrap();
            let redirected = |redirect| redirected(&found, path, redirect);
            assert_eq!(redirected(RedirectSlash::Never), None);
            assert_eq!(redirected(RedirectSlash::ToSlash).as_deref(), to_slash, "{path}");
            assert_eq!(redirected(RedirectSlash::ToBare).as_deref(), to_bare, "{path}");
        }
        for path in ["/api", "/api/", "/api/apiKeys//", "/api/apikeys", "/api/apiKeys/a/b"] {
            assert!(find(&POST, path).is_none(), "{path}");
        }
    }
}
