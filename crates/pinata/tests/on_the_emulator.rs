//! The life of keys on the emulator, in memory: issued, used, found and revoked. The tests look at
//! what the emulator created, not at what it answered.

use std::num::NonZeroU64;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use pinning_keys_core::{
    Effect, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyQuery, KeyRecord, KeyRequest,
    Permission, PermissionSet, Reconciliation, Revocation, ScopeRequest, Verification,
};
use pinning_keys_emulator::{
    Emulator, InMemoryTransport, ListCount, PinataAssumptions, RevokeAgain,
};
use pinning_keys_http::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use pinning_keys_pinata::{PinataConfig, PinataIssuer, Route, Table};

/// The credential with which the account manages keys.
#[derive(Clone, Copy, Debug)]
enum Account {
    Jwt,
    KeyPair,
}

/// Every valid combination of route, table and credential.
const WAYS: [(Route, Table, Account); 6] = [
    (Route::V3, Table::Resources, Account::Jwt),
    (Route::V3, Table::Endpoints, Account::Jwt),
    (Route::Sdk, Table::Resources, Account::Jwt),
    (Route::Sdk, Table::Endpoints, Account::Jwt),
    (Route::Legacy, Table::Endpoints, Account::Jwt),
    (Route::Legacy, Table::Endpoints, Account::KeyPair),
];

fn emulator(assumptions: PinataAssumptions) -> Emulator {
    Emulator::builder().pinata_assumptions(assumptions).in_memory()
}

fn config(emulator: &Emulator) -> PinataConfig {
    PinataConfig::new()
        .with_base_url(emulator.pinata().base_url())
        .with_transport(emulator.transport())
}

fn config_by(
    emulator: &Emulator,
    (route, table, account): (Route, Table, Account),
) -> PinataConfig {
    let pinata = emulator.pinata();
    let config = config(emulator).with_route(route).with_table(table);
    match account {
        Account::Jwt => config.with_jwt(pinata.jwt()),
        Account::KeyPair => config.with_key_pair(pinata.api_key(), pinata.api_secret()),
    }
}

fn issuer(emulator: &Emulator, table: Table) -> PinataIssuer {
    config_by(emulator, (Route::V3, table, Account::Jwt)).build().unwrap()
}

async fn issue(issuer: &PinataIssuer, name: &str, scope: ScopeRequest) -> IssuedKey {
    issuer.issue(&KeyRequest::new(name, scope).unwrap()).await.unwrap()
}

async fn issue_limited(issuer: &PinataIssuer, name: &str, uses: u64) -> IssuedKey {
    let request = KeyRequest::new(name, ScopeRequest::reader()).unwrap();
    issuer.issue(&request.with_max_uses(NonZeroU64::new(uses).unwrap())).await.unwrap()
}

async fn names(issuer: &PinataIssuer, query: KeyQuery) -> Vec<String> {
    let page = issuer.list(&query).await.unwrap();
    let mut names: Vec<_> = page.records().iter().map(|record| record.name().to_owned()).collect();
    names.sort_unstable();
    names
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
async fn key_works_from_issue_to_revocation() {
    for way in WAYS {
        let emulator = Emulator::in_memory();
        let issuer = config_by(&emulator, way).build().unwrap();
        let table = way.1;
        let key = issue(&issuer, "life", ScopeRequest::reader()).await;
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 1));
        assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Live);

        // The JWT opens the routes of its table; the pair only those that accept pairs.
        let (jwt, pair) = (key.credential().headers(), key.credential().pair_headers().unwrap());
        let may = |headers, path| emulator.pinata().may(headers, &Method::GET, path);
        let is_endpoints = table == Table::Endpoints;
        assert_eq!(may(&jwt, "/v3/files/public"), !is_endpoints, "{way:?}");
        assert_eq!(may(&jwt, "/data/pinList"), is_endpoints, "{way:?}");
        assert_eq!(may(&pair, "/data/pinList"), is_endpoints, "{way:?}");
        assert!(!may(&pair, "/v3/files/public"), "{way:?}");

        let found = issuer.find("life").await.unwrap();
        let [record] = found.records() else { panic!("one key has the name: {found:?}") };
        assert_eq!((record.scope(), record.table()), (key.granted().scope(), Some(table.table())));
        assert_eq!(record.key_ref(), key.key_ref());

        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 0));
        assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Revoked);
        assert!(!may(&jwt, "/v3/files/public") && !may(&jwt, "/data/pinList"));
        assert_eq!(issuer.find("life").await.unwrap().records()[0].is_revoked(), Some(true));
    }
}

