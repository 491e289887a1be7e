//! What is sent to Pinata, compared with its documents, and what is refused before anything is.

mod support;

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use http::Method;
use pinning_keys_core::{
    Credential, Cursor, Effect, Error, ErrorKind, Expiry, Filters, KeyIssuer, KeyIssuerExt,
    KeyQuery, KeyRef, KeyRequest, Permission, Revocation, ScopeRequest, Verification,
};
use pinning_keys_pinata::{PAIR_HEADERS, PinataIssuer, Route, Table};
use serde_json::{Value, json};
use support::{
    ACCOUNT_JWT, ACCOUNT_PAIR, Answers, EMPTY, ROUTES, Script, answer, body, fixture, holder, key,
    request,
};

use Permission::{
    GroupsRead, KeysManage, PinsAddCid, PinsAddFile, PinsAddJson, PinsEditMetadata, PinsList,
    PinsListJobs, PinsRemove,
};

/// The request that a source shows, with the account's token inserted.
fn sourced(name: &str) -> Value {
    let mut request = fixture(&format!("requests/{name}.json"));
    request.as_object_mut().unwrap().remove("source");
    if let Some(authorization) = request["headers"].get_mut("authorization") {
        assert_eq!(*authorization, "Bearer <JWT>");
        *authorization = format!("Bearer {ACCOUNT_JWT}").into();
    }
    request
}

/// The same request, authenticated by the account's key pair.
fn with_pair(mut request: Value) -> Value {
    let headers = request["headers"].as_object_mut().unwrap();
    headers.remove("authorization").unwrap();
    headers.insert("pinata_api_key".to_owned(), ACCOUNT_PAIR.0.into());
    headers.insert("pinata_secret_api_key".to_owned(), ACCOUNT_PAIR.1.into());
    request
}

/// Issues, lists and revokes as the sources do, and returns what was sent.
async fn managed(route: Route, issuer: fn(&Script, Route) -> PinataIssuer) -> [Value; 3] {
    let page: Vec<_> = (0..6).map(|i| json!({ "key": i.to_string() })).collect();
    let script = Script::new([
        answer(200, body("documents/created.json")),
        answer(200, json!({ "keys": page }).to_string()),
        answer(200, EMPTY),
        answer(200, "\"Revoked\""),
    ]);
    let issuer = issuer(&script, route);
    let (scope, query) = if route == Route::Legacy {
        ([PinsList, PinsAddFile, PinsAddJson], KeyQuery::new())
    } else {
        let query = KeyQuery::new().with_revoked(false).with_exhausted(false);
        ([PinsList, PinsListJobs, GroupsRead], query.with_name_containing("Admin"))
    };
    let request = KeyRequest::new("user 1", ScopeRequest::needs(scope)).unwrap();
    let request = request.with_max_uses(NonZeroU64::new(1).unwrap());
    let plan = issuer.plan(&request).unwrap();
    issuer.issue(&request).await.unwrap();
    let issue = script.last_request();
    assert_eq!(
        (plan.method().as_str(), plan.path()),
        (issue["method"].as_str().unwrap(), issue["target"].as_str().unwrap())
    );
    assert_eq!(plan.body(), script.last_body());

    let first = issuer.list(&query.clone()).await.unwrap();
    issuer.list(&query.with_cursor(first.next().unwrap().clone())).await.unwrap();
    let list = script.last_request();
    assert_eq!(issuer.revoke(&key()).await.unwrap(), Revocation::Revoked);
    let headers = script.last_headers();
    assert!(!format!("{issuer:?} {headers:?}").contains("canary"), "credentials are sensitive");
    [issue, list, script.last_request()]
}

#[tokio::test]
async fn each_route_is_called_as_its_source_shows() {
    for (name, route) in ROUTES {
        let sent = managed(route, Script::issuer_on).await;
        for (operation, sent) in ["issue", "list", "revoke"].iter().zip(sent) {
            assert_eq!(sent, sourced(&format!("{name}_{operation}")), "{name} {operation}");
        }
    }
    let sent = managed(Route::Legacy, |script, _| script.issuer_with_pair()).await;
    for (operation, sent) in ["issue", "list", "revoke"].iter().zip(sent) {
        assert_eq!(sent, with_pair(sourced(&format!("legacy_{operation}"))), "{operation}");
    }
}

