//! What is sent to W3IPFS, against its documents, and what is refused before anything is.

mod support;

use http::Method;
use std::num::NonZeroU64;
use std::sync::Arc;

use pinning_keys_core::{
    Credential, Cursor, Effect, Error, ErrorKind, Filters, KeyIssuer, KeyIssuerExt, KeyQuery,
    KeyRef, KeyRequest, Permission, Revocation, ScopeRequest, Verification,
};
use pinning_keys_http::credentials::{AccountCredential, from_fn};
use pinning_keys_w3ipfs::{SCOPES, W3ipfsIssuer};
use serde_json::{Value, json};
use support::{
    ACCOUNT_JWT, ACCOUNT_PAIR, ACCOUNTS, Account, Script, answer, body, fixture, fresh, holder,
    listed,
};

use Permission::{
    GroupsRead, KeysManage, NftsAdd, NftsList, NftsRemove, PinsAddCid, PinsAddFile, PinsAddJson,
    PinsList, PinsListJobs, PinsRemove,
};

/// The request that a source shows, with the account's credential in its place.
fn sourced(name: &str, account: Account) -> Value {
    let mut request = fixture(&format!("requests/{name}.json"));
    request.as_object_mut().unwrap().remove("source");
    let headers = request["headers"].as_object_mut().unwrap();
    assert_eq!(headers.remove("authorization").unwrap(), "Bearer <JWT>");
    match account {
        Account::Jwt => {
            headers.insert("authorization".to_owned(), format!("Bearer {ACCOUNT_JWT}").into());
        }
        Account::KeyPair => {
            headers.insert("pinning_api_key".to_owned(), ACCOUNT_PAIR.0.into());
            headers.insert("pinning_secret_key".to_owned(), ACCOUNT_PAIR.1.into());
        }
    }
    request
}

fn scoped() -> KeyRequest {
    KeyRequest::new("user 1", ScopeRequest::needs([PinsList, PinsAddCid, NftsAdd])).unwrap()
}

fn admin() -> KeyRequest {
    KeyRequest::new("Admin api key", ScopeRequest::admin()).unwrap()
}

fn page(keys: &[&str]) -> Value {
    let rows: Vec<_> = keys.iter().map(|key| json!({ "api_key": key, "id": key })).collect();
    json!({ "status": "success", "data": { "total": 3, "api_keys": rows } })
}

#[tokio::test]
async fn every_request_is_as_its_source_shows_it_with_either_credential() {
    for account in ACCOUNTS {
        let script = Script::new(vec![
            answer(200, body("documents/created.json")),
            answer(200, body("documents/created.json")),
            answer(200, page(&["a", "b", "c"]).to_string()),
            answer(200, page(&[]).to_string()),
            answer(200, body("documents/deleted.json")),
        ]);
        let issuer = script.issuer_of(account);
        issuer.issue(&scoped()).await.unwrap();
        assert_eq!(script.last_request(), sourced("issue_scoped", account));
        issuer.issue(&admin()).await.unwrap();
        assert_eq!(script.last_request(), sourced("issue_admin", account));
        assert!(issuer.find("x").await.unwrap().records().is_empty());
        assert_eq!(script.last_request(), sourced("list", account));
        assert_eq!(issuer.revoke(&listed()).await.unwrap(), Revocation::Revoked);
        assert_eq!(script.last_request(), sourced("revoke", account));
        assert_eq!(script.requests(), 5);
    }
}

#[tokio::test]
async fn a_credential_is_verified_with_its_own_pair_whatever_the_account_has() {
    for account in ACCOUNTS {
        let script = Script::answer(200, body("documents/tested.json"));
        let said = script.issuer_of(account).verify(&holder()).await.unwrap();
        assert_eq!(said, Verification::Live);
        let mut sent = fixture("requests/verify.json");
        sent.as_object_mut().unwrap().remove("source");
        assert_eq!(script.last_request(), sent);
    }
}

#[tokio::test]
async fn the_accounts_credential_is_hidden_from_logs() {
    for account in ACCOUNTS {
        let script = Script::answer(200, page(&[]).to_string());
        let issuer = script.issuer_of(account);
        issuer.list(&KeyQuery::new()).await.unwrap();
        let headers = script.last_headers();
        let secret: Vec<_> = headers.values().filter(|value| value.is_sensitive()).collect();
        assert_eq!(secret.len(), if account == Account::Jwt { 1 } else { 2 });
        assert!(!format!("{issuer:?} {headers:?}").contains("canary"));
    }
}

