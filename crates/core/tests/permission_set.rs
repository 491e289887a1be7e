//! `PermissionSet` behaves as a sorted set, and the texts of permissions are stable.

use std::collections::{BTreeSet, HashSet};

use pinning_keys_core::{Permission, PermissionSet};
use pinning_keys_testkit::arbitrary;
use proptest::prelude::*;

use arbitrary::{permission, set};

/// The set in the terms of the standard library, which the tests compare it with.
fn model(set: PermissionSet) -> BTreeSet<Permission> {
    Permission::ALL.iter().copied().filter(|permission| set.contains(*permission)).collect()
}

proptest! {
    #[test]
    fn operations_agree_with_a_btree_set(a in set(), b in set(), p in permission()) {
        let (x, y) = (model(a), model(b));
        prop_assert_eq!(model(a | b), &x | &y);
        prop_assert_eq!(model(a & b), &x & &y);
        prop_assert_eq!(model(a - b), &x - &y);
        prop_assert_eq!(model(a.with(p)), &x | &BTreeSet::from([p]));
        let only = PermissionSet::from(p);
        prop_assert_eq!((a | p, a & p, a - p), (a | only, a & only, a - only));
        let (mut union, mut both, mut difference) = (a, a, a);
        union |= b;
        both &= b;
        difference -= b;
        prop_assert_eq!((union, both, difference), (a | b, a & b, a - b));
        prop_assert_eq!(a.is_subset(b), x.is_subset(&y));
        prop_assert_eq!(a.is_superset(b), x.is_superset(&y));
        prop_assert_eq!(a.is_disjoint(b), x.is_disjoint(&y));
        prop_assert_eq!(a == b, x == y);
        prop_assert_eq!((a.len(), a.is_empty()), (x.len(), x.is_empty()));
    }

    #[test]
    fn iteration_is_sorted_exact_and_collects_back(a in set()) {
        let members: Vec<_> = a.into_iter().collect();
        prop_assert_eq!(&members, &model(a).into_iter().collect::<Vec<_>>());
        prop_assert_eq!(&members, &(&a).into_iter().collect::<Vec<_>>());
        let mut left = a.iter();
        for taken in 0..=members.len() {
            let expected = members.len() - taken;
            prop_assert_eq!((left.len(), left.size_hint()), (expected, (expected, Some(expected))));
            prop_assert_eq!(left.next(), members.get(taken).copied());
        }
        prop_assert_eq!(left.next(), None);
        prop_assert_eq!(members.iter().copied().rev().collect::<PermissionSet>(), a);
        prop_assert_eq!(PermissionSet::from(&*members), a);
        let mut extended = PermissionSet::EMPTY;
        extended.extend(members);
        prop_assert_eq!(extended, a);
    }

    #[test]
    fn set_survives_json_and_prints_its_members(a in set()) {
        let json = serde_json::to_string(&a).unwrap();
        prop_assert_eq!(serde_json::from_str::<PermissionSet>(&json).unwrap(), a);
        let text = a.to_string();
        let members = text.split(' ').filter_map(|text| text.parse::<Permission>().ok());
        prop_assert_eq!(members.collect::<PermissionSet>(), a);
    }
}

#[test]
fn set_excludes_what_its_members_imply() {
    let write = PermissionSet::from(Permission::GroupsWrite);
    assert!(!write.contains(Permission::GroupsRead));
    assert_eq!(write.len(), 1);
}

#[test]
fn texts_of_sets_are_stable() {
    let set = PermissionSet::of(&[Permission::PinsRemove, Permission::PinsList]);
    assert_eq!(set.to_string(), "pins:list pins:remove");
    assert_eq!(format!("{set:?}"), r#"{"pins:list", "pins:remove"}"#);
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"["pins:list","pins:remove"]"#);
    assert_eq!(PermissionSet::EMPTY.to_string(), "nothing");
    assert_eq!(serde_json::to_string(&PermissionSet::EMPTY).unwrap(), "[]");
    assert_eq!(PermissionSet::default(), PermissionSet::EMPTY);
}

#[test]
fn texts_of_permissions_are_unique_and_read_back() {
    let (mut texts, mut descriptions) = (HashSet::new(), HashSet::new());
    for permission in Permission::ALL {
        let text = permission.as_str();
        assert!(texts.insert(text), "{text} twice");
        assert!(descriptions.insert(permission.description()), "{text} has another's description");
        let (area, action) = text.split_once(':').unwrap();
        for word in [area, action] {
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{text}");
        }
        assert_eq!(text.parse(), Ok(*permission));
        assert_eq!(permission.to_string(), text);
        assert_eq!(serde_json::to_string(permission).unwrap(), format!("{text:?}"));
        assert_eq!(serde_json::from_str::<Permission>(&format!("{text:?}")).unwrap(), *permission);
    }
    assert_eq!(texts.len(), PermissionSet::ALL.len());
}

#[test]
fn unknown_permission_names_the_nearest_known_one() {
    let cases = [
        ("pins:addfile", Some("pins:add-file")),
        ("pin:list", Some("pins:list")),
        ("pins:ad-fle", Some("pins:add-file")),
        ("Pins:List", Some("pins:list")),
        ("group:write", Some("groups:write")),
        ("keys:manag", Some("keys:manage")),
        ("telepathy", None),
        ("", None),
    ];
    for (text, nearest) in cases {
        let error = text.parse::<Permission>().unwrap_err();
        assert_eq!(error.suggestion(), nearest, "{text}");
        let advice = match nearest {
            Some(nearest) => format!("did you mean {nearest:?}?"),
            None => r#"permissions look like "pins:list" or "groups:write""#.to_owned(),
        };
        assert_eq!(error.to_string(), format!("unknown permission {text:?}; {advice}"));
        let json = serde_json::from_str::<Permission>(&format!("{text:?}")).unwrap_err();
        assert!(json.to_string().starts_with(&error.to_string()), "{json}");
    }
}

#[test]
fn long_unknown_permission_is_cut_in_the_error() {
    let error = "é".repeat(10_000).parse::<Permission>().unwrap_err();
    assert!(error.to_string().chars().count() < 200);
    assert_eq!(error.suggestion(), None);
}

#[test]
fn only_keys_manage_escalates() {
    assert_eq!(PermissionSet::ESCALATING, PermissionSet::from(Permission::KeysManage));
}

#[test]
fn only_three_writes_imply_their_reads() {
    use Permission::{
        AnalyticsRead, AnalyticsWrite, GatewaysRead, GatewaysWrite, GroupsRead, GroupsWrite,
    };
    let implied = Permission::ALL.iter().filter(|permission| !permission.implies().is_empty());
    let implied: Vec<_> = implied.map(|permission| (*permission, permission.implies())).collect();
    let pairs =
        [(GroupsWrite, GroupsRead), (GatewaysWrite, GatewaysRead), (AnalyticsWrite, AnalyticsRead)];
    assert_eq!(implied, pairs.map(|(write, read)| (write, read.into())));
}
