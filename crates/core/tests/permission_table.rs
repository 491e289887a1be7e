//! The rules of tables, and the readings of grants.

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

/// Why a table is refused; in a `static`, this is a compile error.
fn refusal(make: impl FnOnce() -> PermissionTable + std::panic::UnwindSafe) -> String {
    let panic = catch_unwind(make).expect_err("the table is refused");
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).expect("a text")
}

#[test]
fn table_whose_grants_break_a_rule_is_refused() {
    let (included, overlap) = (
        "a grant comes after one that includes it",
        "two grants overlap, and neither includes the other",
    );
    let cases: [(&[Grant], &str); 7] = [
        (&[Grant::new("a", &[])], "a grant opens nothing"),
        (
            &[Grant::new("a", &[PinsList]), Grant::new("a", &[PinsRemove])],
            "two grants have the same name",
        ),
        (&[Grant::new("a", &[PinsList]), Grant::new("b", &[PinsList])], included),
        (
            &[Grant::new("wide", &[PinsList, PinsRemove]), Grant::new("narrow", &[PinsList])],
            included,
        ),
        (
            &[
                Grant::new("a", &[PinsList, PinsAddFile]),
                Grant::new("between", &[PinsRemove]),
                Grant::new("b", &[PinsList, PinsRemove]),
            ],
            overlap,
        ),
        // They overlap only in what is implied.
        (&[Grant::new("a", &[GroupsWrite]), Grant::new("b", &[GroupsRead, PinsRemove])], overlap),
        // A translation has a bit for each grant.
        (&[Grant::new("a", &[PinsList]); 65], "a table has at most 64 grants"),
    ];
    for (broken, reason) in cases {
        let broken: &'static [Grant] = Vec::from(broken).leak();
        assert_eq!(refusal(move || PermissionTable::new("example", "broken", broken)), reason);
    }
    let table = || PermissionTable::new("example", "grants", &GRANTS).with_admin_only(&[PinsList]);
    assert_eq!(refusal(table), "a grant opens an admin-only permission");
}

#[test]
fn table_with_an_id_that_cannot_be_stored_is_refused() {
    let long = "0".repeat(33).leak();
    for bad in ["", "Example", "exa mple", "exa:mple", "exämple", "exa_mple", long] {
        let reason = refusal(move || PermissionTable::new(bad, "grants", &GRANTS));
        assert_eq!(reason, "a provider's id consists of a-z, 0-9 and -, at most 32 of them");
        let reason = refusal(move || PermissionTable::new("example", bad, &GRANTS));
        assert_eq!(reason, "a table's name consists of a-z, 0-9 and -, at most 32 of them");
    }
    for area in ["pins", "keys", "account"] {
        let reason = refusal(move || PermissionTable::new(area, "grants", &GRANTS));
        assert_eq!(reason, "a provider's id is the first word of a permission");
    }
    for id in ["pin", "pinss", "list", "pin-9"] {
        let table = PermissionTable::new(id, "v-2", &GRANTS);
        assert_eq!(table.to_string(), format!("{id} (v-2)"));
    }
}

#[test]
fn table_returns_what_it_was_given() {
    assert_eq!((TABLE.provider(), TABLE.name()), ("example", "grants"));
    assert_eq!(TABLE.admin_only(), KeysManage.into());
    assert_eq!((TABLE.serves(), TABLE.unknowns()), ("/things", &["whether it rains"][..]));
    assert_eq!(TABLE.reach(), PermissionSet::of(&[PinsList, PinsAddFile, GroupsRead, GroupsWrite]));
    assert_eq!((TABLE.grant("write"), TABLE.grant("Write")), (Some(&GRANTS[1]), None));
    assert_eq!(GRANTS[2].opens(), PermissionSet::of(&[GroupsRead, GroupsWrite]), "implied");
    assert_eq!(format!("{TABLE:?}"), "PermissionTable(example (grants))");
}

#[test]
fn translation_names_its_grants_in_table_order() {
    let request = ScopeRequest::needs([GroupsWrite, PinsList]);
    let translation = TABLE.translate(&request).unwrap();
    assert_eq!(translation.grants().map(Grant::name).collect::<Vec<_>>(), ["read", "groups"]);
    let included = GRANTS.each_ref().map(|grant| translation.includes(grant));
    assert_eq!(included, [true, false, true]);
    assert!(translation.each_grant().map(|(_, is_sent)| is_sent).eq(included));
    assert_eq!(
        format!("{translation:?}"),
        r#"Translation { table: PermissionTable(example (grants)), grants: ["read", "groups"], granted: KeyScope(pins:list groups:read groups:write), missing: {}, extra: {} }"#
    );
}

#[test]
fn reading_with_unknown_grants_is_a_lower_bound() {
    let reading = TABLE.read(["groups", "telepathy", "read", "read", "Read"]);
    assert_eq!(reading.scope().to_string(), "pins:list groups:read groups:write");
    assert_eq!(reading.unknown(), ["telepathy", "Read"]);
    assert!(reading.is_lower_bound());
    let both = TABLE.read(["read"]).and(reading);
    assert_eq!(both.unknown(), ["telepathy", "Read"]);

    let admin = Reading::admin().with_unknown("levitation: true");
    assert_eq!(
        (admin.unknown(), admin.is_lower_bound()),
        (&["levitation: true".to_owned()][..], true)
    );
}

#[test]
fn reading_of_known_grants_is_never_admin() {
    let none = TABLE.read([]);
    assert!(none.scope().is_nothing() && !none.is_lower_bound());
    let every = TABLE.read(GRANTS.iter().map(Grant::name));
    assert_eq!(every.scope(), KeyScope::of(TABLE.reach()));
    assert!(!every.is_lower_bound());
    assert!(every.and(Reading::admin()).scope().is_admin());
}
