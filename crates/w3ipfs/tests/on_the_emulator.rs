//! The life of keys on the emulator, in memory: issued, used, found and revoked. The tests look at
//! what the emulator created, not at what it answered.

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use pinning_keys_core::{
    Effect, Error, ErrorKind, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyRequest, Permission,
    PermissionSet, Reconciliation, Revocation, ScopeRequest, Verification,
};
use pinning_keys_emulator::{
    DeleteAnswer, Emulator, InMemoryTransport, ListOrder, ListTotal, ListedScopes, ListedSecret,
    RedirectSlash, W3ipfsAssumptions,
};
use pinning_keys_http::credentials::{AccountCredential, Ask, from_fn};
use pinning_keys_http::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use pinning_keys_w3ipfs::{SCOPES, W3ipfsConfig, W3ipfsIssuer};
use support::{ACCOUNTS, Account};

fn config(emulator: &Emulator) -> W3ipfsConfig {
    W3ipfsConfig::new()
        .with_base_url(emulator.w3ipfs().base_url())
        .with_transport(emulator.transport())
}

fn config_of(emulator: &Emulator, account: Account) -> W3ipfsConfig {
    let (config, w3ipfs) = (config(emulator), emulator.w3ipfs());
    match account {
        Account::Jwt => config.with_jwt(w3ipfs.jwt()),
        Account::KeyPair => config.with_key_pair(w3ipfs.api_key(), w3ipfs.api_secret()),
    }
}

fn issuer(emulator: &Emulator, account: Account) -> W3ipfsIssuer {
    config_of(emulator, account).build().unwrap()
}

/// An issuer that manages keys with a key that was issued.
fn issuer_with(emulator: &Emulator, key: &IssuedKey) -> W3ipfsIssuer {
    let exposed = key.credential().expose();
    let (key, secret) = (exposed.api_key().unwrap(), exposed.api_secret().unwrap());
    config(emulator).with_key_pair(key, secret).build().unwrap()
}

fn emulator(assumptions: W3ipfsAssumptions) -> Emulator {
    Emulator::builder().w3ipfs_assumptions(assumptions).in_memory()
}

fn assume() -> W3ipfsAssumptions {
    W3ipfsAssumptions::default()
}

async fn issue(issuer: &impl KeyIssuer, name: &str, scope: ScopeRequest) -> IssuedKey {
    issuer.issue(&KeyRequest::new(name, scope).unwrap()).await.unwrap()
}

async fn refused(issuer: &impl KeyIssuer, name: &str) -> Error {
    issuer.issue(&KeyRequest::new(name, ScopeRequest::reader()).unwrap()).await.unwrap_err()
}

#[track_caller]
fn assert_rejected(error: &Error, kind: ErrorKind) {
    assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{error}");
}

async fn assert_works_until_revoked(emulator: &Emulator, issuer: &W3ipfsIssuer) {
    for by_listed_ref in [false, true] {
        let made = emulator.w3ipfs().keys_made();
        let key = issue(issuer, "life", ScopeRequest::manager()).await;
        assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Live);
        let found = issuer.find("life").await.unwrap();
        let [record] = found.records() else { panic!("one key has the name: {found:?}") };
        assert_eq!(record.scope(), key.granted());
        assert!(!record.reading().is_lower_bound());
        assert_eq!(record.key_ref().api_key(), key.key_ref().api_key());
        assert_eq!(record.table(), Some(issuer.profile().table()));
        assert!(record.created_at().is_some());
        assert_eq!((emulator.w3ipfs().keys_made(), emulator.w3ipfs().keys_live()), (made + 1, 1));

        let listed = record.key_ref();
        let key_ref = if by_listed_ref { listed } else { key.key_ref() };
        assert_eq!(key_ref.id().is_some(), by_listed_ref);
        assert_eq!(issuer.revoke(key_ref).await.unwrap(), Revocation::Revoked);
        assert_eq!(emulator.w3ipfs().keys_live(), 0);
        assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Unrecognized);

        // The list no longer contains it; the deletion itself says that it is gone.
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::NotFound);
        assert_eq!(issuer.revoke(listed).await.unwrap(), Revocation::AlreadyGone);
    }
}