#[tokio::test]
async fn key_of_a_lost_create_is_reconciled_by_name() {
    for way in WAYS {
        let emulator = Emulator::in_memory();
        let loses = Arc::new(LosesCreates(emulator.transport()));
        let issuer = config_by(&emulator, way).with_transport(loses).build().unwrap();
        let name = KeyName::unique("lost").unwrap();
        let request = KeyRequest::new(name.clone(), ScopeRequest::reader()).unwrap();
        let error = issuer.issue(&request).await.unwrap_err();
        assert_eq!((error.effect(), error.key_name()), (Effect::Unknown, Some(&name)));
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 1));

        let settled = issuer.reconcile(&name).await.unwrap();
        let Reconciliation::Settled { revocation: Revocation::Revoked, .. } = settled else {
            panic!("the key was found and revoked: {settled:?}")
        };
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 0));
        let again = issuer.reconcile(&name).await.unwrap();
        assert!(matches!(again, Reconciliation::NothingFound { .. }), "{again:?}");
    }
}

#[tokio::test]
async fn only_admin_and_org_write_keys_manage_keys() {
    let emulator = Emulator::in_memory();
    let admin = issuer(&emulator, Table::Resources);
    let writes = ScopeRequest::needs([Permission::KeysManage]).tolerates(Permission::AccountRead);
    let manager = issue(&admin, "manager", writes).await;
    let reader = issue(&admin, "reader", ScopeRequest::reader()).await;
    for (by, route, refused) in [
        (&manager, Route::V3, None),
        (&manager, Route::Sdk, None),
        (&manager, Route::Legacy, Some((403, "v3 routes also accept a key with org:write"))),
        (
            &reader,
            Route::V3,
            Some((401, "the same answer to an invalid credential and to a missing scope")),
        ),
    ] {
        let jwt = by.credential().expose().bearer().unwrap();
        let issuer = config(&emulator).with_route(route).with_jwt(jwt).build().unwrap();
        let made = emulator.keys_made();
        let request = KeyRequest::new("managed", ScopeRequest::reader()).unwrap();
        let created = issuer.issue(&request).await;
        if let Some((status, told)) = refused {
            let error = created.unwrap_err();
            assert_eq!((error.status().unwrap().as_u16(), emulator.keys_made()), (status, made));
            assert!(format!("{error:#}").contains(told), "{error:#}");
        } else {
            let key = created.unwrap();
            assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
            assert_eq!(emulator.keys_made(), made + 1);
        }
    }
}