#[test]
fn every_flag_is_written_out_in_the_documented_order() {
    let bodies = [
        (
            [PinsList].into(),
            r#"{"name":"n","scopes":{"admin":false,"data":{"pin_list":true,"nft_list":false},"pinning":{"unpin":false,"pin_by_hash":false,"pin_file_to_ipfs":false},"pin_nft":{"unpin_nft":false,"pin_nft_to_ipfs":false}}}"#,
        ),
        (
            [NftsRemove].into(),
            r#"{"name":"n","scopes":{"admin":false,"data":{"pin_list":false,"nft_list":false},"pinning":{"unpin":false,"pin_by_hash":false,"pin_file_to_ipfs":false},"pin_nft":{"unpin_nft":true,"pin_nft_to_ipfs":false}}}"#,
        ),
        // All seven are not admin: an admin key manages keys too.
        (
            SCOPES.reach(),
            r#"{"name":"n","scopes":{"admin":false,"data":{"pin_list":true,"nft_list":true},"pinning":{"unpin":true,"pin_by_hash":true,"pin_file_to_ipfs":true},"pin_nft":{"unpin_nft":true,"pin_nft_to_ipfs":true}}}"#,
        ),
    ];
    let issuer = Script::default().issuer();
    for (needs, expected) in bodies {
        let needs: pinning_keys_core::PermissionSet = needs;
        let request = KeyRequest::new("n", ScopeRequest::needs(needs)).unwrap();
        assert_eq!(issuer.plan(&request).unwrap().body(), expected);
    }
}

#[test]
fn each_flag_is_set_by_the_permission_that_it_is_named_for() {
    let issuer = Script::default().issuer();
    for (permission, group, flag) in [
        (PinsList, "data", "pin_list"),
        (NftsList, "data", "nft_list"),
        (PinsRemove, "pinning", "unpin"),
        (PinsAddCid, "pinning", "pin_by_hash"),
        (PinsAddFile, "pinning", "pin_file_to_ipfs"),
        (NftsRemove, "pin_nft", "unpin_nft"),
        (NftsAdd, "pin_nft", "pin_nft_to_ipfs"),
    ] {
        let request = KeyRequest::new("n", ScopeRequest::needs([permission])).unwrap();
        let sent: Value = serde_json::from_str(issuer.plan(&request).unwrap().body()).unwrap();
        let mut expected = json!({
            "admin": false,
            "data": { "pin_list": false, "nft_list": false },
            "pinning": { "unpin": false, "pin_by_hash": false, "pin_file_to_ipfs": false },
            "pin_nft": { "unpin_nft": false, "pin_nft_to_ipfs": false },
        });
        expected[group][flag] = true.into();
        assert_eq!(sent, json!({ "name": "n", "scopes": expected }));
    }
}

#[tokio::test]
async fn what_is_planned_is_what_is_sent() {
    for request in [scoped(), admin()] {
        let script = Script::answer(200, body("documents/created.json"));
        let issuer = script.issuer();
        let plan = issuer.plan(&request).unwrap();
        let key = issuer.issue(&request).await.unwrap();
        assert_eq!((plan.method(), plan.path()), (&Method::POST, "/apiKeys/"));
        assert_eq!(script.targets(), ["POST https://w3ipfs.test/api/apiKeys/"]);
        assert_eq!(script.last_body(), plan.body());
        assert_eq!(key.granted(), plan.translation().granted());
    }
}

#[test]
fn a_plan_prints_all_that_would_happen() {
    let scope = ScopeRequest::reader();
    let request = KeyRequest::new("\"quoted\" \u{1f511}", scope).unwrap();
    assert_eq!(
        Script::default().issuer().plan(&request).unwrap().to_string(),
        "POST /apiKeys/ at w3ipfs (scopes)\n  \
           granted  pins:list\n  \
           missing  pins:list-jobs\n  \
           extra    nothing\n  \
           sends    {\"name\":\"\\\"quoted\\\" \u{1f511}\",\"scopes\":{\"admin\":false,\
         \"data\":{\"pin_list\":true,\"nft_list\":false},\
         \"pinning\":{\"unpin\":false,\"pin_by_hash\":false,\"pin_file_to_ipfs\":false},\
         \"pin_nft\":{\"unpin_nft\":false,\"pin_nft_to_ipfs\":false}}}"
    );
}