/// Also under other assumptions about what the documents leave open.
#[tokio::test]
async fn key_works_from_issue_to_revocation() {
    for assumptions in [
        assume(),
        assume().create_status(StatusCode::CREATED),
        assume().delete_answer(DeleteAnswer::Data),
        assume().empty_list_is_null(false),
        assume().list_order(ListOrder::OldestFirst),
        assume().listed_scopes(ListedScopes::Full),
        assume().listed_secret(ListedSecret::Full),
        assume().listed_secret(ListedSecret::Masked),
        assume().listed_secret(ListedSecret::Empty),
        assume().list_total(ListTotal::OneMore),
        assume().list_total(ListTotal::Page),
        assume().max_limit(Some(1)),
        assume().redirect_slash(RedirectSlash::ToBare),
        assume().redirect_slash(RedirectSlash::ToSlash),
    ] {
        for account in ACCOUNTS {
            let emulator = emulator(assumptions.clone());
            assert_works_until_revoked(&emulator, &issuer(&emulator, account)).await;
        }
    }
}

/// A documented route that requires each permission.
const ROUTES: [(Permission, Method, &str); 8] = [
    (Permission::PinsList, Method::GET, "/api/pinning/pins/"),
    (Permission::PinsAddFile, Method::POST, "/api/pinning/"),
    (Permission::PinsAddCid, Method::POST, "/api/pinning/pinByHash"),
    (Permission::PinsRemove, Method::DELETE, "/api/pinning/unpin/some-id"),
    (Permission::NftsList, Method::GET, "/api/nft/nfts/"),
    (Permission::NftsAdd, Method::POST, "/api/nft/"),
    (Permission::NftsRemove, Method::DELETE, "/api/nft/unpin/some-id"),
    (Permission::KeysManage, Method::POST, "/api/apiKeys/"),
];

#[tokio::test]
async fn key_opens_exactly_the_routes_of_its_grants() {
    let emulator = Emulator::in_memory();
    let issuer = issuer(&emulator, Account::Jwt);
    let mut scopes: Vec<_> = SCOPES.reach().iter().map(PermissionSet::from).collect();
    scopes.push([Permission::PinsList, Permission::NftsRemove].into());
    scopes.push(SCOPES.reach());
    for (i, needs) in scopes.into_iter().enumerate() {
        let key = issue(&issuer, &format!("key {i}"), ScopeRequest::needs(needs)).await;
        for (tried, method, path) in &ROUTES {
            let may = emulator.w3ipfs().may(&key.credential().headers(), method, path);
            assert_eq!(may, key.granted().allows(*tried), "{}: {method} {path}", key.granted());
            assert_eq!(may, needs.contains(*tried));
        }
    }
    let tried: PermissionSet = ROUTES.iter().map(|(permission, ..)| *permission).collect();
    assert!(SCOPES.reach().is_subset(tried), "every permission of the table has a route");
}

#[tokio::test]
async fn only_an_admin_key_opens_all_routes_and_manages_keys() {
    let emulator = Emulator::in_memory();
    let account = issuer(&emulator, Account::Jwt);
    let admin = issue(&account, "admin", ScopeRequest::admin()).await;
    assert!(admin.granted().is_admin());
    for (_, method, path) in &ROUTES {
        assert!(emulator.w3ipfs().may(&admin.credential().headers(), method, path));
    }
    let by_admin = issuer_with(&emulator, &admin);
    let reader = issue(&by_admin, "reader", ScopeRequest::reader()).await;
    assert_eq!(emulator.w3ipfs().keys_made(), 2);
    assert!(by_admin.find("admin").await.unwrap().records()[0].scope().is_admin());

    let error = refused(&issuer_with(&emulator, &reader), "by reader").await;
    assert_rejected(&error, ErrorKind::PermissionDenied);
    assert_eq!(emulator.w3ipfs().keys_made(), 2);
}

#[tokio::test]
async fn all_keys_are_found_if_the_server_reduces_the_limit() {
    for most in [10, 7, 2] {
        let emulator = emulator(assume().max_limit(Some(most)));
        let issuer = issuer(&emulator, Account::Jwt);
        let mut keys = Vec::new();
        for i in 0..25 {
            keys.push(issue(&issuer, &format!("key {i}"), ScopeRequest::reader()).await);
        }
        for key in &keys {
            let found = issuer.find(key.name().as_str()).await.unwrap();
            assert_eq!(found.records().len(), 1, "{most} {}", key.name());
            assert!(found.discrepancies().is_empty(), "{}", found.discrepancies());
        }
        for key in [&keys[0], &keys[12], &keys[24]] {
            assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        }
        assert_eq!(emulator.w3ipfs().keys_live(), 22);
    }
}

