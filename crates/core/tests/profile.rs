//! What a profile refuses before anything is sent, and how a plan is shown.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys_core::http::Method;
use pinning_keys_core::{
    Effect, ErrorKind, Filters, Grant, IssuerProfile, KeyQuery, KeyRequest, Permission,
    PermissionTable, Plan, ScopeRequest,
};

static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);

fn request(name: &str) -> KeyRequest {
    KeyRequest::new(name, ScopeRequest::reader()).unwrap()
}

#[test]
fn a_profile_offers_nothing_by_itself() {
    let profile = IssuerProfile::new(&TABLE);
    assert_eq!((profile.provider(), profile.table()), ("example", &TABLE));
    assert!(!profile.supports_max_uses());
    assert_eq!(profile.filters(), Filters::NONE);
    assert_eq!((profile.max_name_chars(), profile.page_size()), (None, None));
    assert_eq!(profile.propagation(), Duration::ZERO);
    assert!(!profile.revokes_by_id());
}

#[test]
fn a_profile_tells_what_it_was_given() {
    let profile = IssuerProfile::new(&TABLE)
        .with_filters(Filters::ALL)
        .with_page_size(10)
        .with_propagation(Duration::from_secs(60))
        .with_revoke_by_id(true);
    assert_eq!((profile.filters(), profile.page_size()), (Filters::ALL, Some(10)));
    assert_eq!(profile.propagation(), Duration::from_secs(60));
    assert!(profile.revokes_by_id());
}

#[test]
fn a_limit_on_uses_is_refused_where_it_is_not_offered() {
    let limited = request("user").with_max_uses(NonZeroU64::new(3).unwrap());
    let error = IssuerProfile::new(&TABLE).check_request(&limited).unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
    assert_eq!(error.provider(), Some("example"));
    assert_eq!(
        error.to_string(),
        "cannot issue key \"user\" at example: the provider does not support limiting a key's uses; \
         nothing was sent"
    );
    assert!(
        IssuerProfile::new(&TABLE).with_max_uses_supported(true).check_request(&limited).is_ok()
    );
}

#[test]
fn a_name_that_the_provider_does_not_take_is_refused() {
    let profile = IssuerProfile::new(&TABLE).with_max_name_chars(4);
    assert!(profile.check_request(&request("üser")).is_ok());
    let error = profile.check_request(&request("users")).unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
    assert_eq!(
        error.to_string(),
        "cannot issue key \"users\" at example: the name has 5 characters, and the limit is 4; \
         nothing was sent"
    );
}

#[test]
fn a_name_that_the_provider_keeps_for_itself_is_refused() {
    let profile = IssuerProfile::new(&TABLE).with_reserved_names(&["Default"]);
    assert_eq!(profile.reserved_names(), ["Default"]);
    assert!(profile.check_request(&request("default")).is_ok());
    let error = profile.check_request(&request("Default")).unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NameReserved, Effect::NotSent));
    assert_eq!(
        format!("{error:#}"),
        "cannot issue key \"Default\" at example: the provider reserves the name \"Default\"; \
         nothing was sent\n  give the key another name"
    );
}

#[test]
fn a_scope_that_the_table_cannot_express_is_refused() {
    let uploader = KeyRequest::new("user", ScopeRequest::uploader()).unwrap();
    let error = IssuerProfile::new(&TABLE).check_request(&uploader).unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Inexpressible, Effect::NotSent));
    assert!(error.scope_error().is_some());
}

#[test]
fn each_filter_is_refused_where_it_is_not_offered() {
    // A query, what it asks for, and the offer without just that.
    let no_name = Filters::ALL.with_name(false);
    let no_revoked = Filters::ALL.with_revoked(false);
    let no_uses = Filters::ALL.with_uses(false);
    let cases = [
        (KeyQuery::new().with_name_containing("u"), "filtering keys by name", no_name),
        (KeyQuery::new().with_revoked(true), "filtering keys by revocation", no_revoked),
        (KeyQuery::new().with_revoked(false), "filtering keys by revocation", no_revoked),
        (KeyQuery::new().with_limited_use(false), "filtering keys by uses", no_uses),
        (KeyQuery::new().with_exhausted(true), "filtering keys by uses", no_uses),
    ];
    for (query, what, lacking) in cases {
        let offers = |filters| IssuerProfile::new(&TABLE).with_filters(filters);
        for filters in [Filters::NONE, lacking] {
            let error = offers(filters).check_query(&query).unwrap_err();
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
            let told =
                format!("cannot list the keys at example: the provider does not support {what}");
            assert_eq!(error.to_string(), format!("{told}; nothing was sent"));
        }
        assert!(offers(Filters::ALL).check_query(&query).is_ok());
    }
    assert!(IssuerProfile::new(&TABLE).check_query(&KeyQuery::new()).is_ok());
}

#[test]
fn asking_for_exhausted_keys_asks_for_limited_ones() {
    let query = KeyQuery::new().with_exhausted(false);
    assert_eq!((query.exhausted(), query.limited_use()), (Some(false), Some(true)));
}

#[test]
fn a_plan_shows_all_of_itself() {
    let translation = TABLE.translate(&ScopeRequest::reader()).unwrap();
    let plan = Plan::new(translation, Method::POST, "/keys", r#"{"read":true}"#.to_owned());
    let lines = [
        "POST /keys at example (grants)",
        "  granted  pins:list",
        "  missing  pins:list-jobs",
        "  extra    nothing",
        r#"  sends    {"read":true}"#,
    ];
    assert_eq!(plan.to_string(), lines.join("\n"));
    assert_eq!(
        (plan.method(), plan.path(), plan.body()),
        (&Method::POST, "/keys", r#"{"read":true}"#)
    );
    let parts = (Method::POST, "/keys".into(), r#"{"read":true}"#.to_owned());
    assert_eq!(plan.into_parts(), parts);
}