/// A documented route that requires each permission; permissions without one are left out.
const ROUTES: [(Table, Permission, Method, &str); 25] = {
    use Permission as P;
    const V3: Table = Table::Resources;
    const OLD: Table = Table::Endpoints;
    [
        (V3, P::PinsList, Method::GET, "/v3/files/public"),
        (V3, P::PinsListJobs, Method::GET, "/v3/files/public/pin_by_cid"),
        (V3, P::PinsAddFile, Method::POST, "/v3/files"),
        (V3, P::PinsAddJson, Method::POST, "/v3/files"),
        (V3, P::PinsAddCid, Method::POST, "/v3/files/public/pin_by_cid"),
        (V3, P::PinsRemove, Method::DELETE, "/v3/files/public/some-id"),
        (V3, P::PinsEditMetadata, Method::PUT, "/v3/files/public/some-id"),
        (V3, P::UploadsDelegate, Method::POST, "/v3/files/sign"),
        (V3, P::LinksCreate, Method::POST, "/v3/files/private/download_link"),
        (V3, P::SignaturesWrite, Method::POST, "/v3/files/public/signature/some-cid"),
        (V3, P::SwapsWrite, Method::PUT, "/v3/files/public/swap/some-cid"),
        (V3, P::GroupsRead, Method::GET, "/v3/groups/public"),
        (V3, P::GroupsWrite, Method::POST, "/v3/groups/public"),
        (V3, P::GatewaysRead, Method::GET, "/v3/gateways"),
        (V3, P::GatewaysWrite, Method::POST, "/v3/gateways"),
        (V3, P::AnalyticsRead, Method::GET, "/v3/analytics/gateways/top"),
        (V3, P::KeysManage, Method::POST, "/v3/api_keys"),
        (OLD, P::PinsList, Method::GET, "/data/pinList"),
        (OLD, P::PinsListJobs, Method::GET, "/pinning/pinJobs"),
        (OLD, P::PinsAddFile, Method::POST, "/pinning/pinFileToIPFS"),
        (OLD, P::PinsAddJson, Method::POST, "/pinning/pinJSONToIPFS"),
        (OLD, P::PinsAddCid, Method::POST, "/pinning/pinByHash"),
        (OLD, P::PinsRemove, Method::DELETE, "/pinning/unpin/some-cid"),
        (OLD, P::PinsEditMetadata, Method::PUT, "/pinning/hashMetadata"),
        (OLD, P::UsageRead, Method::GET, "/data/userPinnedDataTotal"),
    ]
};

/// The narrowest key of the table that has the permission.
fn scope_for(permission: Permission, table: Table) -> Option<ScopeRequest> {
    let mut grants = table.table().grants().iter();
    let narrowest = grants.find(|grant| grant.opens().contains(permission))?;
    let tolerated = format!("pinata:{}", narrowest.name());
    Some(ScopeRequest::needs([permission]).tolerates(tolerated.as_str()))
}

#[tokio::test]
async fn key_opens_exactly_the_routes_of_its_grants() {
    let emulator = Emulator::in_memory();
    for table in [Table::Resources, Table::Endpoints] {
        let issuer = issuer(&emulator, table);
        let scopes = Permission::ALL.iter().filter_map(|&permission| scope_for(permission, table));
        for (i, scope) in scopes.enumerate() {
            let key = issue(&issuer, &format!("key {table:?} {i}"), scope).await;
            for (world, tried, method, path) in &ROUTES {
                let may = emulator.pinata().may(&key.credential().headers(), method, path);
                let granted = *world == table && key.granted().allows(*tried);
                assert_eq!(may, granted, "{} with {}: {method} {path}", key.name(), key.granted());
            }
        }
    }
    let admin = issue(&issuer(&emulator, Table::Endpoints), "admin", ScopeRequest::admin()).await;
    assert!(admin.granted().is_admin());
    for (_, _, method, path) in &ROUTES {
        assert!(emulator.pinata().may(&admin.credential().headers(), method, path));
    }
}

#[test]
fn routes_cover_every_permission_that_has_one() {
    use Permission as P;
    for (table, without_route) in [
        (Table::Resources, [P::AccountRead, P::AnalyticsWrite]),
        (Table::Endpoints, [P::PinsSetPolicy, P::AccountSetPinPolicy]),
    ] {
        let tried = ROUTES.iter().filter(|(world, ..)| *world == table).map(|(_, p, ..)| *p);
        let untried = table.table().reach() - tried.collect::<PermissionSet>();
        assert_eq!(untried, PermissionSet::from(without_route), "{table:?}");
    }
}

