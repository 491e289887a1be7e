//! Keys that live: issued, used, found and revoked on the emulator, over TCP and in memory.
//! What counts is what the emulator made, not what it answered.

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

fn config(emulator: &Emulator, account: Account) -> W3ipfsConfig {
    let w3ipfs = emulator.w3ipfs();
    let config = W3ipfsConfig::new().with_base_url(w3ipfs.base_url());
    match account {
        Account::Jwt => config.with_jwt(w3ipfs.jwt()),
        Account::KeyPair => config.with_key_pair(w3ipfs.api_key(), w3ipfs.api_secret()),
    }
}

fn in_memory(emulator: &Emulator, account: Account) -> W3ipfsIssuer {
    config(emulator, account).with_transport(Arc::new(emulator.transport())).build().unwrap()
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

/// A key's whole life, whatever the way to the provider.
async fn lives(emulator: &Emulator, issuer: &impl KeyIssuer) {
    for by_listed_ref in [false, true] {
        let made = emulator.w3ipfs().keys_made();
        let key = issue(issuer, "life", ScopeRequest::manager()).await;
        assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Live);
        let found = issuer.find("life").await.unwrap();
        let [record] = &found.records()[..] else { panic!("one key has the name: {found:?}") };
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

        // The list does not have it any more; the deletion itself says that it is gone.
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::NotFound);
        assert_eq!(issuer.revoke(listed).await.unwrap(), Revocation::AlreadyGone);
    }
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_key_lives_over_tcp() {
    for account in ACCOUNTS {
        let emulator = Emulator::start().await.unwrap();
        lives(&emulator, &config(&emulator, account).build().unwrap()).await;
    }
}

#[tokio::test]
async fn a_key_lives_in_memory() {
    for account in ACCOUNTS {
        let emulator = Emulator::builder().in_memory();
        lives(&emulator, &in_memory(&emulator, account)).await;
    }
}

/// Whatever the provider does where its documents are silent.
#[tokio::test]
async fn a_key_lives_under_other_assumptions() {
    for assumptions in [
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
    ] {
        for account in ACCOUNTS {
            let emulator = emulator(assumptions.clone());
            lives(&emulator, &in_memory(&emulator, account)).await;
        }
    }
}

/// A documented route that takes each permission.
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
async fn a_key_can_do_what_it_was_granted_and_nothing_else() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Account::Jwt);
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
}

#[tokio::test]
async fn an_admin_key_can_do_everything_and_issues_keys_itself() {
    let emulator = Emulator::builder().in_memory();
    let admin = issue(&in_memory(&emulator, Account::Jwt), "admin", ScopeRequest::admin()).await;
    assert!(admin.granted().is_admin());
    for (_, method, path) in &ROUTES {
        assert!(emulator.w3ipfs().may(&admin.credential().headers(), method, path));
    }
    let exposed = admin.credential().expose();
    let by_admin = W3ipfsConfig::new()
        .with_base_url(emulator.w3ipfs().base_url())
        .with_key_pair(exposed.api_key().unwrap(), exposed.api_secret().unwrap())
        .with_transport(Arc::new(emulator.transport()))
        .build()
        .unwrap();
    issue(&by_admin, "by admin", ScopeRequest::reader()).await;
    assert_eq!(emulator.w3ipfs().keys_made(), 2);
    assert!(by_admin.find("admin").await.unwrap().records()[0].scope().is_admin());
}

#[test]
fn the_routes_cover_every_permission_of_the_table() {
    let tried: PermissionSet = ROUTES.iter().map(|(permission, ..)| *permission).collect();
    assert!(SCOPES.reach().is_subset(tried));
}

