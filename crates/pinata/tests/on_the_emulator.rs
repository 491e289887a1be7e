//! Keys that live: issued, used, found and revoked on the emulator, over TCP and in memory.
//! What counts is what the emulator made, not what it answered.

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

const VOCABULARIES: [Table; 2] = [Table::Resources, Table::Endpoints];

fn scope_for(permission: Permission, table: Table) -> Option<ScopeRequest> {
    let needs = ScopeRequest::needs([permission]);
    let table = table.table();
    let narrowest = table.grants().iter().find(|grant| grant.opens().contains(permission))?;
    Some(needs.tolerates(format!("pinata:{}", narrowest.name()).as_str()))
}

async fn issue(issuer: &impl KeyIssuer, name: &str, scope: ScopeRequest) -> IssuedKey {
    issuer.issue(&KeyRequest::new(name, scope).unwrap()).await.unwrap()
}

/// What the account works with where it makes keys.
#[derive(Clone, Copy, Debug)]
enum Account {
    Jwt,
    KeyPair,
}

/// Every way to manage keys: the routes, the tables and the credentials that go together.
const WAYS: [(Route, Table, Account); 6] = [
    (Route::V3, Table::Resources, Account::Jwt),
    (Route::V3, Table::Endpoints, Account::Jwt),
    (Route::Sdk, Table::Resources, Account::Jwt),
    (Route::Sdk, Table::Endpoints, Account::Jwt),
    (Route::Legacy, Table::Endpoints, Account::Jwt),
    (Route::Legacy, Table::Endpoints, Account::KeyPair),
];

fn configured(emulator: &Emulator, way: (Route, Table, Account)) -> PinataConfig {
    let (route, table, account) = way;
    let pinata = emulator.pinata();
    let config = PinataConfig::new().with_base_url(pinata.base_url());
    let config = config.with_route(route).with_table(table);
    match account {
        Account::Jwt => config.with_jwt(pinata.jwt()),
        Account::KeyPair => config.with_key_pair(pinata.api_key(), pinata.api_secret()),
    }
}

fn in_memory_by(emulator: &Emulator, way: (Route, Table, Account)) -> PinataIssuer {
    let transport = Arc::new(emulator.transport());
    configured(emulator, way).with_transport(transport).build().unwrap()
}

fn in_memory(emulator: &Emulator, table: Table) -> PinataIssuer {
    in_memory_by(emulator, (Route::V3, table, Account::Jwt))
}

/// Whether the key opens the route of its own world, and whether it opens that of the other.
fn opens(emulator: &Emulator, key: &IssuedKey, table: Table) -> (bool, bool) {
    let may = |path| emulator.pinata().may(&key.credential().headers(), &Method::GET, path);
    match table {
        Table::Resources => (may("/v3/files/public"), may("/data/pinList")),
        _ => (may("/data/pinList"), may("/v3/files/public")),
    }
}

/// A key's whole life.
async fn lives(emulator: &Emulator, issuer: &PinataIssuer, table: Table) {
    let request = KeyRequest::new("life", ScopeRequest::reader()).unwrap();
    let plan = issuer.plan(&request).unwrap();
    let key = issuer.issue(&request).await.unwrap();
    assert_eq!(plan.translation().granted(), key.granted());
    assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 1));

    assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Live);
    assert_eq!(opens(emulator, &key, table), (true, false));

    let found = issuer.find("life").await.unwrap();
    let [record] = &found.records()[..] else { panic!("one key has the name: {found:?}") };
    assert_eq!((record.scope(), record.table()), (key.granted(), Some(table.table())));
    assert_eq!(record.key_ref(), key.key_ref());
    let page = issuer.list(&KeyQuery::new()).await.unwrap();
    assert_eq!(page.records().len(), 1);

    assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
    assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 0));
    assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Revoked);
    assert_eq!(opens(emulator, &key, table), (false, false));
    assert_eq!(issuer.find("life").await.unwrap().records()[0].is_revoked(), Some(true));
}

