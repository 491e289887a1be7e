//! Profiles refuse what the provider does not support, before anything is sent.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::{Duration, SystemTime};

use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, Expiry, Filters, Grant, IssuerProfile, KeyName, KeyQuery,
    KeyRef, KeyRequest, NameChars, PairHeaders, Permission, PermissionTable, ScopeRequest,
    SecretShape,
};

static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);

fn request(name: &str) -> KeyRequest {
    KeyRequest::new(name, ScopeRequest::reader()).unwrap()
}

#[test]
fn new_profile_supports_nothing_optional() {
    let profile = IssuerProfile::new(&TABLE);
    assert_eq!((profile.provider(), profile.table()), ("example", &TABLE));
    assert!(!profile.supports_max_uses() && !profile.revokes_by_id());
    assert!(!profile.supports_expiry() && profile.supports_admin_keys());
    assert!(profile.max_expiry().is_none() && profile.name_chars().is_none());
    assert_eq!(profile.filters(), Filters::NONE);
    assert_eq!((profile.max_name_chars(), profile.page_size()), (None, None));
    assert_eq!(profile.propagation(), Duration::ZERO);
    assert!(profile.reserved_names().is_empty());
}

#[test]
fn limit_on_uses_is_refused_if_unsupported() {
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
fn name_too_long_for_the_provider_is_refused() {
    let profile = IssuerProfile::new(&TABLE).with_max_name_chars(NonZeroUsize::new(4).unwrap());
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
fn expiry_is_refused_if_unsupported() {
    let expiring = request("user").with_expiry(Duration::from_secs(3600));
    for (profile, step) in [
        (IssuerProfile::new(&TABLE), "omit the expiry, and revoke the key yourself"),
        (IssuerProfile::new(&TABLE).with_expiry_hint("limit its uses"), "limit its uses"),
        (
            IssuerProfile::new(&TABLE)
                .with_max_expiry(Duration::from_secs(7200))
                .with_expiry_supported(false)
                .with_expiry_hint("limit its uses"),
            "limit its uses",
        ),
    ] {
        let error = profile.check_request(&expiring).unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
        assert_eq!(
            format!("{error:#}"),
            format!(
                "cannot issue key \"user\" at example: the provider does not support setting when \
                 a key expires; nothing was sent\n  {step}"
            )
        );
    }
}

#[test]
fn expiry_that_no_key_can_have_is_refused_with_the_reason() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let (second, day) = (Duration::from_secs(1), Duration::from_secs(24 * 3600));
    let any = IssuerProfile::new(&TABLE).with_expiry_supported(true);
    let most = IssuerProfile::new(&TABLE).with_max_expiry(day);
    let days = most.clone().with_max_expiry(2 * day).with_expiry_unit(day);
    let longer = "set a longer expiry, or leave it out";
    let sooner = "set an earlier expiry, or leave it out";
    let future = "set a time in the future, and check the clock of this machine";
    let past = "the expiry is in the past: 2023-11-14T22:13:20Z";
    for (profile, expiry, fault, step) in [
        (&any, Expiry::after(Duration::ZERO), "the expiry is zero", longer),
        (&most, Expiry::after(Duration::ZERO), "the expiry is zero", longer),
        (&any, Expiry::at(now), past, future),
        (&most, Expiry::at(now), past, future),
        (&any, Expiry::at(SystemTime::UNIX_EPOCH - day), "before 1970", future),
        (&any, Expiry::after(Duration::MAX), "the expiry is after the year 9999", sooner),
        (&any, Expiry::at(now + 10_000 * 366 * day), "the expiry is after the year 9999", sooner),
        (
            &most,
            Expiry::after(day + Duration::from_nanos(1)),
            "the expiry of 1day 1s exceeds the limit of 1day",
            "set an expiry of at most 1day",
        ),
        (
            &most,
            Expiry::at(now + 2 * day),
            "the expiry of 2days exceeds the limit of 1day",
            "set an expiry of at most 1day",
        ),
        (&most, Expiry::after(Duration::MAX), "exceeds the limit of 1day", "at most 1day"),
        (&any, Expiry::after(day / 100_000), "less than the shortest, 1s", "at least 1s"),
        (
            &days,
            Expiry::after(Duration::from_secs(24 * 3600 - 1)),
            "the expiry of 23h 59m 59s is less than the shortest, 1day",
            "set an expiry of at least 1day",
        ),
    ] {
        let expiring = request("user").with_expiry(expiry);
        let error = profile.check_request_by(&expiring, || now).unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert!(error.to_string().contains(fault), "{expiry:?}: {error}");
        let next = error.next_step().unwrap().to_string();
        assert!(next.contains(step), "{expiry:?}: {next}");
    }
    for (profile, expiry) in [
        (&any, Expiry::after(second)),
        (&any, Expiry::at(now + second)),
        (&any, Expiry::after(1000 * 366 * day)),
        (&most, Expiry::after(day)),
        (&most, Expiry::at(now + day)),
    ] {
        let expiring = request("user").with_expiry(expiry);
        assert!(profile.check_request_by(&expiring, || now).is_ok(), "{expiry:?}");
    }
    // The clock of this machine is the one that counts.
    let error = any.check_request(&request("user").with_expiry(now)).unwrap_err();
    assert!(error.to_string().contains(past), "{error}");
}

/// Time passes between the check and the request. It must not turn an expiry into none.
#[test]
fn expiry_in_units_is_rounded_down_and_never_none() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let (second, day) = (Duration::from_secs(1), Duration::from_secs(24 * 3600));
    for (expiry, unit, units) in [
        (Expiry::after(36 * Duration::from_secs(3600)), day, 1),
        (Expiry::after(2 * day), day, 2),
        (Expiry::at(now + Duration::from_millis(2_999)), second, 2),
        (Expiry::at(now + Duration::from_millis(1)), second, 1),
        (Expiry::at(now), second, 1),
        (Expiry::at(now - second), second, 1),
        (Expiry::after(day), Duration::ZERO, 1),
        (Expiry::after(Duration::MAX), Duration::from_nanos(1), u64::MAX),
    ] {
        assert_eq!(expiry.units(unit, now), units, "{expiry:?} in {unit:?}");
    }
}

