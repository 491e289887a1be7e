//! Values in tables and in JSON: padding, serialized forms, and requests made from records.

use std::fmt::Display;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use pinning_keys_core::http::Method;
use pinning_keys_core::{
    Difference, Discrepancies, Effect, ErrorKind, KeyName, KeyRecord, KeyRef, KeyScope, Operation,
    Permission, PermissionSet, PermissionTable, Plan, Reading, Restriction, Revocation, ScopeError,
    ScopeRequest, Verification,
};
use pinning_keys_pinata::{ENDPOINTS, RESOURCES};
use serde_json::json;

fn record(reading: Reading) -> KeyRecord {
    KeyRecord::new(
        KeyRef::new("pinata", "0d2a").unwrap().with_id("7").unwrap(),
        "dashboard",
        reading,
    )
}

#[test]
fn values_in_tables_are_padded_and_aligned() {
    let set = PermissionSet::of(&[Permission::PinsList, Permission::PinsRemove]);
    let noticed = Discrepancies::default()
        .with_repeated_rows(3)
        .with_changed_total(Some((20, 19)))
        .with_wrong_total(Some((19, 17)));
    let values: [(&dyn Display, &str); 19] = [
        (&Permission::PinsList, "pins:list"),
        (&set, "pins:list pins:remove"),
        (&PermissionSet::EMPTY, "nothing"),
        (&KeyScope::of(set), "pins:list pins:remove"),
        (&KeyScope::admin(), "admin"),
        (&KeyScope::nothing(), "nothing"),
        (&KeyName::new("dashboard").unwrap(), "dashboard"),
        (&KeyRef::new("pinata", "0d2a").unwrap().with_id("7").unwrap(), "v1:pinata:0d2a:7"),
        (&RESOURCES, "pinata (resources)"),
        (&Discrepancies::default(), "none noticed"),
        (
            &noticed,
            "3 rows appeared twice; the total changed from 20 to 19; the provider reported a total of \
             19 but sent 17",
        ),
        (&Operation::Issue, "issue"),
        (&Effect::NotSent, "not sent"),
        (&ErrorKind::RateLimited, "rate limited"),
        (&Revocation::AlreadyGone, "already gone"),
        (&Revocation::NotFound, "not found"),
        (&Verification::Unrecognized, "unrecognized"),
        (&Verification::Exhausted, "exhausted"),
        (&Difference::NotAdmin, "narrower: not an admin key"),
    ];
    for (value, text) in values {
        assert_eq!(
            format!("{value}|{value:<20}|{value:>120}|"),
            format!("{text}|{text:<20}|{text:>120}|")
        );
    }
    assert_eq!(
        [Revocation::Revoked, Revocation::NotFound].map(|it| it.to_string()),
        ["revoked", "not found"]
    );
    assert_eq!(
        [Verification::Live, Verification::Revoked].map(|it| it.to_string()),
        ["live", "revoked"]
    );
}