#[tokio::test]
async fn wrong_total_is_reported() {
    for (total, reported) in [
        (ListTotal::All, None),
        (ListTotal::OneMore, Some((3, 2))),
        (ListTotal::OneLess, Some((1, 2))),
        (ListTotal::Page, Some((0, 2))),
    ] {
        let emulator = emulator(assume().list_total(total));
        let issuer = issuer(&emulator, Account::Jwt);
        issue(&issuer, "beside the account's own", ScopeRequest::reader()).await;
        let found = issuer.find("Default").await.unwrap();
        assert_eq!(found.records().len(), 1);
        assert_eq!(found.discrepancies().wrong_total(), reported, "{total:?}");
    }
}

#[tokio::test]
async fn refused_create_makes_no_key() {
    for (status, as_200) in [(400, false), (403, false), (409, false), (500, false), (400, true)] {
        let status = StatusCode::from_u16(status).unwrap();
        let assumptions = assume().max_keys(2).max_keys_status(status).failures_as_200(as_200);
        let emulator = emulator(assumptions);
        let issuer = issuer(&emulator, Account::Jwt);
        issue(&issuer, "one", ScopeRequest::reader()).await;
        assert_rejected(&refused(&issuer, "one").await, ErrorKind::NameTaken);
        issue(&issuer, "two", ScopeRequest::reader()).await;
        assert_rejected(&refused(&issuer, "three").await, ErrorKind::TooManyKeys);
        assert_eq!(emulator.w3ipfs().keys_made(), 2);

        // A revocation frees a place and the name.
        let one = issuer.find("one").await.unwrap().into_records().remove(0);
        assert_eq!(issuer.revoke(one.key_ref()).await.unwrap(), Revocation::Revoked);
        issue(&issuer, "one", ScopeRequest::reader()).await;
    }
}

#[tokio::test]
async fn default_key_is_neither_issued_nor_deleted() {
    for status in [400, 403, 409] {
        let status = StatusCode::from_u16(status).unwrap();
        let emulator = emulator(assume().default_key_status(status));
        let issuer = issuer(&emulator, Account::Jwt);
        let error = refused(&issuer, "Default").await;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::NameReserved, Effect::NotSent));
        assert_eq!(emulator.requests(), 0);

        let own = issuer.find("Default").await.unwrap().into_records().remove(0);
        assert!(own.scope().is_admin());
        assert_rejected(&issuer.revoke(own.key_ref()).await.unwrap_err(), ErrorKind::Refused);
    }
}

#[tokio::test]
async fn failures_that_come_as_successes_are_failures() {
    let emulator = emulator(assume().failures_as_200(true));
    let issuer = issuer(&emulator, Account::Jwt);
    let key = issue(&issuer, "key", ScopeRequest::reader()).await;
    let listed = issuer.find("key").await.unwrap().into_records().remove(0);
    assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);

    let again = issuer.revoke(listed.key_ref()).await.unwrap_err();
    assert_eq!(again.effect(), Effect::Rejected);
    assert!(again.to_string().contains("record not found"), "{again}");
    // Without a statement about the credential, it is not reported as dead.
    assert!(issuer.verify(key.credential()).await.is_err());
}

/// The provider's dashboard goes by the words, whatever their status (seen).
#[tokio::test]
async fn expired_jwt_is_renewed_if_there_is_a_source() {
    for as_200 in [false, true] {
        let emulator = emulator(assume().failures_as_200(as_200));
        let w3ipfs = emulator.w3ipfs().clone();
        let (first, account) = (w3ipfs.jwt(), w3ipfs.clone());
        let source = from_fn(move |ask| {
            let jwt =
                if matches!(ask, Ask::AfterRefusal(_)) { account.jwt() } else { first.clone() };
            async move { AccountCredential::bearer(jwt) }
        });
        let renewing = config(&emulator).with_credentials(Arc::new(source)).build().unwrap();
        let fixed = issuer(&emulator, Account::Jwt);
        w3ipfs.expire_jwt();

        let key = issue(&renewing, "renewed", ScopeRequest::reader()).await;
        assert_eq!(renewing.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);

        let error = refused(&fixed, "not renewed").await;
        assert_rejected(&error, ErrorKind::Unauthenticated);
        assert!(format!("{error:#}").contains("fetches a fresh JWT"), "{error:#}");
        assert_eq!(w3ipfs.keys_made(), 1);
    }
}

