//! The laws of `PermissionSet`, and the texts of permissions and sets.

use pinning_keys_core::{Permission, PermissionSet};
use pinning_keys_testkit::arbitrary;
use proptest::prelude::*;

use arbitrary::{permission, set};

const NOTHING: PermissionSet = PermissionSet::EMPTY;
const ALL: PermissionSet = PermissionSet::ALL;

proptest! {
    #[test]
    fn union_and_intersection_are_lattice_operations(a in set(), b in set(), c in set()) {
        prop_assert_eq!(a | b, b | a);
        prop_assert_eq!(a & b, b & a);
        prop_assert_eq!((a | b) | c, a | (b | c));
        prop_assert_eq!((a & b) & c, a & (b & c));
        prop_assert_eq!(a | (a & b), a);
        prop_assert_eq!(a & (a | b), a);
    }

    #[test]
    fn union_and_intersection_distribute(a in set(), b in set(), c in set()) {
        prop_assert_eq!(a & (b | c), (a & b) | (a & c));
        prop_assert_eq!(a | (b & c), (a | b) & (a | c));
    }

    #[test]
    fn nothing_and_all_are_the_ends(a in set()) {
        prop_assert_eq!(a | NOTHING, a);
        prop_assert_eq!(a & NOTHING, NOTHING);
        prop_assert_eq!(a | ALL, ALL);
        prop_assert_eq!(a & ALL, a);
    }

    #[test]
    fn complements_follow_de_morgan(a in set(), b in set()) {
        prop_assert_eq!(ALL - (a | b), (ALL - a) & (ALL - b));
        prop_assert_eq!(ALL - (a & b), (ALL - a) | (ALL - b));
        prop_assert_eq!(ALL - (ALL - a), a);
    }

    #[test]
    fn a_difference_is_what_is_in_one_only(a in set(), b in set()) {
        prop_assert_eq!(a - b, a & (ALL - b));
        prop_assert_eq!((a - b) | (a & b), a);
        prop_assert!((a - b).is_disjoint(b));
        prop_assert_eq!((a - b).len() + (a & b).len(), a.len());
    }

    #[test]
    fn subset_and_disjoint_say_what_the_operations_give(a in set(), b in set()) {
        prop_assert_eq!(a.is_subset(b), a | b == b);
        prop_assert_eq!(a.is_subset(b), (a - b).is_empty());
        prop_assert_eq!(a.is_disjoint(b), (a & b).is_empty());
        prop_assert_eq!(a.is_subset(b) && b.is_subset(a), a == b);
    }

    #[test]
    fn members_are_what_contains_says(a in set(), b in set(), p in permission()) {
        prop_assert_eq!((a | b).contains(p), a.contains(p) || b.contains(p));
        prop_assert_eq!((a & b).contains(p), a.contains(p) && b.contains(p));
        prop_assert_eq!((a - b).contains(p), a.contains(p) && !b.contains(p));
        prop_assert_eq!(a.with(p), a | p);
        prop_assert_eq!(a.iter().any(|member| member == p), a.contains(p));
    }

    #[test]
    fn iterating_and_collecting_is_a_round_trip(a in set()) {
        let members: Vec<_> = a.iter().collect();
        prop_assert_eq!(members.len(), a.len());
        prop_assert_eq!(members.is_empty(), a.is_empty());
        prop_assert!(members.is_sorted(), "members come in the order of `ALL`");
        prop_assert_eq!(members.iter().copied().rev().collect::<PermissionSet>(), a);
        prop_assert_eq!(PermissionSet::from(&*members), a);
        let mut extended = NOTHING;
        extended.extend(members);
        prop_assert_eq!(extended, a);
    }

    #[test]
    fn a_set_survives_json(a in set()) {
        let json = serde_json::to_string(&a).unwrap();
        prop_assert_eq!(serde_json::from_str::<PermissionSet>(&json).unwrap(), a);
    }

    #[test]
    fn a_set_prints_its_members(a in set()) {
        let printed = a.to_string();
        let read = printed.split(' ').filter_map(|text| text.parse::<Permission>().ok());
        prop_assert_eq!(read.collect::<PermissionSet>(), a);
    }
}

