//! Scopes are closed under implication, apart from admin, and read back.

use pinning_keys_core::{KeyScope, Permission, PermissionSet};
use pinning_keys_testkit::arbitrary;
use proptest::prelude::*;

use arbitrary::{permission, set};

fn closed(set: PermissionSet) -> PermissionSet {
    KeyScope::of(set).permissions().expect("a set is not an admin key")
}

proptest! {
    #[test]
    fn scope_of_a_set_adds_exactly_what_is_implied(a in set()) {
        let implied = a.iter().fold(a, |all, member| all | member.implies());
        prop_assert_eq!(closed(a), implied);
        prop_assert_eq!(closed(implied), implied, "implied permissions imply nothing more");
    }

    #[test]
    fn scope_of_a_set_is_never_admin(a in set(), b in set(), p in permission()) {
        let scope = KeyScope::of(a);
        prop_assert!(!scope.is_admin());
        prop_assert_ne!(scope, KeyScope::admin());
        prop_assert_eq!(scope.is_nothing(), a.is_empty());
        prop_assert_eq!(scope.allows(p), closed(a).contains(p));
        prop_assert_eq!(scope.and(KeyScope::from(b)), KeyScope::of(a | b));
        prop_assert!(scope.and(KeyScope::admin()).is_admin());
        prop_assert!(KeyScope::admin().and(scope).is_admin());
    }

    #[test]
    fn scope_survives_its_text_and_json(a in set()) {
        let scope = KeyScope::of(a);
        prop_assert_eq!(scope.to_string().parse(), Ok(scope));
        let json = serde_json::to_string(&scope).unwrap();
        prop_assert_eq!(serde_json::from_str::<KeyScope>(&json).unwrap(), scope);
    }
}

#[test]
fn admin_allows_everything_and_is_no_list() {
    let admin = KeyScope::admin();
    assert!(Permission::ALL.iter().all(|permission| admin.allows(*permission)));
    assert_eq!(admin.permissions(), None);
    assert!(!admin.is_nothing());
    assert_eq!(admin.to_string(), "admin");
    assert_eq!("admin".parse(), Ok(admin));
    assert_eq!(serde_json::to_string(&admin).unwrap(), r#""admin""#);
    assert!(serde_json::from_str::<KeyScope>(r#""admin""#).unwrap().is_admin());
}

#[test]
fn empty_scope_is_called_nothing() {
    let nothing = KeyScope::nothing();
    assert!(nothing.is_nothing());
    assert_eq!(nothing, KeyScope::of(PermissionSet::EMPTY));
    assert_eq!(format!("{nothing} {nothing:?}"), "nothing KeyScope(nothing)");
    assert_eq!("nothing".parse(), Ok(nothing));
    assert_eq!(serde_json::to_string(&nothing).unwrap(), "[]");
}

#[test]
fn scope_that_is_read_includes_what_is_implied() {
    let both = PermissionSet::of(&[Permission::GroupsRead, Permission::GroupsWrite]);
    let read: [KeyScope; 2] =
        ["groups:write".parse().unwrap(), serde_json::from_str(r#"["groups:write"]"#).unwrap()];
    for scope in read {
        assert_eq!(scope.permissions(), Some(both));
    }
}

#[test]
fn scope_text_is_separated_by_spaces_commas_or_both() {
    for text in ["pins:list pins:remove", "pins:list,pins:remove", " pins:remove , pins:list "] {
        assert_eq!(text.parse::<KeyScope>().unwrap().to_string(), "pins:list pins:remove");
    }
    for text in ["", "  ", ",", "pins:lst", "admin pins:list", "nothing pins:list", "Admin", "all"]
    {
        assert!(text.parse::<KeyScope>().is_err(), "{text:?}");
    }
    let error = "pins:list, pins:lst".parse::<KeyScope>().unwrap_err();
    assert_eq!(error.suggestion(), Some("pins:list"));
}

#[test]
fn json_without_a_scope_is_refused_with_the_reason() {
    let cases = [
        (r#""nothing""#, r#"expected "admin" or a list of permissions"#),
        (r#""pins:list""#, r#"expected "admin" or a list of permissions"#),
        ("true", r#"expected "admin" or a list of permissions"#),
        ("null", r#"expected "admin" or a list of permissions"#),
        (r#"["admin"]"#, r#"unknown permission "admin""#),
        (r#"["pins:lst"]"#, r#"did you mean "pins:list"?"#),
    ];
    for (json, reason) in cases {
        let error = serde_json::from_str::<KeyScope>(json).unwrap_err();
        assert!(error.to_string().contains(reason), "{json}: {error}");
    }
}
