//! The laws of closing, and the texts of scopes.

use pinning_keys_core::{KeyScope, Permission, PermissionSet};
use pinning_keys_testkit::arbitrary;
use proptest::prelude::*;

use arbitrary::{permission, set};

fn closed(set: PermissionSet) -> PermissionSet {
    KeyScope::of(set).permissions().expect("a set is not an admin key")
}

proptest! {
    #[test]
    fn closing_adds_only_what_is_implied(a in set()) {
        prop_assert!(a.is_subset(closed(a)));
        for added in closed(a) - a {
            prop_assert!(a.iter().any(|member| member.implies().contains(added)), "{}", added);
        }
    }

    #[test]
    fn closing_adds_all_that_is_implied(a in set()) {
        for member in closed(a) {
            prop_assert!(member.implies().is_subset(closed(a)), "{}", member);
        }
    }

    #[test]
    fn closing_twice_is_closing_once(a in set()) {
        prop_assert_eq!(closed(closed(a)), closed(a));
    }

    #[test]
    fn closing_keeps_order_and_unions(a in set(), b in set()) {
        prop_assert!(closed(a).is_subset(closed(a | b)));
        prop_assert_eq!(closed(a | b), closed(a) | closed(b));
    }

    #[test]
    fn a_set_is_never_an_admin_key(a in set(), p in permission()) {
        let scope = KeyScope::of(a);
        prop_assert!(!scope.is_admin());
        prop_assert_ne!(scope, KeyScope::admin());
        prop_assert_eq!(scope.is_nothing(), a.is_empty());
        prop_assert_eq!(scope.allows(p), closed(a).contains(p));
        prop_assert_eq!(scope, KeyScope::from(a));
    }

    #[test]
    fn a_scope_survives_its_text_and_json(a in set()) {
        let scope = KeyScope::of(a);
        prop_assert_eq!(scope.to_string().parse(), Ok(scope));
        let json = serde_json::to_string(&scope).unwrap();
        prop_assert_eq!(serde_json::from_str::<KeyScope>(&json).unwrap(), scope);
    }
}

#[test]
fn the_fullest_set_is_no_admin_key() {
    let everything = KeyScope::of(PermissionSet::ALL);
    assert!(!everything.is_admin());
    assert_eq!(everything.permissions(), Some(PermissionSet::ALL));
    let text = everything.to_string();
    assert!(!text.parse::<KeyScope>().unwrap().is_admin());
}

#[test]
fn an_admin_scope_allows_everything_and_is_no_list() {
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
fn a_scope_of_nothing_has_a_text_of_its_own() {
    let nothing = KeyScope::nothing();
    assert!(nothing.is_nothing());
    assert_eq!(nothing, KeyScope::of(PermissionSet::EMPTY));
    assert_eq!(nothing.to_string(), "nothing");
    assert_eq!("nothing".parse(), Ok(nothing));
    assert_eq!(serde_json::to_string(&nothing).unwrap(), "[]");
}

#[test]
fn what_is_implied_comes_with_every_way_of_reading_a_scope() {
    let both = PermissionSet::of(&[Permission::GroupsRead, Permission::GroupsWrite]);
    let read: [KeyScope; 2] =
        ["groups:write".parse().unwrap(), serde_json::from_str(r#"["groups:write"]"#).unwrap()];
    for scope in read {
        assert_eq!(scope.permissions(), Some(both));
    }
}

#[test]
fn a_list_is_separated_by_blanks_commas_or_both() {
    for text in ["pins:list pins:remove", "pins:list,pins:remove", " pins:remove , pins:list "] {
        assert_eq!(text.parse::<KeyScope>().unwrap().to_string(), "pins:list pins:remove");
    }
}

#[test]
fn texts_that_name_no_scope_are_refused() {
    for text in ["", "  ", ",", "pins:lst", "admin pins:list", "nothing pins:list", "Admin", "all"]
    {
        assert!(text.parse::<KeyScope>().is_err(), "{text:?}");
    }
    let error = "pins:list, pins:lst".parse::<KeyScope>().unwrap_err();
    assert_eq!(error.suggestion(), Some("pins:list"));
}

#[test]
fn json_that_names_no_scope_is_refused_and_says_why() {
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
