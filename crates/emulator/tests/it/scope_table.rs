//! Every row of the table of routes, with keys that have exactly the permission of the row, more
//! than it, and everything but it.

use http::Method;
use serde_json::{Value, json};

use crate::common::table::{self, Row, bearer, is_refused};
use crate::common::{Bench, Made, answer, observed};

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

/// Permissions with all flags; true if wanted.
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

/// Everything of the same family except what includes this permission.
fn all_but(permission: &str) -> Value {
    let including = permission.replace(":read", ":write");
    if permission.starts_with("org:") {
        resources(|name| name != permission && name != including)
    } else {
        flags(|name| name != permission)
    }
}

/// Sends a request and checks `may` against the answer.
async fn send(bench: &Bench, row: &Row, made: &Made) -> (u16, Value) {
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    let may = bench.pinata().may(&bearer(&made.jwt), &method, &row.path);
    let (status, body) = answer(bench.bearer(row.method, &row.path, made)).await;
    assert_eq!(may, !is_refused(status), "`may` disagrees on {} {}", row.method, row.path);
    (status, body)
}

#[tokio::test]
async fn permission_of_the_row_opens_it_and_nothing_else_does() {
    let bench = Bench::new().await;
    let admin_key = bench.make("admin", json!({ "admin": true })).await;
    let rows = table::rows(include_str!("../fixtures/scope_table.txt")).into_iter();
    for row in rows.filter(|row| !matches!(row.permission, "any-key" | "signed-url")) {
        let label = format!("{} {} by {}", row.method, row.path, row.permission);
        let holder = bench.make("holder", only(row.permission)).await;
        let writer = bench.make("writer", only(&row.permission.replace(":read", ":write"))).await;
        for allowed in [&holder, &writer, &admin_key, &bench.admin()] {
            let (status, body) = send(&bench, &row, allowed).await;
            assert!(!is_refused(status), "{label} is refused: {body}");
        }

        // The stranger has the whole other family.
        let is_v3 = row.permission.starts_with("org:");
        let stranger = if is_v3 { flags(|_| true) } else { resources(|_| true) };
        let (lacking, strange) = if is_v3 {
            ("401_v3_not_authorized", "401_v3_no_authorization_header_found")
        } else {
            ("403_no_scopes_found", "403_no_scopes_found")
        };
        for (permissions, expected) in
            [(all_but(row.permission), lacking), (stranger, strange), (json!({}), lacking)]
        {
            let other = bench.make("other", permissions).await;
            assert_eq!(send(&bench, &row, &other).await, observed(expected), "{label}");
        }
    }
}

#[tokio::test]
async fn key_of_both_families_opens_both() {
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
    let message = "Congratulations! You are communicating with the Pinata API!";
    for path in ["/data/testAuthentication", "/v3/data/testAuthentication"] {
        for request in [bench.bearer("GET", path, &nobody), bench.pair("GET", path, &nobody)] {
            assert_eq!(answer(request).await, (200, json!({ "message": message })));
        }
    }
}
