use http::Method;

use super::call::{Call, Outcome};
use super::scopes::Access::{self, Admin, AnyKey, Flag, Resource, SignedUrl};
use super::{
    analytics, file_list, files, gateways, groups, jobs, keys, legacy, marks, pin_list, signed,
    upload, users,
};
use crate::routing::{self, DELETE, GET, POST, PUT, route};

type Run = fn(&mut Call<'_>) -> Outcome;
pub(crate) type Found = routing::Found<Access, Run>;

pub(crate) fn find(method: &Method, path: &str) -> Option<Found> {
    routing::find(ROUTES, method, path)
}

const ORG_WRITE: Access = Resource("org:write");
const FILES_READ: Access = Resource("org:files:read");
const FILES_WRITE: Access = Resource("org:files:write");
const GROUPS_READ: Access = Resource("org:groups:read");
const GROUPS_WRITE: Access = Resource("org:groups:write");
const GATEWAYS_READ: Access = Resource("org:gateways:read");
const GATEWAYS_WRITE: Access = Resource("org:gateways:write");
const ANALYTICS_READ: Access = Resource("org:analytics:read");

/// Every route with the permission that opens it: the labels of the documents [DOC], for legacy
/// routes the flag of the same name [INF]. The first match wins, so fixed paths come before
/// variable ones.
#[rustfmt::skip]
pub(crate) static ROUTES: &[routing::Route<Access, Run>] = &[
    // Key management, as documented and as the official clients call it [SDK].
    route(POST,   "/v3/api_keys", ORG_WRITE, keys::create),
    route(GET,    "/v3/api_keys", ORG_WRITE, keys::list),
    route(DELETE, "/v3/api_keys/{key}", ORG_WRITE, keys::revoke),
    route(POST,   "/v3/pinata/keys", ORG_WRITE, keys::create),
    route(GET,    "/v3/pinata/keys", ORG_WRITE, keys::list),
    route(PUT,    "/v3/pinata/keys/{key}", ORG_WRITE, keys::revoke),

    // The legacy form; "Admin" in the documents [DOC], so `org:write` does not suffice.
    route(POST,   "/users/generateApiKey", Admin, users::create),
    route(GET,    "/users/apiKeys", Admin, users::list),
    route(PUT,    "/users/revokeApiKey", Admin, users::revoke),

    // Under `/v3` as well, because the official client prepends its base URL [SDK].
    route(GET,    "/data/testAuthentication", AnyKey, legacy::test_authentication),
    route(GET,    "/v3/data/testAuthentication", AnyKey, legacy::test_authentication),

    route(POST,   "/v3/files", FILES_WRITE, upload::upload),
    route(POST,   "/v3/files/sign", FILES_WRITE, signed::sign),
    route(POST,   "/v3/files/{upload}", SignedUrl, signed::upload),
    route(GET,    "/v3/files/public/pin_by_cid", FILES_READ, jobs::list),
    route(POST,   "/v3/files/public/pin_by_cid", FILES_WRITE, jobs::add),
    route(DELETE, "/v3/files/public/pin_by_cid/{id}", FILES_WRITE, jobs::cancel),
    route(POST,   "/v3/files/private/download_link", FILES_WRITE, files::download_link),
    route(GET,    "/v3/files/{network}/signature/{cid}", FILES_READ, marks::signature),
    route(POST,   "/v3/files/{network}/signature/{cid}", FILES_WRITE, marks::sign),
    route(DELETE, "/v3/files/{network}/signature/{cid}", FILES_WRITE, marks::remove_signature),
    route(GET,    "/v3/files/{network}/swap/{cid}", FILES_READ, marks::swaps),
    route(PUT,    "/v3/files/{network}/swap/{cid}", FILES_WRITE, marks::swap),
    route(DELETE, "/v3/files/{network}/swap/{cid}", FILES_WRITE, marks::remove_swap),
    route(GET,    "/v3/files/{network}", FILES_READ, file_list::list),
    route(GET,    "/v3/files/{network}/{id}", FILES_READ, files::show),
    route(PUT,    "/v3/files/{network}/{id}", FILES_WRITE, files::update),
    route(DELETE, "/v3/files/{network}/{id}", FILES_WRITE, files::remove),

    route(GET,    "/v3/groups/{network}", GROUPS_READ, groups::list),
    route(POST,   "/v3/groups/{network}", GROUPS_WRITE, groups::create),
    route(GET,    "/v3/groups/{network}/{id}", GROUPS_READ, groups::show),
    route(PUT,    "/v3/groups/{network}/{id}", GROUPS_WRITE, groups::update),
    route(DELETE, "/v3/groups/{network}/{id}", GROUPS_WRITE, groups::remove),
    route(PUT,    "/v3/groups/{network}/{id}/ids/{file_id}", GROUPS_WRITE, groups::add_file),
    route(DELETE, "/v3/groups/{network}/{id}/ids/{file_id}", GROUPS_WRITE, groups::remove_file),

    route(GET,    "/v3/gateways", GATEWAYS_READ, gateways::list),
    route(POST,   "/v3/gateways", GATEWAYS_WRITE, gateways::create),
    route(GET,    "/v3/gateways/exists/{domain}", GATEWAYS_READ, gateways::exists),
    route(GET,    "/v3/gateways/{id}", GATEWAYS_READ, gateways::show),
    route(DELETE, "/v3/gateways/{id}", GATEWAYS_WRITE, gateways::remove),

    // As documented [DOC], and as the official client calls it [SDK].
    route(GET,    "/v3/analytics/gateways/top", ANALYTICS_READ, analytics::top),
    route(GET,    "/v3/analytics/gateways/time_series", ANALYTICS_READ, analytics::time_series),
    route(GET,    "/v3/ipfs/gateway_analytics_top", ANALYTICS_READ, analytics::top),
    route(GET,    "/v3/ipfs/gateway_analytics_time_series", ANALYTICS_READ, analytics::time_series),

    route(GET,    "/data/pinList", Flag("data.pinList"), pin_list::list),
    route(GET,    "/data/userPinnedDataTotal", Flag("data.userPinnedDataTotal"), legacy::total),
    // As the official client calls it with another base URL [SDK].
    route(GET,    "/v3/data/userPinnedDataTotal", Flag("data.userPinnedDataTotal"), legacy::total),
    route(PUT,    "/pinning/hashMetadata", Flag("pinning.hashMetadata"), legacy::hash_metadata),
    route(POST,   "/pinning/pinByHash", Flag("pinning.pinByHash"), jobs::pin_by_hash),
    route(POST,   "/pinning/pinFileToIPFS", Flag("pinning.pinFileToIPFS"), legacy::pin_file),
    route(POST,   "/pinning/pinJSONToIPFS", Flag("pinning.pinJSONToIPFS"), legacy::pin_json),
    route(GET,    "/pinning/pinJobs", Flag("pinning.pinJobs"), jobs::pin_jobs),
    route(DELETE, "/pinning/unpin/{cid}", Flag("pinning.unpin"), legacy::unpin),
];

#[cfg(test)]
mod tests {
    use super::*;

    const UPLOAD: &str = "00000000-0000-4000-8000-000000000000";

    #[test]
    fn table_is_the_documented_one() {
        let documented = include_str!("../../tests/fixtures/scope_table.txt");
        routing::assert_documented(ROUTES, documented, |opens| match opens {
            Resource(name) | Flag(name) => name,
            Admin => "admin",
            AnyKey => "any-key",
            SignedUrl => "signed-url",
        });
    }

    #[test]
    fn every_route_is_found_by_its_path() {
        for route in ROUTES {
            let path = route.path.replace("{network}", "private");
            let path = path.replace("{upload}", UPLOAD).replace(['{', '}'], "");
            let found = find(&route.method, &path).unwrap();
            assert_eq!(found.route.path, route.path);
        }
    }

    #[test]
    fn segments_are_decoded_after_the_path_is_split() {
        let found = find(&DELETE, "/v3/api_keys/a%2Fb%3Fc%23d%25").unwrap();
        assert_eq!(found.segments, ["a/b?c#d%"]);
        assert!(find(&DELETE, "/v3/api_keys/a/b").is_none());
        assert!(find(&DELETE, "/v3/api_keys/").is_none());
        assert!(find(&GET, "/v3/files/secret").is_none());
        assert!(find(&POST, "/v3/files/groups").is_none());
        assert!(find(&POST, &format!("/v3/files/{UPLOAD}0")).is_none());
        assert!(find(&PUT, "/v3/api_keys/key").is_none());
    }
}
