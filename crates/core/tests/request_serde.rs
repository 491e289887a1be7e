//! A request that is read never asks for an admin key, nor for a permission with which a key could
//! issue wider ones.

use std::num::NonZeroU64;

use pinning_keys_core::{KeyRequest, Permission, PermissionSet, ScopeRequest};
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
        (r#"{ "needs_native": ["pins:list"] }"#, "no grant with a provider's id in front"),
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
fn admin_request_is_written_and_does_not_read_back() {
    let json = serde_json::to_string(&ScopeRequest::admin()).unwrap();
    assert_eq!(json, r#"{"admin":true}"#);
    assert!(scope(&json).is_err());
}

proptest! {
    #[test]
    fn request_reads_back_unless_it_escalates(
        needs in arbitrary::set(), prefers in arbitrary::permission(), uses in proptest::option::of(1_u64..),
    ) {
        let scope = ScopeRequest::needs(needs).prefers(PermissionSet::from(prefers) - PermissionSet::ESCALATING)
            .tolerates("pinata:org:files:write");
        prop_assume!(!needs.is_empty());
        let request = KeyRequest::new("x", scope).unwrap();
        let request = match uses.and_then(NonZeroU64::new) {
            Some(uses) => request.with_max_uses(uses),
            None => request,
        };
        let read = serde_json::from_str::<KeyRequest>(&serde_json::to_string(&request).unwrap());
        if needs.is_disjoint(PermissionSet::ESCALATING) {
            let read = read.unwrap();
            prop_assert_eq!(read.scope().to_string(), request.scope().to_string());
            prop_assert_eq!((read.name(), read.max_uses()), (request.name(), request.max_uses()));
        } else {
            prop_assert!(read.is_err());
        }
    }
}