#[test]
fn plan_shows_and_serializes_what_would_be_sent() {
    let translation = ENDPOINTS
        .translate(&ScopeRequest::uploader().prefers(Permission::UploadsDelegate))
        .unwrap();
    let plan = Plan::new(translation, Method::POST, "/v3/api_keys", r#"{"a":1}"#.to_owned());
    assert_eq!(
        plan.to_string(),
        "POST /v3/api_keys at pinata (endpoints)\n  granted  pins:add-file\n  \
         missing  uploads:delegate\n  extra    nothing\n  sends    {\"a\":1}"
    );
    assert_eq!(
        serde_json::to_value(&plan).unwrap(),
        json!({
            "provider": "pinata",
            "table": "endpoints",
            "method": "POST",
            "path": "/v3/api_keys",
            "grants": ["pinning.pinFileToIPFS"],
            "granted": ["pins:add-file"],
            "missing": ["uploads:delegate"],
            "extra": [],
            "body": r#"{"a":1}"#,
        })
    );
    assert_eq!((plan.translation(), plan.body()), (&translation, r#"{"a":1}"#));
    assert_eq!((plan.method(), plan.path()), (&Method::POST, "/v3/api_keys"));
    let (method, path, body) = plan.into_parts();
    assert_eq!((method, &*path, &*body), (Method::POST, "/v3/api_keys", r#"{"a":1}"#));
}

#[test]
fn record_serializes_what_is_known() {
    let created_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_743_465_600);
    let native = vec!["org:groups:read".to_owned(), "org:telepathy".to_owned()];
    let reading = RESOURCES.read(native.iter().map(String::as_str));
    let known = record(reading.with_restriction(Restriction::new("in group", "g1")))
        .with_native_grants(Some(&RESOURCES), native)
        .with_uses(Some(3), NonZeroU64::new(9))
        .with_revoked(Some(false))
        .with_created_at(Some(created_at))
        .with_expires_at(Some(created_at + Duration::from_secs(3600)));
    assert_eq!(
        serde_json::to_value(&known).unwrap(),
        json!({
            "key_ref": "v1:pinata:0d2a:7",
            "name": "dashboard",
            "table": "resources",
            "scope": ["groups:read"],
            "native_grants": ["org:groups:read", "org:telepathy"],
            "unknown_grants": ["org:telepathy"],
            "partial_grants": [],
            "restrictions": ["in group g1"],
            "uses": 3,
            "max_uses": 9,
            "revoked": false,
            "created_at": "2025-04-01T00:00:00Z",
            "expires_at": "2025-04-01T01:00:00Z",
        })
    );
    assert_eq!(
        serde_json::to_value(record(Reading::admin())).unwrap(),
        json!({
            "key_ref": "v1:pinata:0d2a:7",
            "name": "dashboard",
            "table": null,
            "scope": "admin",
            "native_grants": [],
            "unknown_grants": [],
            "partial_grants": [],
            "restrictions": [],
            "uses": null,
            "max_uses": null,
            "revoked": null,
            "created_at": null,
            "expires_at": null,
        })
    );
}

#[test]
fn discrepancies_serialize_by_name() {
    let noticed = Discrepancies::default().with_repeated_rows(1).with_wrong_total(Some((3, 2)));
    assert_eq!(
        serde_json::to_value(noticed).unwrap(),
        json!({
            "repeated_rows": 1,
            "repeated_page": false,
            "moved_rows": false,
            "unreadable_rows": 0,
            "changed_total": null,
            "wrong_total": [3, 2],
        })
    );
}

#[test]
fn request_of_a_record_grants_the_same_scope() {
    let tables: [&'static PermissionTable; 2] = [&RESOURCES, &ENDPOINTS];
    for table in tables {
        for grant in table.grants() {
            let record = record(table.read([grant.name()]));
            let request = record.to_request().unwrap();
            assert_eq!(request, ScopeRequest::needs(grant.opens()));
            let granted = table.translate(&request).unwrap().granted();
            assert_eq!(granted, record.scope(), "{}", grant.name());
        }
    }
}

#[test]
fn request_of_a_record_without_a_clear_scope_is_refused() {
    let refused = |reading| record(reading).to_request().unwrap_err();
    let admin = refused(Reading::admin());
    assert_eq!(admin.scope_error(), Some(&ScopeError::AdminFromScope));
    let nothing = refused(RESOURCES.read([]));
    assert_eq!(nothing.scope_error(), Some(&ScopeError::Empty));
    let unknown = refused(RESOURCES.read(["org:files:read", "org:telepathy"]));
    assert_eq!(
        format!("{unknown:#}"),
        "the key has an unknown grant \"org:telepathy\"\n  \
         name what the new key must be able to do in needs"
    );
    let in_group = Restriction::new("in group", "g1");
    let confined = refused(RESOURCES.read(["org:files:read"]).with_restriction(in_group));
    assert_eq!(
        format!("{confined:#}"),
        "the key is confined (in group g1), and no request can be\n  \
         name what the new key must be able to do in needs; it will not be confined"
    );
    for error in [admin, nothing, unknown, confined] {
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
    }
}