#[tokio::test]
async fn proxy_that_drops_the_pair_is_suspected() {
    let emulator = emulator(assume().drop_underscore_headers(true));
    let by_pair = issuer(&emulator, Account::KeyPair);
    let by_jwt = issuer(&emulator, Account::Jwt);
    let key = issue(&by_jwt, "key", ScopeRequest::reader()).await;
    for error in [
        refused(&by_pair, "other").await,
        by_pair.find("key").await.unwrap_err(),
        by_pair.revoke(key.key_ref()).await.unwrap_err(),
        by_jwt.verify(key.credential()).await.unwrap_err(),
    ] {
        assert_rejected(&error, ErrorKind::Unauthenticated);
        assert!(format!("{error:#}").contains("headers with underscores"), "{error:#}");
    }
    assert_eq!((emulator.w3ipfs().keys_made(), emulator.w3ipfs().keys_live()), (1, 1));
}

#[tokio::test]
async fn jwt_is_named_if_pairs_manage_no_keys() {
    let emulator = emulator(assume().key_pair_manages_keys(false));
    let error = refused(&issuer(&emulator, Account::KeyPair), "key").await;
    assert_rejected(&error, ErrorKind::Unauthenticated);
    assert!(format!("{error:#}").contains("set jwt (PINNING_KEYS_JWT)"), "{error:#}");
    assert_eq!(emulator.w3ipfs().keys_made(), 0);
    assert_works_until_revoked(&emulator, &issuer(&emulator, Account::Jwt)).await;
}

/// Forwards every request and then loses the answers to creates.
struct LosesCreates(Arc<InMemoryTransport>);

#[async_trait]
impl Transport for LosesCreates {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let is_create = request.method() == Method::POST;
        let answer = self.0.send(request, limits).await;
        if is_create {
            return Err(TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent));
        }
        answer
    }
}

#[tokio::test]
async fn key_of_a_lost_create_is_reconciled_by_name() {
    for account in ACCOUNTS {
        let emulator = emulator(assume().max_limit(Some(2)));
        let healthy = issuer(&emulator, account);
        for i in 0..5 {
            issue(&healthy, &format!("other {i}"), ScopeRequest::reader()).await;
        }
        let transport = Arc::new(LosesCreates(emulator.transport()));
        let issuer = config_of(&emulator, account).with_transport(transport).build().unwrap();
        let name = KeyName::unique("lost").unwrap();
        let request = KeyRequest::new(name.clone(), ScopeRequest::reader()).unwrap();

        let error = issuer.issue(&request).await.unwrap_err();
        assert_eq!((error.effect(), error.key_name()), (Effect::Unknown, Some(&name)));
        assert!(!error.is_retryable());
        assert_eq!((emulator.w3ipfs().keys_made(), emulator.w3ipfs().keys_live()), (6, 6));

        let settled = issuer.reconcile(&name).await.unwrap();
        let Reconciliation::Settled { revocation: Revocation::Revoked, .. } = settled else {
            panic!("the key was found and revoked: {settled:?}")
        };
        let dead: Vec<_> = emulator.w3ipfs().keys().into_iter().filter(|key| key.deleted).collect();
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].name, name.as_str());
        let again = issuer.reconcile(&name).await.unwrap();
        assert!(matches!(again, Reconciliation::NothingFound { .. }), "{again:?}");
    }
}

#[tokio::test]
async fn created_key_is_what_was_asked_for() {
    let emulator = Emulator::in_memory();
    let issuer = issuer(&emulator, Account::Jwt);
    let name = "\"quoted\" \\ ключ \u{1f511} </b>";
    issue(&issuer, name, ScopeRequest::pinner()).await;
    issue(&issuer, "admin", ScopeRequest::admin()).await;
    let made = emulator.w3ipfs().keys();
    assert_eq!(made[0].name, name);
    assert_eq!(issuer.find(name).await.unwrap().records().len(), 1);
    let scopes = |i: usize| serde_json::from_str::<serde_json::Value>(&made[i].scopes).unwrap();
    assert_eq!(scopes(1), serde_json::json!({ "admin": true }));
    assert_eq!(scopes(0)["admin"], false);
    assert_eq!(scopes(0)["pinning"]["pin_by_hash"], true);
    assert_eq!(scopes(0)["pin_nft"].as_object().unwrap().len(), 2);
}