#[tokio::test]
async fn key_with_max_uses_ends_after_them() {
    let emulator = Emulator::in_memory();
    let issuer = issuer(&emulator, Table::Resources);
    let key = issue_limited(&issuer, "twice", 2).await;
    for expected in [Verification::Live, Verification::Live, Verification::Unrecognized] {
        assert_eq!(issuer.verify(key.credential()).await.unwrap(), expected);
    }
    let record = issuer.find("twice").await.unwrap().into_records().remove(0);
    assert_eq!((record.uses(), record.max_uses()), (Some(2), NonZeroU64::new(2)));
}

#[tokio::test]
async fn all_pages_are_read_for_every_page_size_and_count() {
    let sizes = [(10, ListCount::Page), (7, ListCount::Total), (2, ListCount::Page)];
    for (way, (size, count)) in WAYS.iter().flat_map(|way| sizes.map(|size| (*way, size))) {
        let emulator = emulator(PinataAssumptions::default().page_size(size).list_count(count));
        let issuer = config_by(&emulator, way).build().unwrap();
        for _ in 0..25 {
            issue(&issuer, "same name", ScopeRequest::reader()).await;
        }
        let found = issuer.find("same name").await.unwrap();
        assert_eq!(found.records().len(), 25);
        assert!(found.discrepancies().is_empty(), "{}", found.discrepancies());
    }
}

#[tokio::test]
async fn name_with_wildcards_is_found_literally() {
    let emulator = Emulator::in_memory();
    let issuer = issuer(&emulator, Table::Resources);
    let all =
        ["x a", "x a-2", "X A", "50%", "505", "a_b", "axb", "A_B", r"back\slash", r"\", "%", "_"];
    for name in all {
        issue(&issuer, name, ScopeRequest::reader()).await;
    }
    for name in all {
        let found = issuer.find(name).await.unwrap().into_records();
        assert_eq!(found.iter().map(KeyRecord::name).collect::<Vec<_>>(), [name]);
    }
    assert!(issuer.find("x").await.unwrap().records().is_empty());
    let containing = names(&issuer, KeyQuery::new().with_name_containing("a_b")).await;
    assert_eq!(containing, ["A_B", "a_b"]);
}

#[tokio::test]
async fn filters_by_revocation_and_uses_select_keys() {
    // If not, a filter with the value `false` is ignored.
    for inverts in [true, false] {
        let assumptions = PinataAssumptions::default().false_filters_invert(inverts);
        let emulator = emulator(assumptions);
        let issuer = issuer(&emulator, Table::Resources);
        let gone = issue(&issuer, "gone", ScopeRequest::reader()).await;
        assert_eq!(issuer.revoke(gone.key_ref()).await.unwrap(), Revocation::Revoked);
        issue(&issuer, "unlimited", ScopeRequest::reader()).await;
        let used = issue_limited(&issuer, "once", 1).await;
        assert_eq!(issuer.verify(used.credential()).await.unwrap(), Verification::Live);
        issue_limited(&issuer, "twice", 2).await;
        for (query, expected) in [
            (KeyQuery::new().with_revoked(true), &["gone"][..]),
            (KeyQuery::new().with_revoked(false), &["once", "twice", "unlimited"]),
            (KeyQuery::new().with_limited_use(true), &["once", "twice"]),
            (KeyQuery::new().with_exhausted(true), &["once"]),
            (KeyQuery::new().with_exhausted(false), &["twice"]),
        ] {
            assert_eq!(names(&issuer, query.clone()).await, expected, "{query:?}");
        }
    }
}

#[tokio::test]
async fn second_revocation_reports_what_the_route_can_tell() {
    for way in WAYS {
        let emulator = emulator(PinataAssumptions::default().revoke_again(RevokeAgain::NotFound));
        let issuer = config_by(&emulator, way).build().unwrap();
        let key = issue(&issuer, "once", ScopeRequest::reader()).await;
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        // The legacy stack has a code for it that cannot be about anything else.
        let gone = match way.0 {
            Route::Legacy => Revocation::AlreadyGone,
            _ => Revocation::NotFound,
        };
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), gone, "{way:?}");
    }
}