#[test]
fn sets_do_not_hold_what_their_members_imply() {
    let write = PermissionSet::from(Permission::GroupsWrite);
    assert!(!write.contains(Permission::GroupsRead));
    assert_eq!(write.len(), 1);
}

#[test]
fn sets_have_texts_for_people_and_for_machines() {
    let set = PermissionSet::of(&[Permission::PinsRemove, Permission::PinsList]);
    assert_eq!(set.to_string(), "pins:list pins:remove");
    assert_eq!(format!("{set:?}"), r#"{"pins:list", "pins:remove"}"#);
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"["pins:list","pins:remove"]"#);
    assert_eq!(NOTHING.to_string(), "nothing");
    assert_eq!(serde_json::to_string(&NOTHING).unwrap(), "[]");
    assert_eq!(PermissionSet::default(), NOTHING);
}

#[test]
fn every_permission_survives_its_text_and_json() {
    for permission in Permission::ALL {
        let text = permission.as_str();
        assert_eq!(text.parse(), Ok(*permission));
        assert_eq!(permission.to_string(), text);
        assert_eq!(serde_json::to_string(permission).unwrap(), format!("{text:?}"));
        assert_eq!(serde_json::from_str::<Permission>(&format!("{text:?}")).unwrap(), *permission);
        assert_eq!(format!("{permission:>24}").trim_start(), text);
        assert_eq!(format!("{permission:>24}").len(), 24, "it can be aligned");
    }
}

#[test]
fn permission_texts_and_sentences_are_unique_and_well_formed() {
    let mut texts = std::collections::HashSet::new();
    let mut sentences = std::collections::HashSet::new();
    for permission in Permission::ALL {
        let text = permission.as_str();
        assert!(texts.insert(text), "{text} twice");
        assert!(sentences.insert(permission.description()), "{text} has another's sentence");
        let (area, action) = text.split_once(':').unwrap();
        for word in [area, action] {
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{text}");
        }
    }
    assert_eq!(texts.len(), ALL.len());
}

#[test]
fn an_unknown_permission_names_the_nearest_known_one() {
    let cases = [
        ("pins:addfile", Some("pins:add-file")),
        ("pin:list", Some("pins:list")),
        ("Pins:List", Some("pins:list")),
        ("group:write", Some("groups:write")),
        ("keys:manag", Some("keys:manage")),
        ("telepathy", None),
        ("", None),
    ];
    for (text, nearest) in cases {
        let error = text.parse::<Permission>().unwrap_err();
        assert_eq!(error.suggestion(), nearest, "{text}");
        assert!(
            error.to_string().starts_with(&format!("unknown permission {text:?}; ")),
            "{error}"
        );
        let json = serde_json::from_str::<Permission>(&format!("{text:?}")).unwrap_err();
        assert!(json.to_string().starts_with(&error.to_string()), "{json}");
    }
}

#[test]
fn an_unknown_permission_without_a_likeness_says_what_they_look_like() {
    let error = "telepathy".parse::<Permission>().unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"unknown permission "telepathy"; permissions look like "pins:list" or "groups:write""#
    );
}

#[test]
fn a_long_foreign_text_is_cut_in_the_error() {
    let error = "é".repeat(10_000).parse::<Permission>().unwrap_err();
    assert!(error.to_string().chars().count() < 200);
    assert_eq!(error.suggestion(), None);
}

#[test]
fn only_key_management_escalates() {
    assert_eq!(PermissionSet::ESCALATING, PermissionSet::from(Permission::KeysManage));
}

#[test]
fn writing_implies_reading_where_it_is_of_no_use_without() {
    use Permission::{
        AnalyticsRead, AnalyticsWrite, GatewaysRead, GatewaysWrite, GroupsRead, GroupsWrite,
    };
    let implied = Permission::ALL.iter().filter(|permission| !permission.implies().is_empty());
    let implied: Vec<_> = implied.map(|permission| (*permission, permission.implies())).collect();
    let pairs =
        [(GroupsWrite, GroupsRead), (GatewaysWrite, GatewaysRead), (AnalyticsWrite, AnalyticsRead)];
    assert_eq!(implied, pairs.map(|(write, read)| (write, read.into())));
}