#[test]
fn admin_key_is_refused_if_the_provider_has_none() {
    let admin = KeyRequest::new("user", ScopeRequest::admin()).unwrap();
    let profile = IssuerProfile::new(&TABLE);
    assert!(profile.check_request(&admin).is_ok());
    let error = profile.with_admin_keys_supported(false).check_request(&admin).unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
    assert_eq!(
        format!("{error:#}"),
        "cannot issue key \"user\" at example: the provider does not support admin keys; nothing \
         was sent\n  name what the key must be able to do, such as pins:list, in needs"
    );
}

#[test]
fn character_outside_the_set_of_names_is_refused() {
    let chars = NameChars::new("letters, digits and -", |c| c.is_ascii_alphanumeric() || c == '-');
    assert_eq!(format!("{chars:?}"), "NameChars(\"letters, digits and -\")");
    let profile = IssuerProfile::new(&TABLE).with_name_chars(chars);
    for (name, fault) in [
        ("user 42", "' ' at position 5"),
        ("äuser_", "'ä' at position 1"),
        ("user's", "'\\'' at position 5"),
    ] {
        let error = profile.check_request(&request(name)).unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        let line =
            format!("the name has {fault}, and the provider allows only letters, digits and -");
        assert!(error.to_string().contains(&line), "{error}");
        let step = error.next_step().unwrap().to_string();
        assert_eq!(step, "give the key a name of letters, digits and -");
    }
    // A joiner is part of some words, and nobody sees it.
    let letters = NameChars::new("letters", char::is_alphabetic);
    let profile = profile.with_name_chars(letters);
    let error = profile.check_request(&request("می\u{200c}خواهم")).unwrap_err();
    assert!(error.to_string().contains("'\\u{200c}' at position 3"), "{error}");
}

#[test]
fn unique_name_is_allowed_by_a_small_set_of_characters() {
    let small = NameChars::new("lower-case letters, digits and -", |c| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
    });
    let profile = IssuerProfile::new(&TABLE).with_name_chars(small);
    for _ in 0..100 {
        let name = KeyName::unique("user-42").unwrap();
        let unique = KeyRequest::new(name, ScopeRequest::reader()).unwrap();
        assert!(profile.check_request(&unique).is_ok(), "{unique:?}");
    }
}

#[test]
fn reserved_name_is_refused() {
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
fn inexpressible_scope_is_refused() {
    let uploader = KeyRequest::new("user", ScopeRequest::uploader()).unwrap();
    let error = IssuerProfile::new(&TABLE).check_request(&uploader).unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Inexpressible, Effect::NotSent));
    assert!(error.scope_error().is_some());
}