#[tokio::test]
async fn an_issued_key_is_shown_once_with_the_headers_that_its_holder_sends() {
    let script = Script::answer(200, body("documents/created.json"));
    let key = script.issuer().issue(&scoped()).await.unwrap();
    assert_eq!(key.key_ref().to_string(), "v1:w3ipfs:KEY", "the id is not in the answer");
    assert_eq!(key.name().as_str(), "user 1");
    let exposed = key.credential().expose();
    assert_eq!((exposed.api_key(), exposed.api_secret()), (Some("KEY"), Some("SECRET")));
    assert_eq!(exposed.bearer(), None);
    let headers = key.credential().headers();
    assert_eq!(
        (&headers["pinning_api_key"], &headers["pinning_secret_key"]),
        (&http::HeaderValue::from_static("KEY"), &http::HeaderValue::from_static("SECRET"),)
    );
}

#[tokio::test]
async fn each_page_begins_where_the_rows_that_came_ended() {
    let script = Script::new(vec![
        answer(200, page(&["a", "b"]).to_string()),
        answer(200, page(&["c"]).to_string()),
        answer(200, page(&[]).to_string()),
    ]);
    assert!(script.issuer().find("x").await.unwrap().discrepancies().is_empty());
    let list = "GET https://w3ipfs.test/api/apiKeys/list?offset=";
    assert_eq!(script.targets(), [0, 2, 3].map(|offset| format!("{list}{offset}&limit=100")));
}

