//! What is sent to W3IPFS, compared with its documents, and what is refused before anything is.

mod support;

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys_core::{
    Credential, Cursor, Effect, Error, ErrorKind, Filters, KeyIssuer, KeyIssuerExt, KeyQuery,
    KeyRef, KeyRequest, Permission, PermissionSet, Revocation, ScopeRequest, Verification,
};
use pinning_keys_w3ipfs::{PAIR_HEADERS, SCOPES};
use serde_json::{Value, json};
use support::{
    ACCOUNT_JWT, ACCOUNT_PAIR, ACCOUNTS, Account, Answers, HOLDER_PAIR, Script, answer, body,
    fixture, fresh, holder, listed, request,
};

use Permission::{
    GroupsRead, KeysManage, NftsAdd, NftsList, NftsRemove, PinsAddCid, PinsAddFile, PinsAddJson,
    PinsList, PinsListJobs, PinsRemove,
};

/// The request that a source shows, with the account's credential inserted.
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

#[tokio::test]
async fn each_request_is_as_its_source_shows() {
    let page = json!({ "data": { "total": 4, "api_keys": [
        { "api_key": "a" }, { "api_key": "b" }, { "api_key": "c" }, { "api_key": "d" },
    ] } });
    let last = json!({ "data": { "total": 4, "api_keys": [{ "api_key": "d" }] } });
    let scoped = ScopeRequest::needs([PinsList, PinsAddCid, NftsAdd]);
    for account in ACCOUNTS {
        let script = Script::new([
            answer(200, body("documents/created.json")),
            answer(200, body("documents/created.json")),
            answer(200, page.to_string()),
            answer(200, last.to_string()),
            answer(200, body("documents/deleted.json")),
        ]);
        let issuer = script.issuer_of(account);
        for (source, name, scope) in [
            ("issue_scoped", "user 1", scoped.clone()),
            ("issue_admin", "Admin api key", ScopeRequest::admin()),
        ] {
            let request = KeyRequest::new(name, scope).unwrap();
            let plan = issuer.plan(&request).unwrap();
            let key = issuer.issue(&request).await.unwrap();
            let sent = script.last_request();
            assert_eq!(sent, sourced(source, account));
            assert_eq!(plan.method().as_str(), sent["method"]);
            assert_eq!(format!("/api{}", plan.path()), sent["target"].as_str().unwrap());
            assert_eq!(plan.body(), script.last_body());
            assert_eq!(plan.translation().granted(), key.granted());
        }
        assert!(issuer.find("x").await.unwrap().records().is_empty());
        assert_eq!(script.last_request(), sourced("list", account));
        assert_eq!(issuer.revoke(&listed()).await.unwrap(), Revocation::Revoked);
        assert_eq!(script.last_request(), sourced("revoke", account));
        let headers = script.last_headers();
        assert!(!format!("{issuer:?} {headers:?}").contains("canary"), "credentials are sensitive");
    }
}

#[tokio::test]
async fn holders_credential_is_verified_with_its_own_pair() {
    for account in ACCOUNTS {
        let script = Script::answer(200, body("documents/tested.json"));
        let said = script.issuer_of(account).verify(&holder()).await.unwrap();
        assert_eq!(said, Verification::Live);
        let mut sent = fixture("requests/verify.json");
        sent.as_object_mut().unwrap().remove("source");
        assert_eq!(script.last_request(), sent);
    }
}

#[test]
fn all_flags_are_written_in_the_documented_order() {
    let flags = |set: PermissionSet| {
        let on = |permission| set.contains(permission);
        format!(
            r#"{{"name":"n","scopes":{{"admin":false,"data":{{"pin_list":{},"nft_list":{}}},"pinning":{{"unpin":{},"pin_by_hash":{},"pin_file_to_ipfs":{}}},"pin_nft":{{"unpin_nft":{},"pin_nft_to_ipfs":{}}}}}}}"#,
            on(PinsList),
            on(NftsList),
            on(PinsRemove),
            on(PinsAddCid),
            on(PinsAddFile),
            on(NftsRemove),
            on(NftsAdd),
        )
    };
    let each = SCOPES.reach().iter().map(PermissionSet::from);
    // A key with all seven flags is not an admin key, which manages keys too.
    for needs in each.chain([SCOPES.reach()]) {
        let request = KeyRequest::new("n", ScopeRequest::needs(needs)).unwrap();
        let plan = Script::default().issuer().plan(&request).unwrap();
        assert_eq!(plan.body(), flags(needs));
    }
}

#[tokio::test]
async fn issued_key_has_the_pair_and_no_id() {
    let script = Script::answer(200, body("documents/created.json"));
    let scope = ScopeRequest::needs([PinsList]).prefers([GroupsRead, PinsAddJson, NftsList]);
    let key = script.issuer().issue(&KeyRequest::new("user 1", scope).unwrap()).await.unwrap();
    assert_eq!(key.key_ref().to_string(), "v1:w3ipfs:KEY", "the answer contains no id");
    assert_eq!(key.name().as_str(), "user 1");
    assert_eq!(key.granted().to_string(), "pins:list nfts:list");
    assert_eq!((key.missing(), key.extra()), ([PinsAddJson, GroupsRead].into(), [].into()));
    let exposed = key.credential().expose();
    assert_eq!((exposed.api_key(), exposed.api_secret()), (Some("KEY"), Some("SECRET")));
    assert_eq!(exposed.bearer(), None);
    let headers = key.credential().headers();
    assert_eq!(headers["pinning_api_key"], "KEY");
    assert_eq!(headers["pinning_secret_key"], "SECRET");
}

