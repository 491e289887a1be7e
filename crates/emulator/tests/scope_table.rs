//! Every row of the table of routes, with a key that has exactly the permission of the row,
//! and with one that has everything but it.

mod common;

use common::table::{self, Row};
use common::{Bench, Made, answer, observed};
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use serde_json::{Value, json};

fn rows() -> Vec<Row> {
    let rows = table::rows(include_str!("fixtures/scope_table.txt"));
    assert!(rows.len() > 40, "the table was not read");
    rows
}

const RESOURCES: [&str; 10] = [
    "org:read",
    "org:write",
    "org:files:read",
    "org:files:write",
    "org:groups:read",
    "org:groups:write",
    "org:gateways:read",
    "org:gateways:write",
    "org:analytics:read",
    "org:analytics:write",
];

const FLAGS: [&str; 10] = [
    "data.pinList",
    "data.userPinnedDataTotal",
    "pinning.hashMetadata",
    "pinning.hashPinPolicy",
    "pinning.pinByHash",
    "pinning.pinFileToIPFS",
    "pinning.pinJSONToIPFS",
    "pinning.pinJobs",
    "pinning.unpin",
    "pinning.userPinPolicy",
];

/// Permissions with these flags true and all others false.
fn flags(wanted: impl Fn(&str) -> bool) -> Value {
    let mut endpoints = json!({ "data": {}, "pinning": {} });
    for name in FLAGS {
        let (group, flag) = name.split_once('.').unwrap();
        endpoints[group][flag] = json!(wanted(name));
    }
    json!({ "endpoints": endpoints })
}

fn resources(wanted: impl Fn(&str) -> bool) -> Value {
    json!({ "resources": RESOURCES.into_iter().filter(|name| wanted(name)).collect::<Vec<_>>() })
}

fn only(permission: &str) -> Value {
    if permission == "admin" {
        json!({ "admin": true })
    } else if permission.starts_with("org:") {
        resources(|name| name == permission)
    } else {
        flags(|name| name == permission)
    }
}

/// Everything of the same world except what includes this permission.
fn all_but(permission: &str) -> Value {
    let including = permission.replace(":read", ":write");
    if permission.starts_with("org:") {
        resources(|name| name != permission && name != including)
    } else {
        flags(|name| name != permission)
    }
}

async fn send(bench: &Bench, row: &Row, made: &Made) -> (u16, Value) {
    let request = bench.bearer(row.method, &row.path, made);
    let may = may(bench, row, made);
    let (status, body) = answer(request).await;
    let refused = status == 401 || status == 403;
    assert_eq!(may, !refused, "`may` disagrees on {} {}", row.method, row.path);
    (status, body)
}

fn may(bench: &Bench, row: &Row, made: &Made) -> bool {
    let mut headers = HeaderMap::new();
    let bearer = HeaderValue::from_str(&format!("Bearer {}", made.jwt)).unwrap();
    headers.insert(AUTHORIZATION, bearer);
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    bench.emulator.pinata().may(&headers, &method, &row.path)
}

fn scoped_rows() -> impl Iterator<Item = Row> {
    rows().into_iter().filter(|row| !matches!(row.permission, "any-key" | "signed-url"))
}

#[tokio::test]
async fn the_permission_of_the_row_opens_it_and_nothing_else_does() {
    let bench = Bench::new().await;
    for row in scoped_rows() {
        let label = format!("{} {} by {}", row.method, row.path, row.permission);
        let is_v3 = row.permission.starts_with("org:");

        let holder = bench.make("holder", only(row.permission)).await;
        let (status, body) = send(&bench, &row, &holder).await;
        assert!(status != 401 && status != 403, "{label} is refused: {body}");

        let other = bench.make("other", all_but(row.permission)).await;
        let expected =
            if is_v3 { observed("401_v3_not_authorized") } else { observed("403_no_scopes_found") };
        assert_eq!(send(&bench, &row, &other).await, expected, "{label}");

        // The other world, whole, opens nothing here.
        let stranger = if is_v3 { flags(|_| true) } else { resources(|_| true) };
        let stranger = bench.make("stranger", stranger).await;
        let expected = if is_v3 {
            observed("401_v3_no_authorization_header_found")
        } else {
            observed("403_no_scopes_found")
        };
        assert_eq!(send(&bench, &row, &stranger).await, expected, "{label}");

        let nobody = bench.make("nobody", json!({})).await;
        let expected =
            if is_v3 { observed("401_v3_not_authorized") } else { observed("403_no_scopes_found") };
        assert_eq!(send(&bench, &row, &nobody).await, expected, "{label}");
    }
}

#[tokio::test]
async fn write_opens_what_read_opens() {
    let bench = Bench::new().await;
    for row in scoped_rows().filter(|row| row.permission.ends_with(":read")) {
        let writer = bench.make("writer", only(&row.permission.replace(":read", ":write"))).await;
        let (status, body) = send(&bench, &row, &writer).await;
        assert!(status != 401, "{} {}: {body}", row.method, row.path);
    }
}

#[tokio::test]
async fn an_admin_key_and_the_admin_credential_open_everything() {
    let bench = Bench::new().await;
    let admin_key = bench.make("admin", json!({ "admin": true })).await;
    for row in scoped_rows() {
        for made in [&admin_key, &bench.admin()] {
            let (status, body) = send(&bench, &row, made).await;
            assert!(status != 401 && status != 403, "{} {}: {body}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn a_key_of_both_worlds_opens_both() {
    let bench = Bench::new().await;
    let mut permissions = only("org:files:read");
    permissions["endpoints"] = json!({ "data": { "pinList": true } });
    let both = bench.make("both", permissions).await;
    for path in ["/v3/files/public", "/data/pinList"] {
        assert_eq!(answer(bench.bearer("GET", path, &both)).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn any_live_key_passes_test_authentication() {
    let bench = Bench::new().await;
    let nobody = bench.make("nobody", json!({})).await;
    let expected = json!({
        "message": "Congratulations! You are communicating with the Pinata API!"
    });
    for path in ["/data/testAuthentication", "/v3/data/testAuthentication"] {
        let by_token = answer(bench.bearer("GET", path, &nobody)).await;
        assert_eq!(by_token, (200, expected.clone()));
        let by_pair = answer(bench.pair("GET", path, &nobody)).await;
        assert_eq!(by_pair, (200, expected.clone()));
    }
}