#[tokio::test]
async fn holders_credential_is_verified_with_its_own_headers() {
    let tested = r#"{"message":"Congratulations! You are communicating with the Pinata API!"}"#;
    for (name, route) in ROUTES {
        let script = Script::new([answer(200, tested), answer(200, tested)]);
        let issuer = script.issuer_on(route);
        assert_eq!(issuer.verify(&holder()).await.unwrap(), Verification::Live);
        let mut expected = sourced("verify");
        expected["headers"]["authorization"] = "Bearer holders-token".into();
        assert_eq!(script.last_request(), expected, "{name}");

        let (key, secret) = ACCOUNT_PAIR;
        let pair = Credential::key_pair("pinata", PAIR_HEADERS, key, secret).unwrap();
        assert_eq!(issuer.verify(&pair).await.unwrap(), Verification::Live);
        assert_eq!(script.last_request(), with_pair(expected), "{name}");
    }
}

#[test]
fn bodies_of_creates_are_as_documented() {
    let once = |name, scope| {
        let request = KeyRequest::new(name, scope).unwrap();
        request.with_max_uses(NonZeroU64::new(1).unwrap())
    };
    let reads = ScopeRequest::needs([PinsList, PinsListJobs, GroupsRead]);
    let pins =
        ScopeRequest::needs([PinsList, PinsEditMetadata, PinsAddCid, PinsAddFile, PinsAddJson]);
    for (document, table, request) in [
        ("create_resources", Table::Resources, once("user 1", reads)),
        ("create_admin", Table::Resources, once("user 1", ScopeRequest::admin())),
        ("create_admin", Table::Endpoints, once("user 1", ScopeRequest::admin())),
        ("create_endpoints", Table::Endpoints, KeyRequest::new("user 1", pins).unwrap()),
    ] {
        let config = Script::default().config().with_jwt(ACCOUNT_JWT).with_table(table);
        let plan = config.build().unwrap().plan(&request).unwrap();
        assert_eq!((plan.method(), plan.path()), (&Method::POST, "/v3/api_keys"));
        let documented = fixture(&format!("documents/{document}.json"));
        assert_eq!(serde_json::from_str::<Value>(plan.body()).unwrap(), documented["body"]);
    }
}

#[tokio::test]
async fn issued_key_has_the_token_and_the_pair() {
    let script = Script::answer(200, body("documents/created.json"));
    let key = script.issuer().issue(&request()).await.unwrap();
    assert_eq!(key.key_ref().to_string(), "v1:pinata:key");
    let exposed = key.credential().expose();
    assert_eq!((exposed.bearer(), exposed.api_secret()), (Some("JWT"), Some("secret")));
    let pair = key.credential().pair_headers().unwrap();
    assert_eq!(
        (&pair["pinata_api_key"], &pair["pinata_secret_api_key"]),
        (&"key".parse().unwrap(), &"secret".parse().unwrap())
    );
}

#[tokio::test]
async fn filters_have_their_documented_names() {
    let script = Script::answer(200, EMPTY);
    let query =
        KeyQuery::new().with_revoked(false).with_exhausted(true).with_name_containing("user 1&x");
    script.issuer().list(&query).await.unwrap();
    assert_eq!(
        script.targets(),
        ["GET https://pinata.test/v3/api_keys?revoked=false&limitedUse=true&exhausted=true\
          &name=user+1%26x"]
    );
}