#[tokio::test]
async fn every_key_is_found_and_revoked_where_the_server_clamps_the_limit() {
    for most in [10, 7, 1] {
        let emulator = emulator(assume().max_limit(Some(most)));
        let issuer = in_memory(&emulator, Account::Jwt);
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
async fn a_wrong_total_is_reported() {
    for (total, reported) in [
        (ListTotal::All, None),
        (ListTotal::OneMore, Some((3, 2))),
        (ListTotal::OneLess, Some((1, 2))),
        (ListTotal::Page, Some((0, 2))),
    ] {
        let emulator = emulator(assume().list_total(total));
        let issuer = in_memory(&emulator, Account::Jwt);
        issue(&issuer, "beside the account's own", ScopeRequest::reader()).await;
        let found = issuer.find("Default").await.unwrap();
        assert_eq!(found.records().len(), 1);
        assert_eq!(found.discrepancies().wrong_total(), reported, "{total:?}");
    }
}

#[tokio::test]
async fn a_secret_that_is_listed_is_not_kept() {
    for shown in [ListedSecret::Full, ListedSecret::Masked, ListedSecret::Empty] {
        let emulator = emulator(assume().listed_secret(shown));
        let issuer = in_memory(&emulator, Account::Jwt);
        let key = issue(&issuer, "secret", ScopeRequest::reader()).await;
        let found = issuer.find("secret").await.unwrap();
        let stored = serde_json::to_string(found.records()[0].key_ref()).unwrap();
        let text = format!("{found:?} {stored}");
        assert!(!text.contains(key.credential().expose().api_secret().unwrap()), "{text}");
        assert!(!text.contains("***"), "{text}");
    }
}

/// Refusals of a create, under every status that they may have.
#[tokio::test]
async fn refusals_of_a_create_are_told_apart_and_make_no_key() {
    for (status, as_200) in [(400, false), (403, false), (409, false), (500, false), (400, true)] {
        let status = StatusCode::from_u16(status).unwrap();
        let emulator = emulator(
            assume()
                .max_keys(2)
                .max_keys_status(status)
                .default_key_status(status)
                .failures_as_200(as_200),
        );
        let issuer = in_memory(&emulator, Account::Jwt);
        issue(&issuer, "one", ScopeRequest::reader()).await;
        let duplicate = refused(&issuer, "one").await;
        issue(&issuer, "two", ScopeRequest::reader()).await;
        let too_many = refused(&issuer, "three").await;
        for (error, kind, told) in [
            (duplicate, ErrorKind::NameTaken, "revoke the other key, or take KeyName::unique"),
            (too_many, ErrorKind::TooManyKeys, "revoke keys that are not used any more"),
        ] {
            assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{status}");
            assert!(error.to_string().contains(told), "{error}");
            assert!(error.to_string().contains("no key was made"), "{error}");
        }
        assert_eq!(emulator.w3ipfs().keys_made(), 2);

        // A place is free again, and the name too.
        let one = issuer.find("one").await.unwrap().into_records().remove(0);
        assert_eq!(issuer.revoke(one.key_ref()).await.unwrap(), Revocation::Revoked);
        issue(&issuer, "one", ScopeRequest::reader()).await;
    }
}

#[tokio::test]
async fn the_accounts_own_key_is_left_alone() {
    for status in [400, 403, 409] {
        let status = StatusCode::from_u16(status).unwrap();
        let emulator = emulator(assume().default_key_status(status));
        let issuer = in_memory(&emulator, Account::Jwt);
        let before = emulator.requests();
        let error = refused(&issuer, "Default").await;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::NameReserved, Effect::NotSent));
        assert_eq!(emulator.requests(), before);

        let own = issuer.find("Default").await.unwrap().into_records().remove(0);
        assert!(own.scope().is_admin());
        let error = issuer.revoke(own.key_ref()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Refused, Effect::Rejected));
        assert!(error.to_string().contains("Cannot delete the default API key"), "{error}");
    }
}

#[tokio::test]
async fn failures_that_come_as_successes_are_failures() {
    let emulator = emulator(assume().failures_as_200(true));
    let issuer = in_memory(&emulator, Account::Jwt);
    let key = issue(&issuer, "key", ScopeRequest::reader()).await;
    let listed = issuer.find("key").await.unwrap().into_records().remove(0);
    assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);

    let again = issuer.revoke(listed.key_ref()).await.unwrap_err();
    assert_eq!(again.effect(), Effect::Rejected);
    assert!(again.to_string().contains("record not found"), "{again}");
    // What is no word about the credential is an error; that it is dead is not said either.
    assert!(issuer.verify(key.credential()).await.is_err());

    emulator.w3ipfs().expire_jwt();
    let error = refused(&issuer, "other").await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
    assert_eq!(emulator.w3ipfs().keys_made(), 1);
}

/// The provider's dashboard goes by the words, whatever status they come with (seen).
#[tokio::test]
async fn a_jwt_that_a_success_calls_expired_is_renewed_too() {
    let emulator = emulator(assume().failures_as_200(true));
    let w3ipfs = emulator.w3ipfs().clone();
    let first = w3ipfs.jwt();
    let source = from_fn(move |ask| {
        let jwt = if matches!(ask, Ask::AfterRefusal(_)) { w3ipfs.jwt() } else { first.clone() };
        async move { AccountCredential::bearer(jwt) }
    });
    let issuer = config(&emulator, Account::Jwt)
        .with_credentials(Arc::new(source))
        .with_transport(Arc::new(emulator.transport()))
        .build()
        .unwrap();
    emulator.w3ipfs().expire_jwt();
    issue(&issuer, "key", ScopeRequest::reader()).await;
    assert_eq!(emulator.w3ipfs().keys_made(), 1);
}