#[tokio::test]
async fn id_is_escaped_in_the_path() {
    for (id, path) in [
        ("0b6f8f3e-7c55-4a0c-9f43-5d2f6f1f3a10", Some("0b6f8f3e-7c55-4a0c-9f43-5d2f6f1f3a10")),
        ("a/b?c#d", Some("a%2Fb%3Fc%23d")),
        ("a+b==", Some("a%2Bb%3D%3D")),
        ("100%", Some("100%25")),
        ("../users", Some("..%2Fusers")),
        ("ключ", Some("%D0%BA%D0%BB%D1%8E%D1%87")),
        // These would change the path.
        (".", None),
        ("..", None),
    ] {
        let script = Script::answer(200, body("documents/deleted.json"));
        let revoked = script.issuer().revoke(&fresh().with_id(id).unwrap()).await;
        if let Some(path) = path {
            assert_eq!(revoked.unwrap(), Revocation::Revoked);
            let target = format!("DELETE https://w3ipfs.test/api/apiKeys/{path}");
            assert_eq!((script.targets(), script.last_body().len()), (vec![target], 0));
        } else {
            assert_unsent(&revoked.unwrap_err(), ErrorKind::InvalidInput);
            assert_eq!(script.count(), 0);
        }
    }
}

#[test]
fn profile_states_what_w3ipfs_supports() {
    let issuer = Script::default().issuer();
    let profile = issuer.profile();
    assert_eq!((profile.provider(), profile.table().name()), ("w3ipfs", "scopes"));
    assert_eq!(profile.max_name_chars(), Some(100));
    assert_eq!(profile.reserved_names(), ["Default"]);
    assert_eq!(profile.filters(), Filters::NONE);
    assert!(!profile.supports_max_uses());
    assert_eq!((profile.page_size(), profile.propagation().as_secs()), (Some(100), 10));
    assert!(profile.revokes_by_id());
}

#[track_caller]
fn assert_unsent(error: &Error, kind: ErrorKind) {
    assert_eq!((error.kind(), error.effect()), (kind, Effect::NotSent), "{error}");
    assert_eq!(error.provider(), Some("w3ipfs"), "{error}");
}

/// The scripts expect no request.
#[tokio::test]
async fn unsupported_and_foreign_input_is_refused_unsent() {
    let issuer = Script::default().issuer();
    let named = |name: &str| KeyRequest::new(name, ScopeRequest::reader()).unwrap();
    let needing = |needed| KeyRequest::new("n", ScopeRequest::needs([PinsList, needed])).unwrap();
    for (request, kind) in [
        (needing(GroupsRead), ErrorKind::Inexpressible),
        (needing(PinsAddJson), ErrorKind::Inexpressible),
        (needing(PinsListJobs), ErrorKind::Inexpressible),
        (needing(KeysManage), ErrorKind::Inexpressible),
        (named(&"n".repeat(101)), ErrorKind::InvalidInput),
        (named(&"鍵".repeat(101)), ErrorKind::InvalidInput),
        (named("Default"), ErrorKind::NameReserved),
        (request().with_max_uses(NonZeroU64::new(1).unwrap()), ErrorKind::Unsupported),
        (request().with_expiry(Duration::from_secs(3600)), ErrorKind::Unsupported),
    ] {
        let error = issuer.issue(&request).await.unwrap_err();
        assert_unsent(&error, kind);
        assert_eq!(error.key_name(), Some(request.name()));
        assert_eq!(issuer.plan(&request).unwrap_err().to_string(), error.to_string());
    }
    let expiring = request().with_expiry(Duration::from_secs(3600));
    let step = issuer.plan(&expiring).unwrap_err().next_step().unwrap().to_string();
    assert!(step.contains("revoke the key yourself"), "{step}");
    // Names are counted in characters.
    assert!(issuer.plan(&named(&"鍵".repeat(100))).is_ok());

    for (query, kind) in [
        (KeyQuery::new().with_name_containing("x"), ErrorKind::Unsupported),
        (KeyQuery::new().with_revoked(false), ErrorKind::Unsupported),
        (KeyQuery::new().with_limited_use(true), ErrorKind::Unsupported),
        (KeyQuery::new().with_exhausted(true), ErrorKind::Unsupported),
        (KeyQuery::new().with_cursor(Cursor::new("page 2")), ErrorKind::InvalidInput),
        (KeyQuery::new().with_cursor(Cursor::new("")), ErrorKind::InvalidInput),
        (KeyQuery::new().with_cursor(Cursor::new("o1:1:2::0:")), ErrorKind::InvalidInput),
    ] {
        assert_unsent(&issuer.list(&query).await.unwrap_err(), kind);
    }
    let foreign_key = KeyRef::new("pinata", "0d2a").unwrap().with_id("1").unwrap();
    let foreign_token = Credential::bearer("pinata", "token").unwrap();
    assert_unsent(&issuer.revoke(&foreign_key).await.unwrap_err(), ErrorKind::InvalidInput);
    assert_unsent(&issuer.verify(&foreign_token).await.unwrap_err(), ErrorKind::InvalidInput);

    // Each is as it would be if the two parts of the pair were confused.
    let secret = "c2FtcGxlLXNlY3JldC1zYW1wbGUtc2VjcmV0LXMxMjM=";
    let as_key = KeyRef::new("w3ipfs", secret).unwrap();
    let as_id = fresh().with_id(secret).unwrap();
    for key in [as_key, as_id] {
        assert_unsent(&issuer.revoke(&key).await.unwrap_err(), ErrorKind::InvalidInput);
    }
    let swapped = Credential::key_pair("w3ipfs", PAIR_HEADERS, secret, HOLDER_PAIR.0).unwrap();
    assert_unsent(&issuer.verify(&swapped).await.unwrap_err(), ErrorKind::InvalidInput);
}
