//! A request that is read never asks for an admin key, nor for a permission with which a key could
//! issue wider ones.

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use pinning_keys_core::{Expiry, KeyRequest, Permission, PermissionSet, ScopeRequest};
use pinning_keys_testkit::arbitrary;
use proptest::prelude::*;

fn scope(json: &str) -> Result<ScopeRequest, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn scope_request_reads_each_member() {
    let read = scope(
        r#"{ "needs": ["pins:add-file"], "prefers": ["pins:list"],
             "tolerates": ["pins:remove", "pinata:org:files:write"] }"#,
    );
    let expected = ScopeRequest::uploader()
        .prefers(Permission::PinsList)
        .tolerates(Permission::PinsRemove)
        .tolerates("pinata:org:files:write");
    assert_eq!(read.unwrap(), expected);
}

#[test]
fn native_grants_are_read_beside_what_is_needed_or_alone() {
    let alone = ScopeRequest::needs_native("b2:readFiles");
    assert_eq!(scope(r#"{ "needs_native": ["b2:readFiles"] }"#).unwrap(), alone);
    assert_eq!(serde_json::to_string(&alone).unwrap(), r#"{"needs_native":["b2:readFiles"]}"#);
    let beside = scope(r#"{ "preset": "uploader", "needs_native": ["b2:readFiles"] }"#);
    assert_eq!(beside.unwrap(), ScopeRequest::uploader().and_needs_native("b2:readFiles"));
}

#[test]
fn preset_takes_tolerates_and_nothing_else() {
    let read = |name: &str| scope(&format!(r#"{{ "preset": "{name}", "tolerates": ["a:b"] }}"#));
    for (name, preset) in [
        ("reader", ScopeRequest::reader()),
        ("uploader", ScopeRequest::uploader()),
        ("pinner", ScopeRequest::pinner()),
        ("manager", ScopeRequest::manager()),
    ] {
        assert_eq!(read(name).unwrap(), preset.tolerates("a:b"));
    }
    for other in [r#""needs": ["pins:list"]"#, r#""prefers": ["pins:list"]"#, r#""needs": []"#] {
        let error = scope(&format!(r#"{{ "preset": "reader", {other} }}"#));
        assert!(error.unwrap_err().contains("set one or the other"));
    }
}

#[test]
fn faulty_request_is_refused_with_the_reason() {
    for (json, reason) in [
        (r#"{ "need": ["pins:list"] }"#, r#"unknown member "need"; did you mean "needs"?"#),
        (r#"{ "name": "x" }"#, "expected one of needs, needs_native, prefers, tolerates, preset"),
        (r#"{ "admin": true }"#, "a request that is read cannot ask for an admin key"),
        (r#""admin""#, "expected a scope request"),
        (r#"{ "needs": ["keys:manage"] }"#, "a request that is read cannot need keys:manage"),
        (r#"{ "needs": ["pins:list"], "prefers": ["keys:manage"] }"#, "keys:manage cannot be"),
        (r#"{ "preset": "admin" }"#, "expected one of reader, uploader, pinner, manager"),
        (r#"{ "needs": ["pins:list"], "tolerates": ["x"] }"#, r#"unknown permission "x""#),
        (r#"{ "preset": "reader", "tolerates": ["keys:manage"] }"#, "keys:manage cannot be"),
        (r#"{ "needs": ["pins:lst"] }"#, r#"did you mean "pins:list"?"#),
        (r#"{ "preset": "uplaoder" }"#, r#"did you mean "uploader"?"#),
        (r#"{ "needs": ["pins:list"], "tolerates": ["pins:remov"] }"#, r#"mean "pins:remove"?"#),
        (r#"{ "needs": ["pins:list"], "needs": ["pins:remove"] }"#, "duplicate field `needs`"),
        (r#"{ "needs_native": ["pins:list"] }"#, "is not a grant in the form provider:grant"),
        ("{}", "needs nothing"),
    ] {
        let error = scope(json).unwrap_err();
        assert!(error.contains(reason), "{json}: {error}");
    }
}

#[test]
fn key_request_reads_its_own_members() {
    let json = r#"{ "name": "ci", "preset": "uploader", "max_uses": 3 }"#;
    let expected = KeyRequest::new("ci", ScopeRequest::uploader())
        .unwrap()
        .with_max_uses(NonZeroU64::new(3).unwrap());
    assert_eq!(serde_json::from_str::<KeyRequest>(json).unwrap(), expected);
    for (json, reason) in [
        (r#"{ "preset": "reader" }"#, "missing field `name`"),
        (r#"{ "name": "", "preset": "reader" }"#, "name is empty"),
        (r#"{ "name": "x", "preset": "reader", "max_uses": 0 }"#, "nonzero"),
        (r#"{ "name": "x", "preset": "reader", "maxuses": 1 }"#, r#"did you mean "max_uses"?"#),
    ] {
        let error = serde_json::from_str::<KeyRequest>(json).unwrap_err().to_string();
        assert!(error.contains(reason), "{json}: {error}");
    }
}

#[test]
fn key_request_reads_an_expiry_as_a_duration_or_a_time() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    for (text, expiry) in [
        ("24h", Expiry::after(Duration::from_secs(24 * 3600))),
        ("90m", Expiry::after(Duration::from_secs(90 * 60))),
        ("2027-01-15T08:00:00Z", Expiry::at(time)),
        ("2027-01-15T08:00:00.5Z", Expiry::at(time + Duration::from_millis(500))),
    ] {
        let json = format!(r#"{{ "name": "ci", "preset": "uploader", "expiry": "{text}" }}"#);
        let read = serde_json::from_str::<KeyRequest>(&json).unwrap();
        assert_eq!(read.expiry(), Some(expiry), "{text}");
    }
    for text in ["tomorrow", "24", "-1h", "2027-01-15", "2027-01-15T08:00:00+01:00", ""] {
        let json = format!(r#"{{ "name": "ci", "preset": "uploader", "expiry": "{text}" }}"#);
        let error = serde_json::from_str::<KeyRequest>(&json).unwrap_err().to_string();
        assert!(error.starts_with("the expiry is neither a duration such as \"24h\""), "{error}");
        assert!(text.is_empty() || !error.contains(&format!("\"{text}\"")), "{error}");
    }
}

#[test]
fn expiry_outside_the_calendar_is_not_written() {
    let day = Duration::from_secs(24 * 3600);
    for time in [SystemTime::UNIX_EPOCH - day, SystemTime::UNIX_EPOCH + 10_000 * 366 * day] {
        let request = KeyRequest::new("x", ScopeRequest::reader()).unwrap().with_expiry(time);
        let error = serde_json::to_string(&request).unwrap_err();
        assert_eq!(error.to_string(), "the expiry is before 1970 or after 9999");
        assert_eq!(Expiry::at(time).to_string(), "a time before 1970 or after 9999");
    }
}

#[test]
fn admin_request_is_written_and_does_not_read_back() {
    let json = serde_json::to_string(&ScopeRequest::admin()).unwrap();
    assert_eq!(json, r#"{"admin":true}"#);
    assert!(scope(&json).is_err());
}

fn expiry() -> impl Strategy<Value = Expiry> {
    let time = |nanos| Duration::from_nanos(nanos);
    prop_oneof![
        any::<u64>().prop_map(move |nanos| Expiry::after(time(nanos))),
        any::<u64>().prop_map(move |nanos| Expiry::at(SystemTime::UNIX_EPOCH + time(nanos))),
    ]
}

proptest! {
    #[test]
    fn request_reads_back_unless_it_escalates(
        needs in arbitrary::set(), prefers in arbitrary::permission(), uses in proptest::option::of(1_u64..),
        expiry in proptest::option::of(expiry()),
    ) {
        let scope = ScopeRequest::needs(needs).prefers(PermissionSet::from(prefers) - PermissionSet::ESCALATING)
            .tolerates("pinata:org:files:write");
        prop_assume!(!needs.is_empty());
        let request = KeyRequest::new("x", scope).unwrap();
        let request = match uses.and_then(NonZeroU64::new) {
            Some(uses) => request.with_max_uses(uses),
            None => request,
        };
        let request = match expiry {
            Some(expiry) => request.with_expiry(expiry),
            None => request,
        };
        let read = serde_json::from_str::<KeyRequest>(&serde_json::to_string(&request).unwrap());
        if needs.is_disjoint(PermissionSet::ESCALATING) {
            let read = read.unwrap();
            prop_assert_eq!(read.scope().to_string(), request.scope().to_string());
            prop_assert_eq!((read.name(), read.max_uses()), (request.name(), request.max_uses()));
            prop_assert_eq!(read.expiry(), request.expiry());
        } else {
            prop_assert!(read.is_err());
        }
    }
}