#[tokio::test]
async fn an_id_is_escaped_in_the_path() {
    for (id, path) in [
        ("0b6f8f3e-7c55-4a0c-9f43-5d2f6f1f3a10", "0b6f8f3e-7c55-4a0c-9f43-5d2f6f1f3a10"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("a+b==", "a%2Bb%3D%3D"),
        ("100%", "100%25"),
        ("../users", "..%2Fusers"),
        ("ключ", "%D0%BA%D0%BB%D1%8E%D1%87"),
    ] {
        let script = Script::answer(200, body("documents/deleted.json"));
        let _ = script.issuer().revoke(&fresh().with_id(id)).await.unwrap();
        assert_eq!(
            script.targets(),
            [format!("DELETE https://w3ipfs.test/api/apiKeys/{path}")],
            "{id}"
        );
        assert!(script.last_body().is_empty());
    }
}

#[tokio::test]
async fn an_id_that_would_change_the_path_is_refused_unsent() {
    for id in [".", ".."] {
        let script = Script::default();
        let error = script.issuer().revoke(&fresh().with_id(id)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert_eq!(script.requests(), 0);
    }
}

#[tokio::test]
async fn a_source_is_asked_for_each_call_and_may_change_the_kind_of_credential() {
    let script =
        Script::new(vec![answer(200, page(&[]).to_string()), answer(200, page(&[]).to_string())]);
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let source = from_fn(move |_| {
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move {
            match call {
                0 => AccountCredential::bearer("from-the-source"),
                _ => AccountCredential::key_pair(&pinning_keys_w3ipfs::PAIR_HEADERS, "k", "s"),
            }
        }
    });
    let issuer = script.config().with_credentials(Arc::new(source)).build().unwrap();
    issuer.list(&KeyQuery::new()).await.unwrap();
    assert_eq!(script.last_headers()["authorization"], "Bearer from-the-source");
    issuer.list(&KeyQuery::new()).await.unwrap();
    assert!(!script.last_headers().contains_key("authorization"));
    assert_eq!(script.last_headers()["pinning_secret_key"], "s");
}

#[test]
fn the_profile_says_what_w3ipfs_offers() {
    let issuer = Script::default().issuer();
    let profile = issuer.profile();
    assert_eq!((profile.provider(), profile.table().name()), ("w3ipfs", "scopes"));
    assert_eq!(profile.max_name_chars(), Some(100));
    assert_eq!(profile.reserved_names(), ["Default"]);
    assert_eq!(profile.filters(), Filters::NONE);
    assert!(!profile.supports_max_uses());
    assert_eq!(profile.page_size(), Some(100));
    assert_eq!(profile.propagation(), std::time::Duration::from_secs(10));
    assert!(profile.revokes_by_id());
}

/// Asks for a key that is refused, planned or issued, before anything is sent.
async fn refused(request: &KeyRequest) -> Error {
    let script = Script::default();
    let issuer: W3ipfsIssuer = script.issuer();
    let error = issuer.issue(request).await.unwrap_err();
    assert_eq!(issuer.plan(request).unwrap_err().to_string(), error.to_string());
    assert_eq!(error.effect(), Effect::NotSent, "{error}");
    assert_eq!(error.key_name(), Some(request.name()));
    assert_eq!(error.provider(), Some("w3ipfs"));
    assert_eq!(script.requests(), 0, "{error}");
    error
}

#[tokio::test]
async fn permissions_that_no_flag_opens_are_refused_where_needed() {
    for needed in [GroupsRead, PinsAddJson, PinsListJobs, KeysManage] {
        let scope = ScopeRequest::needs([PinsList, needed]);
        let error = refused(&KeyRequest::new("n", scope).unwrap()).await;
        assert_eq!(error.kind(), ErrorKind::Inexpressible, "{error}");
        assert!(error.to_string().contains(needed.as_str()), "{error}");
    }
}

#[tokio::test]
async fn permissions_that_no_flag_opens_are_left_out_and_reported_where_preferred() {
    let script = Script::answer(200, body("documents/created.json"));
    let scope = ScopeRequest::needs([PinsList]).prefers([GroupsRead, PinsAddJson, NftsList]);
    let request = KeyRequest::new("n", scope).unwrap();
    let key = script.issuer().issue(&request).await.unwrap();
    assert_eq!(key.granted().to_string(), "pins:list nfts:list");
    assert_eq!(key.missing(), [PinsAddJson, GroupsRead].into());
    assert!(key.extra().is_empty());
}

#[tokio::test]
async fn names_are_counted_in_characters() {
    for (name, characters) in
        [("n".repeat(101), 101), ("é".repeat(150), 150), ("鍵".repeat(101), 101)]
    {
        let error = refused(&KeyRequest::new(name, ScopeRequest::reader()).unwrap()).await;
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let told = format!("its name has {characters} characters, and 100 is the most");
        assert!(error.to_string().contains(&told), "{error}");
    }
    for name in ["n".repeat(100), "鍵".repeat(100)] {
        let request = KeyRequest::new(name, ScopeRequest::reader()).unwrap();
        assert!(Script::default().issuer().plan(&request).is_ok());
    }
}

#[tokio::test]
async fn the_name_of_the_accounts_own_key_is_refused() {
    let error = refused(&KeyRequest::new("Default", ScopeRequest::reader()).unwrap()).await;
    assert_eq!(error.kind(), ErrorKind::NameReserved);
    assert_eq!(
        error.to_string(),
        "cannot issue key \"Default\" at w3ipfs: the provider keeps the name \"Default\" for \
         a key of its own\n  nothing was sent\n  give the key another name"
    );
}

#[tokio::test]
async fn a_limit_on_uses_is_refused_rather_than_ignored() {
    let request = KeyRequest::new("n", ScopeRequest::reader())
        .unwrap()
        .with_max_uses(NonZeroU64::new(1).unwrap());
    let error = refused(&request).await;
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("does not offer a limit on a key's uses"), "{error}");
}

#[tokio::test]
async fn filters_are_refused_rather_than_ignored() {
    for (query, filter) in [
        (KeyQuery::new().with_name_containing("x"), "a filter by name"),
        (KeyQuery::new().with_revoked(false), "a filter by revocation"),
        (KeyQuery::new().with_limited_use(true), "a filter by uses"),
        (KeyQuery::new().with_exhausted(true), "a filter by uses"),
    ] {
        let script = Script::default();
        let error = script.issuer().list(&query).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
        assert!(error.to_string().contains(filter), "{error}");
        assert_eq!(script.requests(), 0);
    }
}

#[tokio::test]
async fn a_cursor_of_another_listing_is_refused_unsent() {
    for cursor in ["page 2", "", "o1:1:2::0:"] {
        let script = Script::default();
        let query = KeyQuery::new().after(Cursor::new(cursor));
        let error = script.issuer().list(&query).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert!(error.to_string().starts_with("cannot list the keys at w3ipfs"), "{error}");
        assert_eq!(script.requests(), 0);
    }
}

#[tokio::test]
async fn references_and_credentials_of_another_provider_are_refused_unsent() {
    let script = Script::default();
    let issuer = script.issuer();
    let key = KeyRef::new("pinata", "0d2a").unwrap().with_id("1");
    let revoked = issuer.revoke(&key).await.unwrap_err();
    let token = Credential::bearer("pinata", "token").unwrap();
    let verified = issuer.verify(&token).await.unwrap_err();
    for error in [revoked, verified] {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert!(error.to_string().contains("is of pinata"), "{error}");
    }
    assert_eq!(script.requests(), 0);
}