#[test]
fn filter_is_refused_if_unsupported() {
    // A query, what it asks for, and all filters but that one.
    let no_name = Filters::ALL.with_name(false);
    let no_revoked = Filters::ALL.with_revoked(false);
    let no_uses = Filters::ALL.with_uses(false);
    let name = ("filtering keys by name", "compare record.name()", no_name);
    let revocation = ("filtering keys by revocation", "compare record.is_revoked()", no_revoked);
    let uses = ("filtering keys by uses", "compare record.uses() with record.max_uses()", no_uses);
    let cases = [
        (KeyQuery::new().with_name_containing("u"), name),
        (KeyQuery::new().with_revoked(true), revocation),
        (KeyQuery::new().with_revoked(false), revocation),
        (KeyQuery::new().with_limited_use(false), uses),
        (KeyQuery::new().with_exhausted(true), uses),
    ];
    for (query, (what, instead, lacking)) in cases {
        let profile = |filters| IssuerProfile::new(&TABLE).with_filters(filters);
        for filters in [Filters::NONE, lacking] {
            let error = profile(filters).check_query(&query).unwrap_err();
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
            let line =
                format!("cannot list the keys at example: the provider does not support {what}");
            assert_eq!(error.to_string(), format!("{line}; nothing was sent"));
            let step = error.next_step().unwrap().to_string();
            assert!(step.ends_with(instead), "{step}");
        }
        assert!(profile(Filters::ALL).check_query(&query).is_ok());
    }
    assert!(IssuerProfile::new(&TABLE).check_query(&KeyQuery::new()).is_ok());
}

#[test]
fn query_for_exhausted_keys_selects_limited_ones() {
    let query = KeyQuery::new().with_exhausted(false);
    assert_eq!((query.exhausted(), query.limited_use()), (Some(false), Some(true)));
    let limited = query.clone().with_limited_use(true);
    assert_eq!(limited.exhausted(), Some(false));
    let unlimited = query.with_limited_use(false);
    assert_eq!((unlimited.exhausted(), unlimited.limited_use()), (None, Some(false)));
}

#[test]
fn jwt_is_no_name_to_filter_by() {
    let query = KeyQuery::new().with_name_containing("of eyJhbGciOiJub25lIn0.e30.");
    let profile = IssuerProfile::new(&TABLE).with_filters(Filters::ALL);
    let error = profile.check_query(&query).unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "cannot list the keys at example: the name to filter by contains a JWT; nothing was sent\n  \
         filter by the name of a key; a JWT is a secret"
    );
}

#[test]
fn secret_instead_of_a_public_value_is_refused() {
    const HEADERS: PairHeaders = PairHeaders::new("x-key", "x-secret");
    const BASE_64: &str = "c2FtcGxlLXNlY3JldC1zYW1wbGUtc2VjcmV0LXMxMjM=";
    let hex = "0d2A".repeat(16);
    let key_ref = |key: &str| KeyRef::new("example", key).unwrap();
    let of_id = |id: &str| key_ref("c2FtcGxlLWtleQ==").with_id(id).unwrap();
    let bearer = |token: &str| Credential::bearer("example", token).unwrap();
    let pair = |key: &str| Credential::key_pair("example", HEADERS, key, "s3cret").unwrap();
    for (shape, secret, form) in [
        (SecretShape::hex(64), &*hex, "64 hex digits"),
        (SecretShape::base64(32), BASE_64, "32 bytes in base 64"),
        (SecretShape::base64(32), BASE_64.trim_end_matches('='), "32 bytes in base 64"),
    ] {
        let refused = |result: Result<(), Error>, what: &str| {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
            let text = format!("{error:#} {error:?}");
            assert!(text.contains(&format!("the {what} has the form of an API secret ({form})")));
            assert!(!text.contains(secret), "{text}");
        };
        let profile = IssuerProfile::new(&TABLE);
        let knowing = profile.clone().with_secret_shape(shape);
        assert_eq!((profile.secret_shape(), knowing.secret_shape()), (None, Some(shape)));
        refused(knowing.check_credential(&pair(secret)), "API key of the credential");
        for text in [
            secret,
            &format!(" {secret}\n"),
            &format!("SECRET='{secret}'"),
            &format!("%20{secret}"),
        ] {
            refused(knowing.check_key_ref(&key_ref(text)), "API key of the key reference");
            refused(knowing.check_key_ref(&of_id(text)), "id of the key reference");
            assert!(profile.check_key_ref(&key_ref(text)).is_ok());
        }
        if form.contains("hex") {
            let text = format!("api_secret-{secret}");
            refused(knowing.check_key_ref(&key_ref(&text)), "API key of the key reference");
        }
        let public = [&secret[..20], "a-key_of.tomorrow", "0b6f8f3e-7c55-4a0c-9f43-5d2f6f1f3a10"];
        for text in public {
            assert!(knowing.check_key_ref(&of_id(text)).is_ok());
            assert!(knowing.check_key_ref(&key_ref(text)).is_ok());
            assert!(knowing.check_credential(&pair(text)).is_ok());
        }
        assert!(knowing.check_key_ref(&key_ref(&format!("0{secret}"))).is_ok());
        // A provider's secrets can be its tokens.
        assert!(knowing.check_credential(&bearer(secret)).is_ok());
    }
}
