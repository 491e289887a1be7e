//! The rules of tables, and reading grants back.

use std::panic::catch_unwind;

use pinning_keys_core::{
    Grant, KeyScope, Permission, PermissionSet, PermissionTable, Reading, ScopeRequest,
};

use Permission::{GroupsRead, GroupsWrite, KeysManage, PinsAddFile, PinsList, PinsRemove};

static GRANTS: [Grant; 3] = [
    Grant::new("read", &[PinsList]),
    Grant::new("write", &[PinsList, PinsAddFile]),
    Grant::new("groups", &[GroupsWrite]),
];
static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS)
    .with_admin_only(&[KeysManage])
    .with_serves("/things")
    .with_unknowns(&["whether it rains"]);

/// What a broken table says; in a `static` the compiler would say it.
fn panic_of(make: impl FnOnce() -> PermissionTable + std::panic::UnwindSafe) -> String {
    let panic = catch_unwind(make).expect_err("the table is refused");
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).expect("a text")
}

fn grants(grants: &[Grant]) -> &'static [Grant] {
    Vec::from(grants).leak()
}

#[test]
fn a_provider_whose_id_reads_like_a_permission_is_refused() {
    for id in ["pins", "keys", "account"] {
        let told = panic_of(move || PermissionTable::new(id, "grants", &GRANTS));
        assert_eq!(told, "a provider's id is the area of a permission");
    }
    for id in ["pin", "pinss", "list"] {
        assert_eq!(PermissionTable::new(id, "grants", &GRANTS).provider(), id);
    }
}

#[test]
fn a_table_whose_grants_break_a_rule_is_refused() {
    let cases: [(&[Grant], &str); 6] = [
        (&[Grant::new("a", &[])], "a grant opens nothing"),
        (
            &[Grant::new("a", &[PinsList]), Grant::new("a", &[PinsRemove])],
            "two grants have one name",
        ),
        (
            &[Grant::new("a", &[PinsList]), Grant::new("b", &[PinsList])],
            "a grant stands behind one that holds all of it",
        ),
        (
            &[Grant::new("wide", &[PinsList, PinsRemove]), Grant::new("narrow", &[PinsList])],
            "a grant stands behind one that holds all of it",
        ),
        (
            &[
                Grant::new("a", &[PinsList, PinsAddFile]),
                Grant::new("between", &[PinsRemove]),
                Grant::new("b", &[PinsList, PinsRemove]),
            ],
            "two grants overlap, and neither holds the other",
        ),
        // They overlap in what is implied only.
        (
            &[Grant::new("a", &[GroupsWrite]), Grant::new("b", &[GroupsRead, PinsRemove])],
            "two grants overlap, and neither holds the other",
        ),
    ];
    for (broken, reason) in cases {
        let broken = grants(broken);
        assert_eq!(panic_of(move || PermissionTable::new("example", "broken", broken)), reason);
    }
}

#[test]
fn a_table_needs_ids_that_can_be_stored() {
    for bad in ["", "Example", "exa mple", "exa:mple", "exämple", "exa_mple"] {
        let reason = panic_of(move || PermissionTable::new(bad, "grants", &GRANTS));
        assert_eq!(reason, "a provider's id is made of a-z, 0-9 and -");
        let reason = panic_of(move || PermissionTable::new("example", bad, &GRANTS));
        assert_eq!(reason, "a table's name is made of a-z, 0-9 and -");
    }
    assert_eq!(PermissionTable::new("pin-9", "v-2", &GRANTS).to_string(), "pin-9 (v-2)");
}

#[test]
fn a_table_holds_as_many_grants_as_a_translation_can_tell_apart() {
    let many = grants(&[Grant::new("a", &[PinsList]); 65]);
    let reason = panic_of(move || PermissionTable::new("example", "grants", many));
    assert_eq!(reason, "a table holds 64 grants at most");
}

#[test]
fn what_a_grant_opens_is_not_for_admins_only() {
    let table = || PermissionTable::new("example", "grants", &GRANTS).with_admin_only(&[PinsList]);
    assert_eq!(panic_of(table), "a grant opens what only an admin may");
}

#[test]
fn a_grant_opens_what_its_permissions_imply() {
    assert_eq!(GRANTS[2].opens(), PermissionSet::of(&[GroupsRead, GroupsWrite]));
}

#[test]
fn a_table_tells_what_it_was_given() {
    assert_eq!((TABLE.provider(), TABLE.name()), ("example", "grants"));
    assert_eq!(TABLE.admin_only(), KeysManage.into());
    assert_eq!(TABLE.serves(), "/things");
    assert_eq!(TABLE.unknowns(), ["whether it rains"]);
    assert_eq!(TABLE.reach(), PermissionSet::of(&[PinsList, PinsAddFile, GroupsRead, GroupsWrite]));
    assert_eq!(TABLE.grant("write"), Some(&GRANTS[1]));
    assert_eq!(TABLE.grant("Write"), None);
    assert_eq!(format!("{TABLE:?}"), "PermissionTable(example (grants))");
}

#[test]
fn a_translation_names_its_grants_in_the_order_of_the_table() {
    let request = ScopeRequest::needs([GroupsWrite, PinsList]);
    let translation = TABLE.translate(&request).unwrap();
    assert_eq!(translation.grants().map(Grant::name).collect::<Vec<_>>(), ["read", "groups"]);
    let included = GRANTS.each_ref().map(|grant| translation.includes(grant));
    assert_eq!(included, [true, false, true]);
    assert_eq!(
        format!("{translation:?}"),
        r#"Translation { table: PermissionTable(example (grants)), grants: ["read", "groups"], granted: KeyScope(pins:list groups:read groups:write), missing: {}, extra: {} }"#
    );
}

#[test]
fn reading_keeps_the_names_it_does_not_know() {
    let reading = TABLE.read(["groups", "telepathy", "read", "read", "Read"]);
    assert_eq!(reading.scope().to_string(), "pins:list groups:read groups:write");
    assert_eq!(reading.unknown(), ["telepathy", "Read"]);
    assert!(reading.is_lower_bound());
    assert!(!TABLE.read(["read"]).is_lower_bound());
}

#[test]
fn reading_no_grant_is_a_key_that_may_do_nothing() {
    let reading = TABLE.read([]);
    assert!(reading.scope().is_nothing() && !reading.is_lower_bound());
}

#[test]
fn reading_every_grant_is_no_admin_key() {
    let reading = TABLE.read(GRANTS.iter().map(Grant::name));
    assert_eq!(reading.scope(), KeyScope::of(TABLE.reach()));
    assert!(Reading::admin().scope().is_admin());
}

#[test]
fn an_unknown_shape_beside_an_admin_key_is_kept() {
    let reading = Reading::admin().with_unknown("levitation: true");
    assert_eq!(reading.unknown(), ["levitation: true"]);
    assert!(reading.is_lower_bound());
}