/// A create whose answer is lost makes one key, which is found by its name and revoked.
async fn is_reconciled(emulator: &Emulator, issuer: &PinataIssuer) {
    let (made, live) = (emulator.keys_made(), emulator.keys_live());
    let name = KeyName::unique("lost").unwrap();
    let request = KeyRequest::new(name.clone(), ScopeRequest::reader()).unwrap();

    let error = issuer.issue(&request).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    assert_eq!(error.key_name(), Some(&name));
    assert!(!error.is_retryable());
    assert_eq!((emulator.keys_made(), emulator.keys_live()), (made + 1, live + 1));

    let settled = issuer.reconcile(&name).await.unwrap();
    let Reconciliation::Settled { revocation: Revocation::Revoked, .. } = settled else {
        panic!("the key was found and revoked: {settled:?}")
    };
    assert_eq!((emulator.keys_made(), emulator.keys_live()), (made + 1, live));
    let again = issuer.reconcile(&name).await.unwrap();
    assert!(matches!(again, Reconciliation::NothingFound { .. }), "{again:?}");
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

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_key_lives_over_tcp() {
    for way in WAYS {
        let emulator = Emulator::start().await.unwrap();
        lives(&emulator, &configured(&emulator, way).build().unwrap(), way.1).await;
    }
}

#[tokio::test]
async fn a_key_lives_in_memory_and_one_that_was_lost_is_reconciled() {
    for way in WAYS {
        let emulator = Emulator::builder().in_memory();
        lives(&emulator, &in_memory_by(&emulator, way), way.1).await;

        let loses = Arc::new(LosesCreates(emulator.transport()));
        let config = configured(&emulator, way).with_transport(loses);
        is_reconciled(&emulator, &config.build().unwrap()).await;
    }
}

#[tokio::test]
async fn a_holder_may_use_the_pair_of_its_key_on_the_routes_that_take_pairs() {
    for way in WAYS {
        let emulator = Emulator::builder().in_memory();
        let issuer = in_memory_by(&emulator, way);
        let key = issue(&issuer, "pair", ScopeRequest::reader()).await;
        let pair = key.credential().pair_headers().unwrap();
        let may = |path| emulator.pinata().may(&pair, &Method::GET, path);
        assert_eq!(may("/data/pinList"), way.1 == Table::Endpoints, "{way:?}");
        assert!(!may("/v3/files/public"), "{way:?}");
    }
}

#[tokio::test]
async fn a_key_with_org_write_manages_keys_on_v3_and_is_told_so_on_the_legacy_routes() {
    let emulator = Emulator::builder().in_memory();
    let scope = ScopeRequest::needs([Permission::KeysManage]).tolerates(Permission::AccountRead);
    let manager = issue(&in_memory(&emulator, Table::Resources), "manager", scope).await;
    let jwt = manager.credential().expose().bearer().unwrap();
    for route in [Route::V3, Route::Sdk, Route::Legacy] {
        let issuer = PinataConfig::new()
            .with_base_url(emulator.pinata().base_url())
            .with_transport(Arc::new(emulator.transport()))
            .with_route(route)
            .with_jwt(jwt)
            .build()
            .unwrap();
        let request = KeyRequest::new("managed", ScopeRequest::reader()).unwrap();
        let made = emulator.keys_made();
        if route == Route::Legacy {
            let error = issuer.issue(&request).await.unwrap_err();
            assert_eq!((error.status().unwrap().as_u16(), emulator.keys_made()), (403, made));
            assert!(error.to_string().contains("v3 routes take one with org:write"), "{error}");
        } else {
            let key = issuer.issue(&request).await.unwrap();
            assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
            assert_eq!(emulator.keys_made(), made + 1);
        }
    }
}

/// A documented route that takes each permission; those without one are left out.
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

#[tokio::test]
async fn a_key_can_do_what_it_was_granted_and_nothing_else_that_has_a_route() {
    let emulator = Emulator::builder().in_memory();
    for table in VOCABULARIES {
        let issuer = in_memory(&emulator, table);
        for (i, &permission) in Permission::ALL.iter().enumerate() {
            let Some(scope) = scope_for(permission, table) else { continue };
            let request = KeyRequest::new(format!("key {table:?} {i}"), scope).unwrap();
            let key = issuer.issue(&request).await.unwrap();
            for (world, tried, method, path) in &ROUTES {
                let may = emulator.pinata().may(&key.credential().headers(), method, path);
                let granted = *world == table && key.granted().allows(*tried);
                assert_eq!(may, granted, "{} with {}: {method} {path}", key.name(), key.granted());
            }
        }
    }
}

#[tokio::test]
async fn an_admin_key_can_do_everything_in_both_worlds() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Table::Endpoints);
    let key = issue(&issuer, "admin", ScopeRequest::admin()).await;
    assert!(key.granted().is_admin());
    for (_, _, method, path) in &ROUTES {
        assert!(emulator.pinata().may(&key.credential().headers(), method, path));
    }
    assert!(issuer.find("admin").await.unwrap().records()[0].scope().is_admin());
}

