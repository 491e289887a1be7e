//! What an app sees of keys that differ from those of the built-in providers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pinning_keys::{
    Effect, ErrorKind, KeyIssuer, KeyQuery, KeyRef, KeyRequest, Permission, Provider, Providers,
    ScopeRequest, Verification,
};

use crate::b2::B2Config;
use crate::fake::Fake;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn issuer(fake: &Fake) -> impl KeyIssuer + use<> {
    let (id, secret) = fake.master_key();
    let config = B2Config::new().with_key_pair(id, secret);
    config.with_transport(Arc::new(fake.clone())).build().unwrap()
}

fn reader(name: &str) -> KeyRequest {
    KeyRequest::new(name, ScopeRequest::needs([Permission::PinsList])).unwrap()
}

#[tokio::test]
async fn native_grant_is_granted_by_name_only() {
    let fake = Fake::new();
    let issuer = issuer(&fake);
    let scope =
        ScopeRequest::needs([Permission::PinsList]).and_needs_native("b2:readFileRetentions");
    let key = issuer.issue(&KeyRequest::new("reader", scope).unwrap()).await.unwrap();
    assert_eq!(key.granted().to_string(), "pins:list b2:readFileRetentions");
    let listed = issuer.list(&KeyQuery::new()).await.unwrap();
    assert_eq!(listed.records()[0].native_grants(), ["listFiles", "readFileRetentions"]);

    let plain = issuer.issue(&reader("plain")).await.unwrap();
    assert_eq!(plain.granted().to_string(), "pins:list");
    for wrong in ["b2:telepathy", "pinata:org:files:read", "b2:writeKeys"] {
        let request = KeyRequest::new("wrong", ScopeRequest::needs_native(wrong)).unwrap();
        let error = issuer.issue(&request).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Inexpressible | ErrorKind::InvalidInput),
            "{error}"
        );
    }
    assert_eq!(
        (fake.live(), fake.made("wrong")),
        (vec!["reader".to_owned(), "plain".to_owned()], 0)
    );
}

#[tokio::test]
async fn first_of_two_equal_grants_is_granted() {
    let fake = Fake::new();
    let issuer = issuer(&fake);
    for (scope, granted, grant) in [
        (ScopeRequest::needs([Permission::LinksCreate]), "links:create", "shareFiles"),
        (ScopeRequest::needs_native("b2:readFiles"), "links:create b2:readFiles", "readFiles"),
    ] {
        let key = issuer.issue(&KeyRequest::new("links", scope).unwrap()).await.unwrap();
        assert_eq!(key.granted().to_string(), granted);
        let listed = issuer.list(&KeyQuery::new()).await.unwrap();
        assert_eq!(listed.records().last().unwrap().native_grants(), [grant]);
    }
}

#[tokio::test]
async fn compound_grant_carries_what_it_implies() {
    let fake = Fake::new();
    let issuer = issuer(&fake);
    let groups = ScopeRequest::needs([Permission::GroupsWrite]);
    let exact = KeyRequest::new("groups", groups.clone()).unwrap();
    assert!(issuer.plan(&exact).is_err(), "the rules of a bucket delete files");
    let request = KeyRequest::new("groups", groups.tolerates("b2:manageBuckets")).unwrap();
    let key = issuer.issue(&request).await.unwrap();
    let may = "pins:remove groups:read groups:write b2:writeBuckets";
    assert_eq!(key.granted().to_string(), may, "one of its wire names is a grant by itself");
    let listed = issuer.list(&KeyQuery::new()).await.unwrap();
    let record = &listed.records()[0];
    assert_eq!(record.native_grants(), ["listBuckets", "writeBuckets", "deleteBuckets"]);
    assert_eq!(record.reading().to_string(), may);
}

#[tokio::test]
async fn part_of_a_compound_is_no_permission() {
    let fake = Fake::new();
    fake.make_confined_key("half", &["listBuckets", "deleteBuckets", "writeKeys"], "b1", "");
    let listed = issuer(&fake).list(&KeyQuery::new()).await.unwrap();
    let reading = listed.records()[0].reading();
    assert_eq!(reading.scope().to_string(), "groups:read");
    assert_eq!(reading.partial(), ["deleteBuckets", "writeKeys"]);
    assert!(reading.may_escalate(), "whoever creates keys can have all permissions");
}

