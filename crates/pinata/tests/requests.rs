//! What is sent to Pinata, against its documents.

mod support;

use std::sync::Arc;

use pinning_keys_core::{
    Credential, Cursor, Effect, ErrorKind, Filters, KeyIssuer, KeyQuery, KeyRef, KeyRequest,
    Permission, ScopeRequest,
};
use pinning_keys_http::{AccountCredential, from_fn};
use pinning_keys_pinata::{PAIR_HEADERS, PinataConfig, Vocabulary};
use serde_json::Value;
use support::{ACCOUNT_JWT, Script, answer, body, fixture};

use Permission::{
    GroupsRead, KeysManage, PinsAddCid, PinsAddFile, PinsAddJson, PinsEditMetadata, PinsList,
    PinsListJobs, PinsRemove,
};

fn planned(config: PinataConfig, request: &KeyRequest) -> Value {
    let plan = config.with_jwt(ACCOUNT_JWT).build().unwrap().plan(request).unwrap();
    assert_eq!((plan.method(), plan.path()), ("POST", "/v3/api_keys"));
    serde_json::from_str(plan.body()).unwrap()
}

#[test]
fn a_resources_key_is_asked_for_as_the_document_shows() {
    let scope = ScopeRequest::needs([PinsList, PinsListJobs, GroupsRead]);
    let request = KeyRequest::new("user 1", scope).unwrap().with_max_uses(1).unwrap();
    let documented = fixture("documents/create_resources.json");
    assert_eq!(planned(PinataConfig::new(), &request), documented["body"]);
}

#[test]
fn an_admin_key_is_asked_for_as_the_document_shows() {
    let request =
        KeyRequest::new("user 1", ScopeRequest::admin()).unwrap().with_max_uses(1).unwrap();
    let documented = fixture("documents/create_admin.json");
    for table in [Vocabulary::Resources, Vocabulary::Endpoints] {
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
    let config = PinataConfig::new().with_table(Vocabulary::Endpoints);
    assert_eq!(planned(config, &request), documented["body"]);
}

#[test]
fn a_plan_prints_all_that_would_happen() {
    let issuer = PinataConfig::new().with_jwt(ACCOUNT_JWT).build().unwrap();
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
    assert_eq!(shown.bearer, Some("JWT"));
    assert_eq!(shown.api_secret, Some("secret"));
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

#[tokio::test]
async fn credentials_of_a_source_go_before_a_jwt() {
    let script = Script::answer(200, r#"{"keys":[]}"#);
    let source = from_fn(|_| async { AccountCredential::bearer("from-the-source") });
    let issuer = script.config().with_credentials(Arc::new(source)).build().unwrap();
    issuer.list(&KeyQuery::new()).await.unwrap();
    assert_eq!(script.last_headers()["authorization"], "Bearer from-the-source");
}

#[tokio::test]
async fn a_jwt_is_read_where_the_configuration_says() {
    // Cargo sets this variable for every test.
    let version = env!("CARGO_PKG_VERSION");
    for (config, expected) in [
        (Script::config as fn(&Script) -> PinataConfig, ACCOUNT_JWT),
        (|script| script.config().with_jwt_variable("CARGO_PKG_VERSION"), version),
        (|script| script.config().with_jwt_file(jwt_file()), "made.up.jwt"),
        (|script| script.config().with_setting("jwt_file", jwt_file()).unwrap(), "made.up.jwt"),
    ] {
        let script = Script::answer(200, r#"{"keys":[]}"#);
        config(&script).build().unwrap().list(&KeyQuery::new()).await.unwrap();
        assert_eq!(script.last_headers()["authorization"], format!("Bearer {expected}"));
    }
}

fn jwt_file() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/jwt.txt")
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
fn a_base_url_that_ends_where_the_routes_begin_is_refused() {
    for url in ["https://api.pinata.cloud/v3", "https://api.pinata.cloud/v3/"] {
        let config = PinataConfig::new().with_base_url(url).with_jwt(ACCOUNT_JWT);
        let error = config.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("leave /v3 out"), "{error}");
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