#[tokio::test]
async fn a_key_may_be_used_as_often_as_was_asked() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Table::Resources);
    let request = KeyRequest::new("twice", ScopeRequest::reader()).unwrap();
    let key = issuer.issue(&request.with_max_uses(NonZeroU64::new(2).unwrap())).await.unwrap();
    for expected in [Verification::Live, Verification::Live, Verification::Unrecognized] {
        assert_eq!(issuer.verify(key.credential()).await.unwrap(), expected);
    }
    let record = issuer.find("twice").await.unwrap().into_records().remove(0);
    assert_eq!((record.uses(), record.max_uses()), (Some(2), NonZeroU64::new(2)));
}

#[tokio::test]
async fn every_page_of_a_list_is_read_whatever_its_size_and_whatever_the_count_means() {
    let sizes = [(10, ListCount::Page), (7, ListCount::Total), (1, ListCount::Page)];
    for (way, (size, count)) in WAYS.iter().flat_map(|way| sizes.map(|size| (*way, size))) {
        let assumptions = PinataAssumptions::default().page_size(size).list_count(count);
        let emulator = Emulator::builder().pinata_assumptions(assumptions).in_memory();
        let issuer = in_memory_by(&emulator, way);
        for i in 0..25 {
            issue(&issuer, &format!("key {i}"), ScopeRequest::reader()).await;
        }
        let mut query = KeyQuery::new();
        let mut names = Vec::new();
        let mut doubts = pinning_keys_core::Discrepancies::default();
        loop {
            let page = issuer.list(&query).await.unwrap();
            names.extend(page.records().iter().map(|record| record.name().to_owned()));
            doubts.merge(page.discrepancies());
            match page.next() {
                Some(next) => query = query.after(next.clone()),
                None => break,
            }
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 25);
        assert!(doubts.is_empty(), "{doubts}");
    }
}

#[tokio::test]
async fn a_name_is_found_exactly_whatever_its_characters_mean_in_the_filter() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Table::Resources);
    let names = ["x a", "x a-2", "X A", "50%", "505", "a_b", "axb", r"back\slash", r"\", "%", "_"];
    for name in names {
        issue(&issuer, name, ScopeRequest::reader()).await;
    }
    for name in names {
        let found = issuer.find(name).await.unwrap().into_records();
        let found: Vec<_> = found.iter().map(KeyRecord::name).collect();
        assert_eq!(found, [name]);
    }
    assert!(issuer.find("x").await.unwrap().records().is_empty());
}

#[tokio::test]
async fn a_filter_by_part_of_a_name_takes_wildcards_by_their_letter() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Table::Resources);
    for name in ["a_b 1", "axb 2", "A_B 3"] {
        issue(&issuer, name, ScopeRequest::reader()).await;
    }
    let page = issuer.list(&KeyQuery::new().with_name_containing("a_b")).await.unwrap();
    let mut names: Vec<_> = page.records().iter().map(KeyRecord::name).collect();
    names.sort_unstable();
    assert_eq!(names, ["A_B 3", "a_b 1"]);
}