#[tokio::test]
async fn expired_key_is_unrecognized_and_unlisted() {
    let fake = Fake::new();
    let issuer = issuer(&fake);
    let key = issuer.issue(&reader("day").with_expiry(24 * HOUR)).await.unwrap();
    assert!(!key.is_expiry_shortened());
    let listed = issuer.list(&KeyQuery::new()).await.unwrap();
    assert_eq!(listed.records()[0].expires_at(), key.expires_at());
    fake.advance(23 * HOUR);
    assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Live);
    fake.advance(HOUR);
    assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Unrecognized);
    assert!(issuer.list(&KeyQuery::new()).await.unwrap().records().is_empty());
}

#[tokio::test]
async fn shortened_expiry_is_reported() {
    let fake = Fake::new();
    fake.shorten_lives_to(HOUR);
    let key = issuer(&fake).issue(&reader("day").with_expiry(24 * HOUR)).await.unwrap();
    assert!(key.is_expiry_shortened());
    assert!(key.expires_at().unwrap() <= SystemTime::now() + HOUR);
}

#[tokio::test]
async fn new_session_follows_an_expired_one() {
    let fake = Fake::new();
    let issuer = issuer(&fake);
    issuer.issue(&reader("first")).await.unwrap();
    fake.advance(25 * HOUR);
    issuer.issue(&reader("second")).await.unwrap();
    assert_eq!(fake.live(), ["first", "second"]);
    assert_eq!(fake.made("second"), 1);
}

#[tokio::test]
async fn name_with_another_character_is_refused_before_sending() {
    let fake = Fake::new();
    let error = issuer(&fake).issue(&reader("team site")).await.unwrap_err();
    assert_eq!((error.kind(), fake.made("team site")), (ErrorKind::InvalidInput, 0));
}

#[test]
fn registry_reads_the_variables_of_the_provider() {
    let (id, secret) = Fake::new().master_key();
    let providers = Providers::new().with(Provider::of::<B2Config>());
    let variables = [("B2_APPLICATION_KEY_ID", id), ("B2_APPLICATION_KEY", secret)];
    let issuer = providers.from_vars(variables).unwrap().build().unwrap();
    assert_eq!(issuer.profile().provider(), "b2");
}

#[tokio::test]
async fn issuer_knows_its_own_key_through_the_session() {
    let fake = Fake::new();
    let issuer = issuer(&fake);
    let key = issuer.issue(&reader("other")).await.unwrap();
    let own = KeyRef::new("b2", fake.master_key().0).unwrap();
    assert_eq!(issuer.is_own_key(&own).await.unwrap(), Some(true));
    assert_eq!(issuer.is_own_key(key.key_ref()).await.unwrap(), Some(false));
}

#[tokio::test]
async fn issuer_confined_to_an_account_works_there_alone() {
    let fake = Fake::new();
    let issuer = issuer(&fake);
    let own = issuer.account().await.unwrap().unwrap();
    issuer.confined_to(own.id()).unwrap().issue(&reader("mine")).await.unwrap();
    let elsewhere = issuer.confined_to("another-account").unwrap();
    let error = elsewhere.issue(&reader("lost")).await.unwrap_err();
    assert_eq!((error.effect(), fake.live()), (Effect::NotSent, vec!["mine".to_owned()]));
}

#[tokio::test]
async fn key_that_may_not_create_keys_is_told_so() {
    let fake = Fake::new();
    let key = issuer(&fake).issue(&reader("reader")).await.unwrap();
    let holder = key.credential().expose();
    let (id, secret) = (holder.user().unwrap(), holder.password().unwrap());
    let config = B2Config::new().with_key_pair(id, secret);
    let issuer = config.with_transport(Arc::new(fake.clone())).build().unwrap();
    let error = issuer.issue(&reader("mine")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.next_step().unwrap().to_string().contains("writeKeys"));
}