/// A record that does not show what a filter is about may be one that it selects.
#[tokio::test]
async fn record_that_contradicts_an_ignored_filter_is_left_out() {
    let rows = json!({ "keys": [
        { "key": "unlimited", "uses": 3, "max_uses": null, "revoked": false },
        { "key": "used-up", "uses": 5, "max_uses": 5, "revoked": false },
        { "key": "one-of-five", "uses": 1, "max_uses": 5, "revoked": false },
        { "key": "gone", "uses": 5, "max_uses": 5, "revoked": true },
        { "key": "bare" },
    ] });
    let cases = [
        (KeyQuery::new().with_revoked(true), &["gone", "bare"][..]),
        (KeyQuery::new().with_revoked(false), &["unlimited", "used-up", "one-of-five", "bare"]),
        (KeyQuery::new().with_limited_use(true), &["used-up", "one-of-five", "gone", "bare"]),
        (KeyQuery::new().with_limited_use(false), &["unlimited", "bare"]),
        (KeyQuery::new().with_exhausted(true), &["used-up", "gone", "bare"]),
        (KeyQuery::new().with_exhausted(false), &["one-of-five", "bare"]),
        (KeyQuery::new().with_exhausted(true).with_revoked(false), &["used-up", "bare"]),
    ];
    for route in [Route::V3, Route::Sdk] {
        for (query, expected) in &cases {
            let page = Script::answer(200, rows.to_string()).issuer_on(route).list(query).await;
            let records = page.unwrap().into_records();
            let keys: Vec<_> = records.iter().map(|record| record.key_ref().api_key()).collect();
            assert_eq!(keys, *expected, "{query:?}");
        }
    }
}

/// A page with these keys and names.
fn page(rows: &[(&str, &str)]) -> String {
    let rows = rows.iter().map(|(key, name)| json!({ "key": key, "name": name }));
    json!({ "keys": rows.collect::<Vec<_>>() }).to_string()
}

#[tokio::test]
async fn name_is_found_on_the_legacy_list_without_a_filter() {
    let script = Script::new([
        answer(200, page(&[("a", "other"), ("b", "user 1"), ("c", "User 1")])),
        answer(200, page(&[("c", "User 1"), ("d", "user 1")])),
        answer(200, page(&[("d", "user 1")])),
    ]);
    let found = script.issuer_on(Route::Legacy).find("user 1").await.unwrap().into_records();
    let keys: Vec<_> = found.iter().map(|record| record.key_ref().api_key()).collect();
    assert_eq!(keys, ["b", "d"]);
    let list = "GET https://pinata.test/users/apiKeys";
    let pages = [list.to_owned(), format!("{list}?offset=2"), format!("{list}?offset=3")];
    assert_eq!(script.targets(), pages);
}

/// The count may be that of the page, and there may be more keys than the server ever sends.
#[tokio::test]
async fn list_that_ignores_the_offset_is_reported_as_such() {
    let rows = json!([{ "key": "a" }, { "key": "b" }]);
    let words = json!({ "keys": rows, "count": 2 }).to_string();
    let script = Script::with(move |_| answer(200, words.clone()));
    let found = script.issuer_on(Route::Legacy).find("absent").await.unwrap().discrepancies();
    assert!(found.repeated_page() && !found.moved_rows(), "{found}");
    assert!(found.to_string().contains("the same page repeatedly"), "{found}");
    assert_eq!(script.count(), 4);
}

#[tokio::test]
async fn api_key_is_escaped_in_the_path_and_verbatim_in_the_body() {
    for (key, path) in [
        ("0d2a1b", Some("0d2a1b")),
        ("a/b?c#d", Some("a%2Fb%3Fc%23d")),
        ("100%", Some("100%25")),
        ("../users", Some("..%2Fusers")),
        ("\"ключ\"", Some("%22%D0%BA%D0%BB%D1%8E%D1%87%22")),
        // These would change the path.
        (".", None),
        ("..", None),
    ] {
        let key_ref = KeyRef::new("pinata", key).unwrap();
        let script = Script::answer(200, "\"Revoked\"");
        let revoked = script.issuer().revoke(&key_ref).await;
        if let Some(path) = path {
            assert_eq!(revoked.unwrap(), Revocation::Revoked);
            let target = format!("DELETE https://pinata.test/v3/api_keys/{path}");
            assert_eq!((script.targets(), script.last_body().len()), (vec![target], 0));
        } else {
            assert_unsent(&revoked.unwrap_err(), ErrorKind::InvalidInput);
            assert_eq!(script.count(), 0);
        }

        let script = Script::answer(200, "\"Revoked\"");
        let revoked = script.issuer_on(Route::Legacy).revoke(&key_ref).await;
        assert_eq!(revoked.unwrap(), Revocation::Revoked);
        assert_eq!(script.targets(), ["PUT https://pinata.test/users/revokeApiKey"]);
        assert_eq!(script.last_request()["body"], json!({ "apiKey": key }));
    }
}