#[tokio::test]
async fn filters_by_revocation_and_by_uses_select() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Table::Resources);
    let gone = issue(&issuer, "gone", ScopeRequest::reader()).await;
    assert_eq!(issuer.revoke(gone.key_ref()).await.unwrap(), Revocation::Revoked);
    issue(&issuer, "unlimited", ScopeRequest::reader()).await;
    let once = KeyRequest::new("once", ScopeRequest::reader())
        .unwrap()
        .with_max_uses(NonZeroU64::new(1).unwrap());
    let used = issuer.issue(&once).await.unwrap();
    assert_eq!(issuer.verify(used.credential()).await.unwrap(), Verification::Live);
    let twice = KeyRequest::new("twice", ScopeRequest::reader())
        .unwrap()
        .with_max_uses(NonZeroU64::new(2).unwrap());
    issuer.issue(&twice).await.unwrap();

    for (query, expected) in [
        (KeyQuery::new().with_revoked(true), vec!["gone"]),
        (KeyQuery::new().with_revoked(false), vec!["once", "twice", "unlimited"]),
        (KeyQuery::new().with_limited_use(true), vec!["once", "twice"]),
        (KeyQuery::new().with_exhausted(true), vec!["once"]),
    ] {
        let page = issuer.list(&query).await.unwrap();
        let mut names: Vec<_> = page.records().iter().map(KeyRecord::name).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{query:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_gone_is_told_as_the_provider_tells_it() {
    for way in WAYS {
        let assumptions = PinataAssumptions::default().revoke_again(RevokeAgain::NotFound);
        let emulator = Emulator::builder().pinata_assumptions(assumptions).in_memory();
        let issuer = in_memory_by(&emulator, way);
        let key = issue(&issuer, "once", ScopeRequest::reader()).await;
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        // The legacy stack has a word for it that can be about nothing else.
        let gone = match way.0 {
            Route::Legacy => Revocation::AlreadyGone,
            _ => Revocation::NotFound,
        };
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), gone, "{way:?}");
    }
}

#[tokio::test]
async fn nothing_is_made_where_the_scope_is_refused_and_nothing_where_the_key_may_not_make_keys() {
    let emulator = Emulator::builder().in_memory();
    let issuer = in_memory(&emulator, Table::Resources);
    let refused = KeyRequest::new("u", ScopeRequest::uploader()).unwrap();
    assert!(issuer.issue(&refused).await.is_err());
    assert_eq!((emulator.keys_made(), emulator.requests()), (0, 0));

    let reader = issue(&issuer, "reader", ScopeRequest::reader()).await;
    let transport = Arc::new(emulator.transport());
    let by_reader = PinataConfig::new()
        .with_base_url(emulator.pinata().base_url())
        .with_jwt(reader.credential().expose().bearer().unwrap())
        .with_transport(transport)
        .build()
        .unwrap();
    let request = KeyRequest::new("by reader", ScopeRequest::reader()).unwrap();
    let error = by_reader.issue(&request).await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.effect()), (401, Effect::Rejected));
    assert!(error.to_string().contains("org:write"), "{error}");
    assert_eq!(emulator.keys_made(), 1);
}

#[test]
fn the_routes_cover_every_permission_that_a_documented_route_takes() {
    use Permission as P;
    for table in VOCABULARIES {
        let tried = ROUTES.iter().filter(|(world, ..)| *world == table).map(|(_, p, ..)| *p);
        let untried = table.table().reach() - tried.collect::<PermissionSet>();
        let without_route = match table {
            Table::Resources => [P::AccountRead, P::AnalyticsWrite],
            _ => [P::PinsSetPolicy, P::AccountSetPinPolicy],
        };
        assert_eq!(untried, PermissionSet::from(without_route), "{table:?}");
    }
}
