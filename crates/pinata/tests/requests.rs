//! What is sent to Pinata, against its documents.

mod support;

use http::Method;
use std::num::NonZeroU64;
use std::sync::Arc;

use pinning_keys_core::{
    Credential, Cursor, Effect, ErrorKind, Filters, KeyIssuer, KeyIssuerExt, KeyQuery, KeyRef,
    KeyRequest, Permission, Revocation, ScopeRequest, Verification,
};
use pinning_keys_pinata::{PAIR_HEADERS, PinataConfig, Route, Table};
use serde_json::{Value, json};
use support::{ACCOUNT_JWT, ACCOUNT_PAIR, ROUTES, Script, answer, body, fixture};

use Permission::{
    GroupsRead, KeysManage, NftsAdd, NftsList, PinsAddCid, PinsAddFile, PinsAddJson,
    PinsEditMetadata, PinsList, PinsListJobs, PinsRemove,
};

/// The request that a source shows, with the account's token in its place.
fn sourced(name: &str) -> Value {
    let mut request = fixture(&format!("requests/{name}.json"));
    request.as_object_mut().unwrap().remove("source");
    if let Some(authorization) = request["headers"].get_mut("authorization") {
        assert_eq!(*authorization, "Bearer <JWT>");
        *authorization = format!("Bearer {ACCOUNT_JWT}").into();
    }
    request
}

/// The same, authenticated by the account's key pair.
fn with_pair(mut request: Value) -> Value {
    let headers = request["headers"].as_object_mut().unwrap();
    headers.remove("authorization").unwrap();
    headers.insert("pinata_api_key".to_owned(), ACCOUNT_PAIR.0.into());
    headers.insert("pinata_secret_api_key".to_owned(), ACCOUNT_PAIR.1.into());
    request
}

