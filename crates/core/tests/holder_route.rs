//! Holders' routes are below the issuer's own address, and a value that fills in a segment stays in
//! it.

use pinning_keys_core::http::Method;
use pinning_keys_core::{
    CredentialForm, DataRoute, Effect, ErrorKind, Grant, HolderRoute, IssuerProfile, Permission,
    PermissionTable, RouteHost,
};
use proptest::prelude::*;

static GRANTS: [Grant; 2] =
    [Grant::new("read", &[Permission::PinsList]), Grant::new("write", &[Permission::PinsAddFile])];
static ROUTES: [DataRoute; 4] = [
    route(Permission::PinsAddFile, Method::POST, "/files").with_host(RouteHost::Uploads),
    route(Permission::PinsList, Method::GET, "/files/{network}/{id}"),
    route(Permission::PinsAddFile, Method::POST, "/old-files"),
    route(Permission::PinsList, Method::GET, "/files"),
];
static TABLE: PermissionTable =
    PermissionTable::new("example", "grants", &GRANTS).with_routes(&ROUTES);

const fn route(permission: Permission, method: Method, path: &'static str) -> DataRoute {
    DataRoute::new(permission, method, path, CredentialForm::Bearer)
}

fn at_example() -> IssuerProfile {
    IssuerProfile::new(&TABLE).with_base_url("https://example.com/api//")
}

fn routes(profile: &IssuerProfile, permission: Permission) -> Vec<String> {
    profile.holder_routes(permission).map(|route| route.to_string()).collect()
}

fn show() -> HolderRoute {
    at_example().holder_routes(Permission::PinsList).next().unwrap()
}

#[test]
fn routes_come_in_the_order_of_the_table() {
    let expected =
        ["GET https://example.com/api/files/{network}/{id}", "GET https://example.com/api/files"];
    assert_eq!(routes(&at_example(), Permission::PinsList), expected);
    assert!(routes(&at_example(), Permission::PinsRemove).is_empty());
}

#[test]
fn route_at_an_unknown_address_is_left_out() {
    let (profile, upload) = (at_example(), Permission::PinsAddFile);
    assert_eq!(routes(&profile, upload), ["POST https://example.com/api/old-files"]);
    let profile = profile.with_uploads_url("https://uploads.example.com");
    assert_eq!(routes(&profile, upload)[0], "POST https://uploads.example.com/files");
    assert!(routes(&IssuerProfile::new(&TABLE), upload).is_empty());
}

#[test]
fn segments_are_filled_in_by_their_names() {
    let route = show();
    assert_eq!(route.placeholders(), ["network", "id"]);
    let route = route.with_value("id", "{network}").unwrap().with_value("network", "public");
    let route = route.unwrap();
    assert_eq!(route.url(), "https://example.com/api/files/public/%7Bnetwork%7D");
    assert!(route.placeholders().is_empty());
}

#[test]
fn value_that_cannot_be_a_segment_is_refused() {
    let (steps, left) = (
        "an empty text, \".\" and \"..\" cannot be a segment of a URL",
        "the URL has no such segment to fill in; it has network, id",
    );
    for (name, value, message) in
        [("id", "", steps), ("id", ".", steps), ("id", "..", steps), ("cid", "secret", left)]
    {
        let error = show().with_value(name, value).unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert_eq!(error.to_string(), message);
    }
    let list = at_example().holder_routes(Permission::PinsList).nth(1).unwrap();
    let error = list.with_value("id", "secret").unwrap_err();
    assert_eq!(error.to_string(), "the URL has no segment to fill in");
}

proptest! {
    #[test]
    fn every_other_value_stays_in_its_segment(value in any::<String>()) {
        prop_assume!(!["", ".", ".."].contains(&&*value));
        let route = show().with_value("id", &value).unwrap();
        let segment = route.url().strip_prefix("https://example.com/api/files/{network}/").unwrap();
        prop_assert!(segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
        prop_assert_eq!(decoded, value);
    }
}