#[track_caller]
fn assert_unsent(error: &Error, kind: ErrorKind) {
    assert_eq!((error.kind(), error.effect()), (kind, Effect::NotSent), "{error}");
    assert_eq!(error.provider(), Some("pinata"), "{error}");
}

/// The scripts expect no request.
#[tokio::test]
async fn unsupported_and_foreign_input_is_refused_unsent() {
    let issuer = Script::default().issuer();
    for (scope, kind) in [
        (ScopeRequest::uploader(), ErrorKind::Inexpressible),
        (ScopeRequest::needs([KeysManage, PinsRemove]), ErrorKind::Inexpressible),
    ] {
        let error = issuer.issue(&KeyRequest::new("u", scope).unwrap()).await.unwrap_err();
        assert_unsent(&error, kind);
        assert_eq!(error.key_name().unwrap().as_str(), "u");
    }
    let hour = Duration::from_secs(3600);
    for expiry in [Expiry::after(hour), Expiry::at(SystemTime::now() + hour)] {
        let expiring = KeyRequest::new("u", ScopeRequest::reader()).unwrap().with_expiry(expiry);
        let error = issuer.issue(&expiring).await.unwrap_err();
        assert_unsent(&error, ErrorKind::Unsupported);
        let step = error.next_step().unwrap().to_string();
        for instead in ["revoke the key", "with_max_uses", "PinataIssuer::sign_upload"] {
            assert!(step.contains(instead), "{step}");
        }
        assert_eq!(issuer.plan(&expiring).unwrap_err().to_string(), error.to_string());
    }
    let foreign_key = KeyRef::new("w3ipfs", "c2FtcGxl").unwrap();
    let foreign_token = Credential::bearer("w3ipfs", "token").unwrap();
    let foreign_page = KeyQuery::new().with_cursor(Cursor::new("page 2"));
    assert_unsent(&issuer.revoke(&foreign_key).await.unwrap_err(), ErrorKind::InvalidInput);
    assert_unsent(&issuer.verify(&foreign_token).await.unwrap_err(), ErrorKind::InvalidInput);
    assert_unsent(&issuer.list(&foreign_page).await.unwrap_err(), ErrorKind::InvalidInput);
    let named = KeyQuery::new().with_name_containing(ACCOUNT_JWT);
    assert_unsent(&issuer.list(&named).await.unwrap_err(), ErrorKind::InvalidInput);
    assert_unsent(&issuer.find(ACCOUNT_JWT).await.unwrap_err(), ErrorKind::InvalidInput);

    // Each is as it would be if the two parts of the pair were confused.
    let (api_key, secret) = (key().api_key().to_owned(), "5ec2".repeat(16));
    let swapped = Credential::key_pair("pinata", PAIR_HEADERS, &*secret, api_key).unwrap();
    for (_, route) in ROUTES {
        let issuer = Script::default().issuer_on(route);
        let as_key = KeyRef::new("pinata", &*secret).unwrap();
        assert_unsent(&issuer.revoke(&as_key).await.unwrap_err(), ErrorKind::InvalidInput);
        assert_unsent(&issuer.verify(&swapped).await.unwrap_err(), ErrorKind::InvalidInput);
    }

    let issuer = Script::default().issuer_on(Route::Legacy);
    for query in [
        KeyQuery::new().with_name_containing("x"),
        KeyQuery::new().with_revoked(false),
        KeyQuery::new().with_limited_use(true),
    ] {
        assert_unsent(&issuer.list(&query).await.unwrap_err(), ErrorKind::Unsupported);
    }
}

#[test]
fn profile_depends_on_the_route() {
    for (_, route) in ROUTES {
        let issuer = Script::default().issuer_on(route);
        let profile = issuer.profile();
        let (filters, table) = match route {
            Route::Legacy => (Filters::NONE, "endpoints"),
            _ => (Filters::ALL, "resources"),
        };
        assert_eq!((profile.filters(), profile.table().name()), (filters, table));
        assert_eq!((profile.provider(), profile.page_size()), ("pinata", Some(10)));
        assert_eq!((profile.propagation().as_secs(), profile.max_name_chars()), (10, None));
        assert!(profile.supports_max_uses());
    }
}