/// Does each operation that the account's credential is needed for, and hands over what was sent.
async fn managed(route: Route, credential: fn(PinataConfig) -> PinataConfig) -> [Value; 3] {
    let page: Vec<_> = (0..5).map(|i| json!({ "key": i.to_string() })).collect();
    let script = Script::new(vec![
        answer(200, body("documents/created.json")),
        answer(200, json!({ "keys": page }).to_string()),
        answer(200, r#"{"keys":[]}"#),
        answer(200, "\"Revoked\""),
    ]);
    let config = script.config_without_credential().with_route(route);
    let issuer = credential(config).build().unwrap();

    let (scope, query) = if route == Route::Legacy {
        ([PinsList, PinsAddFile, PinsAddJson], KeyQuery::new())
    } else {
        let query = KeyQuery::new().with_revoked(false).with_exhausted(false);
        ([PinsList, PinsListJobs, GroupsRead], query.with_name_containing("Admin"))
    };
    let request = KeyRequest::new("user 1", ScopeRequest::needs(scope)).unwrap();
    issuer.issue(&request.with_max_uses(NonZeroU64::new(1).unwrap())).await.unwrap();
    let issue = script.last_request();
    let first = issuer.list(&query.clone()).await.unwrap();
    issuer.list(&query.after(first.next().unwrap().clone())).await.unwrap();
    let list = script.last_request();
    let key = KeyRef::new("pinata", "0d2a1b3c4d5e6f708192").unwrap();
    assert_eq!(issuer.revoke(&key).await.unwrap(), Revocation::Revoked);
    [issue, list, script.last_request()]
}

#[tokio::test]
async fn each_route_is_called_as_its_source_shows() {
    for (name, route) in ROUTES {
        let sent = managed(route, |config| config.with_jwt(ACCOUNT_JWT)).await;
        for (operation, sent) in ["issue", "list", "revoke"].iter().zip(sent) {
            assert_eq!(sent, sourced(&format!("{name}_{operation}")), "{name} {operation}");
        }
    }
}

#[tokio::test]
async fn a_key_pair_is_sent_in_headers_of_its_own_and_no_token_beside_it() {
    let pair = |config: PinataConfig| config.with_key_pair(ACCOUNT_PAIR.0, ACCOUNT_PAIR.1);
    let sent = managed(Route::Legacy, pair).await;
    for (operation, sent) in ["issue", "list", "revoke"].iter().zip(sent) {
        assert_eq!(sent, with_pair(sourced(&format!("legacy_{operation}"))), "{operation}");
    }
}

#[tokio::test]
async fn the_accounts_key_pair_is_hidden_from_logs() {
    let script = Script::answer(200, r#"{"keys":[]}"#);
    let config = script.config_without_credential().with_route(Route::Legacy);
    let issuer = config.with_key_pair(ACCOUNT_PAIR.0, ACCOUNT_PAIR.1).build().unwrap();
    issuer.list(&KeyQuery::new()).await.unwrap();
    let headers = script.last_headers();
    assert!(headers["pinata_api_key"].is_sensitive());
    assert!(headers["pinata_secret_api_key"].is_sensitive());
    assert!(!format!("{issuer:?} {headers:?}").contains("canary"));
}

#[tokio::test]
async fn a_credential_is_verified_on_one_route_whatever_manages_the_keys() {
    for (name, route) in ROUTES {
        let script = Script::answer(200, r#"{"message":"Congratulations!"}"#);
        let issuer = script.config().with_route(route).build().unwrap();
        let holder = Credential::bearer("pinata", "holders-token").unwrap();
        assert_eq!(issuer.verify(&holder).await.unwrap(), Verification::Live);
        let mut sent = sourced("verify");
        sent["headers"]["authorization"] = "Bearer holders-token".into();
        assert_eq!(script.last_request(), sent, "{name}");
    }
}

#[test]
fn a_plan_names_the_route_that_would_be_called() {
    for (name, route) in ROUTES {
        let issuer = Script::default().config().with_route(route).build().unwrap();
        let request = KeyRequest::new("user 1", ScopeRequest::admin()).unwrap();
        let plan = issuer.plan(&request).unwrap();
        let sourced = sourced(&format!("{name}_issue"));
        assert_eq!(plan.method().as_str(), sourced["method"], "{name}");
        assert_eq!(plan.path(), sourced["target"], "{name}");
        assert_eq!(plan.body(), r#"{"keyName":"user 1","permissions":{"admin":true}}"#, "{name}");
    }
}

#[tokio::test]
async fn the_legacy_list_refuses_filters_that_it_would_ignore() {
    for (query, filter) in [
        (KeyQuery::new().with_name_containing("x"), "a filter by name"),
        (KeyQuery::new().with_revoked(false), "a filter by revocation"),
        (KeyQuery::new().with_limited_use(true), "a filter by uses"),
        (KeyQuery::new().with_exhausted(true), "a filter by uses"),
    ] {
        let script = Script::new(Vec::new());
        let issuer = script.config().with_route(Route::Legacy).build().unwrap();
        let error = issuer.list(&query).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
        assert_eq!(
            error.to_string(),
            format!(
                "cannot list the keys at pinata: the provider does not offer {filter}\n  nothing was sent"
            )
        );
        assert_eq!(script.requests(), 0);
    }
}

#[tokio::test]
async fn a_name_is_found_on_the_legacy_list_by_reading_all_of_it() {
    let script = Script::new(vec![
        answer(200, r#"{"keys":[{"key":"a","name":"other"},{"key":"b","name":"user 1"}]}"#),
        answer(200, r#"{"keys":[{"key":"c","name":"user 1"},{"key":"d","name":"User 1"}]}"#),
        answer(200, r#"{"keys":[]}"#),
    ]);
    let issuer = script.config().with_route(Route::Legacy).build().unwrap();
    let found = issuer.find("user 1").await.unwrap().into_records();
    let keys: Vec<_> = found.iter().map(|record| record.key_ref().api_key()).collect();
    assert_eq!(keys, ["b", "c"]);
    let list = "GET https://pinata.test/users/apiKeys";
    let pages = [list.to_owned(), format!("{list}?offset=2"), format!("{list}?offset=4")];
    assert_eq!(script.targets(), pages);
}

#[tokio::test]
async fn a_key_stands_in_the_legacy_body_as_it_is() {
    for key in ["a/b?c#d", "\"quoted\"", "ключ", ".."] {
        let script = Script::answer(200, "\"Revoked\"");
        let issuer = script.config().with_route(Route::Legacy).build().unwrap();
        let _ = issuer.revoke(&KeyRef::new("pinata", key).unwrap()).await.unwrap();
        assert_eq!(script.targets(), ["PUT https://pinata.test/users/revokeApiKey"]);
        assert_eq!(script.last_request()["body"], json!({ "apiKey": key }));
    }
}

#[tokio::test]
async fn permissions_of_nfts_are_refused_where_needed_and_left_out_where_preferred() {
    for (name, route) in ROUTES {
        let script = Script::answer(200, body("documents/created.json"));
        let issuer = script.config().with_route(route).build().unwrap();
        let needed = ScopeRequest::needs([PinsList, NftsList]).tolerates(PinsListJobs);
        let needed = KeyRequest::new("minter", needed).unwrap();
        let error = issuer.issue(&needed).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Inexpressible, Effect::NotSent));
        assert_eq!(error.key_name().unwrap().as_str(), "minter");
        assert_eq!(issuer.plan(&needed).unwrap_err().to_string(), error.to_string());
        assert_eq!(
            error.to_string(),
            format!(
                "cannot grant pins:list, nfts:list at {}; nothing was sent\n  \
                   no permission there opens nfts:list\n  \
                   to go without:   move nfts:list from needs to prefers",
                issuer.profile().table()
            )
        );
        assert_eq!(script.requests(), 0, "{name}");

        let preferred =
            ScopeRequest::needs([PinsList]).prefers([NftsList, NftsAdd]).tolerates(PinsListJobs);
        let preferred = KeyRequest::new("minter", preferred).unwrap();
        let key = issuer.issue(&preferred).await.unwrap();
        assert_eq!(key.missing().to_string(), "nfts:list nfts:add", "{name}");
    }
}

fn planned(config: PinataConfig, request: &KeyRequest) -> Value {
    let config = config.with_jwt(ACCOUNT_JWT).with_transport(Arc::new(Script::default()));
    let plan = config.build().unwrap().plan(request).unwrap();
    assert_eq!((plan.method(), plan.path()), (&Method::POST, "/v3/api_keys"));
    serde_json::from_str(plan.body()).unwrap()
}

#[test]
fn a_resources_key_is_asked_for_as_the_document_shows() {
    let scope = ScopeRequest::needs([PinsList, PinsListJobs, GroupsRead]);
    let request =
        KeyRequest::new("user 1", scope).unwrap().with_max_uses(NonZeroU64::new(1).unwrap());
    let documented = fixture("documents/create_resources.json");
    assert_eq!(planned(PinataConfig::new(), &request), documented["body"]);
}

#[test]
fn an_admin_key_is_asked_for_as_the_document_shows() {
    let request = KeyRequest::new("user 1", ScopeRequest::admin())
        .unwrap()
        .with_max_uses(NonZeroU64::new(1).unwrap());
    let documented = fixture("documents/create_admin.json");
    for table in [Table::Resources, Table::Endpoints] {
        let config = PinataConfig::new().with_table(table);
        assert_eq!(planned(config, &request), documented["body"]);
    }
}

#[test]
fn an_endpoints_key_is_asked_for_as_the_document_shows() {
    let scope =
        ScopeRequest::needs([PinsList, PinsEditMetadata, PinsAddCid, PinsAddFile, PinsAddJson]);
    let request = KeyRequest::new("user 1", scope).unwrap();
    let documented = fixture("documents/create_endpoints.json");
    let config = PinataConfig::new().with_table(Table::Endpoints);
    assert_eq!(planned(config, &request), documented["body"]);
}

#[test]
fn a_plan_prints_all_that_would_happen() {
    let issuer = Script::default().issuer();
    let scope = ScopeRequest::needs([PinsList]).tolerates("pinata:org:files:read");
    let plan = issuer.plan(&KeyRequest::new("\"quoted\"", scope).unwrap()).unwrap();
    assert_eq!(
        plan.to_string(),
        "POST /v3/api_keys at pinata (resources)\n  \
           granted  pins:list pins:list-jobs\n  \
           missing  nothing\n  \
           extra    pins:list-jobs\n  \
           sends    {\"keyName\":\"\\\"quoted\\\"\",\"permissions\":{\"resources\":[\"org:files:read\"]}}"
    );
}

#[tokio::test]
async fn what_is_planned_is_what_is_sent_with_the_accounts_token() {
    let script = Script::answer(200, body("documents/created.json"));
    let issuer = script.issuer();
    let request = KeyRequest::new("user 1", ScopeRequest::reader()).unwrap();
    let plan = issuer.plan(&request).unwrap();
    let key = issuer.issue(&request).await.unwrap();

    assert_eq!(script.targets(), ["POST https://pinata.test/v3/api_keys"]);
    assert_eq!(script.last_body(), plan.body());
    let headers = script.last_headers();
    assert_eq!(headers["authorization"], format!("Bearer {ACCOUNT_JWT}"));
    assert!(headers["authorization"].is_sensitive());
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(key.key_ref().to_string(), "v1:pinata:key");
    let shown = key.credential().expose();
    assert_eq!(shown.bearer(), Some("JWT"));
    assert_eq!(shown.api_secret(), Some("secret"));
    let pair = key.credential().pair_headers().unwrap();
    assert_eq!(pair["pinata_api_key"], "key");
    assert_eq!(pair["pinata_secret_api_key"], "secret");
}

#[tokio::test]
async fn filters_are_sent_by_their_documented_names() {
    let script = Script::answer(200, r#"{"keys":[],"count":0}"#);
    let query =
        KeyQuery::new().with_revoked(false).with_exhausted(true).with_name_containing("user 1&x");
    script.issuer().list(&query).await.unwrap();
    assert_eq!(
        script.targets(),
        ["GET https://pinata.test/v3/api_keys?revoked=false&limitedUse=true&exhausted=true\
          &name=user+1%26x"]
    );
}

#[tokio::test]
async fn a_key_is_escaped_in_the_path() {
    for (key, path) in [
        ("0d2a1b", "0d2a1b"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("100%", "100%25"),
        ("../users", "..%2Fusers"),
        ("ключ", "%D0%BA%D0%BB%D1%8E%D1%87"),
    ] {
        let script = Script::answer(200, "\"Revoked\"");
        let _ = script.issuer().revoke(&KeyRef::new("pinata", key).unwrap()).await.unwrap();
        assert_eq!(script.targets(), [format!("DELETE https://pinata.test/v3/api_keys/{path}")]);
        assert!(script.last_body().is_empty());
    }
}

#[tokio::test]
async fn a_key_that_would_change_the_path_is_refused_unsent() {
    for key in [".", ".."] {
        let script = Script::new(Vec::new());
        let key = KeyRef::new("pinata", key).unwrap();
        let error = script.issuer().revoke(&key).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert_eq!(script.requests(), 0);
    }
}

#[tokio::test]
async fn a_key_of_another_provider_is_refused_unsent() {
    let script = Script::new(Vec::new());
    let key = KeyRef::new("w3ipfs", "c2FtcGxl").unwrap();
    let error = script.issuer().revoke(&key).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot revoke the key at pinata: the key reference is of w3ipfs, and not of this \
         provider\n  nothing was sent\n  revoke it with an issuer of that provider"
    );
    assert_eq!(script.requests(), 0);
}

#[tokio::test]
async fn a_credential_is_verified_with_its_own_headers_and_not_the_accounts() {
    let message = r#"{"message":"Congratulations! You are communicating with the Pinata API!"}"#;
    let script = Script::new(vec![answer(200, message), answer(200, message)]);
    let issuer = script.issuer();
    let _ = issuer.verify(&Credential::bearer("pinata", "holders-token").unwrap()).await.unwrap();
    assert_eq!(script.targets(), ["GET https://pinata.test/data/testAuthentication"]);
    assert_eq!(script.last_headers()["authorization"], "Bearer holders-token");

    let pair = Credential::key_pair("pinata", PAIR_HEADERS, "public", "private").unwrap();
    let _ = issuer.verify(&pair).await.unwrap();
    let headers = script.last_headers();
    assert_eq!(headers["pinata_api_key"], "public");
    assert_eq!(headers["pinata_secret_api_key"], "private");
    assert!(!headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_credential_of_another_provider_is_not_sent() {
    let script = Script::new(Vec::new());
    let error =
        script.issuer().verify(&Credential::bearer("w3ipfs", "token").unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
    assert_eq!(script.requests(), 0);
}

#[tokio::test]
async fn a_cursor_of_another_listing_is_refused_unsent() {
    let script = Script::new(Vec::new());
    let query = KeyQuery::new().after(Cursor::new("page 2"));
    let error = script.issuer().list(&query).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
    assert!(error.to_string().contains("nothing was sent"), "{error}");
}

#[test]
fn the_profile_says_what_pinata_offers() {
    let issuer = Script::default().issuer();
    let profile = issuer.profile();
    assert_eq!((profile.provider(), profile.page_size()), ("pinata", Some(10)));
    assert_eq!(profile.propagation().as_secs(), 10);
    assert_eq!(profile.max_name_chars(), None);
    assert_eq!(profile.filters(), Filters::ALL);
    assert!(profile.supports_max_uses());
}

#[test]
fn the_profile_says_what_a_route_lacks() {
    for (_, route) in ROUTES {
        let issuer = Script::default().config().with_route(route).build().unwrap();
        let profile = issuer.profile();
        let (filters, table) = match route {
            Route::Legacy => (Filters::NONE, "endpoints"),
            _ => (Filters::ALL, "resources"),
        };
        assert_eq!((profile.filters(), profile.table().name()), (filters, table));
        assert!(profile.supports_max_uses());
    }
}

#[tokio::test]
async fn what_cannot_be_expressed_is_refused_before_any_request() {
    let script = Script::new(Vec::new());
    let uploader = KeyRequest::new("u", ScopeRequest::uploader()).unwrap();
    let error = script.issuer().issue(&uploader).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Inexpressible);
    assert_eq!(error.effect(), Effect::NotSent);
    assert_eq!(error.key_name().unwrap().as_str(), "u");

    let keys = KeyRequest::new("k", ScopeRequest::needs([KeysManage, PinsRemove])).unwrap();
    assert!(script.issuer().issue(&keys).await.is_err());
    assert_eq!(script.requests(), 0);
}