#[tokio::test]
async fn a_proxy_that_drops_the_pairs_headers_is_suspected() {
    let emulator = emulator(assume().drop_underscore_headers(true));
    let by_pair = in_memory(&emulator, Account::KeyPair);
    let by_jwt = in_memory(&emulator, Account::Jwt);
    let key = issue(&by_jwt, "key", ScopeRequest::reader()).await;
    for error in [
        refused(&by_pair, "other").await,
        by_pair.find("key").await.unwrap_err(),
        by_pair.revoke(key.key_ref()).await.unwrap_err(),
        by_jwt.verify(key.credential()).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
        assert!(error.to_string().contains("You are not logged in"), "{error}");
        assert!(error.to_string().contains("headers with underscores"), "{error}");
    }
    assert_eq!((emulator.w3ipfs().keys_made(), emulator.w3ipfs().keys_live()), (1, 1));
}

#[tokio::test]
async fn where_pairs_manage_no_keys_the_jwt_is_named() {
    let emulator = emulator(assume().key_pair_manages_keys(false));
    let error = refused(&in_memory(&emulator, Account::KeyPair), "key").await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
    assert!(error.to_string().contains("with the JWT of a login (with_jwt)"), "{error}");
    assert_eq!(emulator.w3ipfs().keys_made(), 0);
    lives(&emulator, &in_memory(&emulator, Account::Jwt)).await;
}

#[tokio::test]
async fn a_key_that_may_not_manage_keys_makes_none() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Account::Jwt);
    let reader = issue(&issuer, "reader", ScopeRequest::reader()).await;
    let exposed = reader.credential().expose();
    let by_reader = W3ipfsConfig::new()
        .with_base_url(emulator.w3ipfs().base_url())
        .with_key_pair(exposed.api_key().unwrap(), exposed.api_secret().unwrap())
        .with_transport(Arc::new(emulator.transport()))
        .build()
        .unwrap();
    let error = refused(&by_reader, "by reader").await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::PermissionDenied, Effect::Rejected));
    assert_eq!(emulator.w3ipfs().keys_made(), 1);
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_create_is_carried_out_once_whichever_slash_is_right() {
    for redirect in [RedirectSlash::ToBare, RedirectSlash::ToSlash] {
        for account in ACCOUNTS {
            let assumptions = assume().redirect_slash(redirect);
            let emulator =
                Emulator::builder().w3ipfs_assumptions(assumptions).start().await.unwrap();
            let issuer = config(&emulator, account).build().unwrap();
            let key = issue(&issuer, "once", ScopeRequest::reader()).await;
            assert_eq!(emulator.w3ipfs().keys_made(), 1);
            assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        }
    }
}

/// The framework that the provider seems to use redirects GET with 301 (inferred).
#[tokio::test]
async fn a_credential_is_verified_whichever_slash_is_right() {
    for redirect in [RedirectSlash::ToBare, RedirectSlash::ToSlash] {
        let emulator = emulator(assume().redirect_slash(redirect));
        let issuer = in_memory(&emulator, Account::Jwt);
        let key = issue(&issuer, "key", ScopeRequest::reader()).await;
        assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Live);
    }
}

#[tokio::test]
async fn a_jwt_that_expires_is_renewed_where_there_is_a_source_of_them() {
    let emulator = Emulator::builder().in_memory();
    let w3ipfs = emulator.w3ipfs().clone();
    let first = w3ipfs.jwt();
    let account = w3ipfs.clone();
    let source = from_fn(move |ask| {
        let jwt = if matches!(ask, Ask::AfterRefusal(_)) { account.jwt() } else { first.clone() };
        async move { AccountCredential::bearer(jwt) }
    });
    let renewing = config(&emulator, Account::KeyPair)
        .with_credentials(Arc::new(source))
        .with_transport(Arc::new(emulator.transport()))
        .build()
        .unwrap();
    let fixed = in_memory(&emulator, Account::Jwt);
    w3ipfs.expire_jwt();

    let key = issue(&renewing, "renewed", ScopeRequest::reader()).await;
    assert_eq!(w3ipfs.keys_made(), 1);
    assert_eq!(renewing.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);

    let error = refused(&fixed, "not renewed").await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
    assert!(error.to_string().contains("validate: Token is expired"), "{error}");
    assert!(error.to_string().contains("JWTs of W3IPFS expire"), "{error}");
    assert_eq!(w3ipfs.keys_made(), 1);
}

/// Carries every request out and then loses the answers to creates.
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
async fn a_create_whose_answer_is_lost_makes_one_key_that_reconcile_revokes() {
    for account in ACCOUNTS {
        let emulator = emulator(assume().max_limit(Some(2)));
        let healthy = in_memory(&emulator, account);
        for i in 0..5 {
            issue(&healthy, &format!("other {i}"), ScopeRequest::reader()).await;
        }
        let transport = Arc::new(LosesCreates(emulator.transport()));
        let issuer = config(&emulator, account).with_transport(transport).build().unwrap();
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
async fn what_was_made_is_what_was_asked_for() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Account::Jwt);
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
