//! The rules of tables, and the readings of grants.

use std::panic::catch_unwind;

use pinning_keys_core::{
    Grant, KeyScope, Permission, PermissionSet, PermissionTable, Reading, Restriction, ScopeRequest,
};

use Permission::{
    GatewaysRead, GatewaysWrite, GroupsRead, GroupsWrite, KeysManage, PinsAddFile, PinsList,
    PinsRemove,
};

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

/// Checks that each of these tables is refused with this reason, by the compiler too.
fn assert_refused(cases: &[(&[Grant], &str)]) {
    for (broken, reason) in cases {
        let broken: &'static [Grant] = broken.to_vec().leak();
        let fault = PermissionTable::check("example", "broken", broken).unwrap_err();
        assert_eq!(fault.to_string(), *reason);
        assert!(fault.grants().iter().all(|name| reason.contains(name)), "{fault:?}");
        assert_eq!(refusal(move || PermissionTable::new("example", "broken", broken)), *reason);
    }
}

#[test]
fn table_whose_grants_break_a_rule_is_refused_by_name() {
    let wide = Grant::new("wide", &[PinsList, PinsRemove]);
    assert_refused(&[
        (&[Grant::new("a", &[])], "grant a opens nothing, and is not marked as native"),
        (
            &[Grant::new("a", &[PinsList]), Grant::new("a", &[PinsRemove])],
            "two grants have the same name, a",
        ),
        (
            &[wide, Grant::new("list", &[PinsList])],
            "grant list comes after wide, which includes it",
        ),
        (
            &[
                Grant::new("a", &[PinsList, PinsAddFile]),
                Grant::new("between", &[PinsRemove]),
                Grant::new("b", &[PinsList, PinsRemove]),
            ],
            "grants a and b overlap, and neither includes the other",
        ),
        // They overlap only in what is implied.
        (
            &[Grant::new("a", &[GroupsWrite]), Grant::new("b", &[GroupsRead, PinsRemove])],
            "grants a and b overlap, and neither includes the other",
        ),
        // A translation has a bit for each grant.
        (&[Grant::new("a", &[PinsList]); 65], "a table has at most 64 grants"),
    ]);
    assert_eq!(PermissionTable::check("example", "grants", &GRANTS), Ok(()));
    let table = || PermissionTable::new("example", "grants", &GRANTS).with_admin_only(&[PinsList]);
    assert_eq!(refusal(table), "a grant opens an admin-only permission");
}

#[test]
fn table_whose_wire_names_break_a_rule_is_refused_by_name() {
    let list = Grant::new("list", &[PinsList]).with_wire_names(&["buckets", "files"]);
    assert_refused(&[
        (
            &[list, Grant::native("same").with_wire_names(&["files", "buckets"])],
            "grants list and same have the same wire names",
        ),
        // A key with `remove` and `upload` could list.
        (
            &[
                list,
                Grant::new("remove", &[PinsRemove]).with_wire_names(&["buckets", "delete"]),
                Grant::new("upload", &[PinsAddFile]).with_wire_names(&["files", "write"]),
            ],
            "a key without grant list could have it, because each of its wire names \
             belongs to other grants too, such as upload",
        ),
        // A native grant can complete another grant too.
        (
            &[Grant::new("read", &[PinsList]), Grant::native("n").with_wire_names(&["read", "x"])],
            "a key without grant read could have it, because each of its wire names \
             belongs to other grants too, such as n",
        ),
        (
            &[
                Grant::new("groups", &[GroupsRead]).with_wire_names(&["listGroups"]),
                Grant::new("edit", &[GroupsWrite]).with_wire_names(&["writeGroups", "x"]),
            ],
            "grant edit implies what groups opens, but is sent without listGroups",
        ),
        // A fault stays one if another grant that is implied has a twin.
        (
            &[
                Grant::new("groups", &[GroupsRead]),
                Grant::new("one", &[GatewaysRead]),
                Grant::new("two", &[GatewaysRead]),
                Grant::new("all", &[GroupsWrite, GatewaysWrite]).with_wire_names(&["two", "x"]),
            ],
            "grant all implies what groups opens, but is sent without groups",
        ),
        (
            &[Grant::new("read", &[PinsList]).escalating()],
            "grant read is marked as escalating, which only a native grant can be",
        ),
        (
            &[Grant::new("a", &[PinsList]).with_wire_names(&["b"]), Grant::native("b")],
            "grants a and b have the same wire names",
        ),
        // A key that can only list could issue keys.
        (
            &[
                Grant::new("read", &[PinsList]).with_wire_names(&["list", "writeKeys"]),
                Grant::native("writeKeys").escalating(),
            ],
            "a key without grant writeKeys could have it, because each of its wire names \
             belongs to other grants too, such as read",
        ),
        (
            &[
                Grant::new("read", &[PinsList]).with_wire_names(&["list", "listKeys"]),
                Grant::native("b"),
                Grant::native("issue").with_wire_names(&["listKeys", "b"]).escalating(),
            ],
            "a key without grant issue could have it, because each of its wire names \
             belongs to other grants too, such as b",
        ),
        (
            &[
                Grant::new("a", &[PinsList]),
                Grant::new("b", &[PinsList]).with_wire_names(&["a", "c"]),
            ],
            "grants a and b open the same, and one has all wire names of the other",
        ),
        (&[Grant::native("")], "the name of a grant is not visible ASCII"),
        (
            &[Grant::native("a").with_wire_names(&["b", "b"])],
            "grant a has a wire name that is not visible ASCII, or that appears twice",
        ),
    ]);
}

#[test]
fn fault_with_long_names_is_told_as_far_as_it_fits() {
    let [a, b] = ["a", "b"].map(|letter| &*letter.repeat(400).leak());
    let grants = vec![Grant::new(a, &[PinsList]), Grant::new(b, &[PinsList, PinsRemove])];
    let fault = PermissionTable::check("example", "long", grants.leak());
    assert_eq!(fault, Ok(()));
    let grants = vec![Grant::new(a, &[PinsList, PinsRemove]), Grant::new(b, &[PinsList])];
    let fault = PermissionTable::check("example", "long", grants.leak()).unwrap_err();
    assert_eq!(fault.to_string(), "grant ? comes after ?, which includes it");
    assert_eq!(fault.grants(), [a, b]);
}

/// Every shape that a table with words of a provider may have.
static WORDS: [Grant; 5] = [
    Grant::new("files-list", &[PinsList]).with_wire_names(&["listBuckets", "listFiles"]),
    Grant::new("files-read", &[PinsList]),
    Grant::native("listBuckets"),
    Grant::new("keys", &[KeysManage]).with_wire_names(&["listKeys", "writeKeys", "deleteKeys"]),
    Grant::native("writeKeys").escalating(),
];
static CAPABILITIES: PermissionTable = PermissionTable::new("b2", "capabilities", &WORDS);

#[test]
fn request_by_native_name_is_granted_as_named() {
    let words = |request: &ScopeRequest| {
        let translation = CAPABILITIES.translate(request).unwrap();
        let words: Vec<_> = translation.wire_names().collect();
        format!("{} as {}", translation.granted(), words.join(" "))
    };
    let list = || ScopeRequest::needs([PinsList]);
    let manage = || ScopeRequest::needs([KeysManage]);
    for (request, expected) in [
        // Of two grants that open the same, the first.
        (list(), "pins:list b2:listBuckets as listBuckets listFiles"),
        (list().and_needs_native("b2:files-read"), "pins:list b2:files-read as files-read"),
        (ScopeRequest::needs_native("b2:listBuckets"), "b2:listBuckets as listBuckets"),
        (
            list().and_needs_native("b2:files-read").and_needs_native("b2:listBuckets"),
            "pins:list b2:files-read b2:listBuckets as files-read listBuckets",
        ),
        (
            manage().and_needs_native("b2:writeKeys"),
            "keys:manage b2:writeKeys as listKeys writeKeys deleteKeys",
        ),
        // Tolerating a grant that opens nothing grants nothing.
        (
            ScopeRequest::needs_native("b2:files-read").tolerates("b2:listBuckets"),
            "pins:list b2:files-read as files-read",
        ),
    ] {
        assert_eq!(words(&request), expected, "{request}");
    }
}

#[test]
fn native_name_that_does_not_fit_is_refused_with_advice() {
    let refusal =
        |request: ScopeRequest| format!("{:#}", CAPABILITIES.translate(&request).unwrap_err());
    for (name, expected) in [
        (
            "pinata:org:files:read",
            "b2 (capabilities) has no grant \"pinata:org:files:read\", which the key needs\n  issue \
             the key at pinata, or name in needs what it must be able to do at b2",
        ),
        ("b2:listBucket", "b2 has no grant \"b2:listBucket\"; did you mean \"b2:listBuckets\"?"),
        (
            "b2:writeKeys",
            "\"b2:writeKeys\" needs keys:manage too, because it lets the holder get more than the \
             key grants\n  to allow it:     name keys:manage in needs",
        ),
        (
            "b2:keys",
            "\"b2:keys\" needs keys:manage too, because it lets the holder get more than the key \
             grants\n  to allow it:     name keys:manage in needs",
        ),
        (
            "b2:telepathy",
            "b2 has no grant \"b2:telepathy\"\n  the grants of b2 (capabilities) are files-list, \
             files-read, listBuckets, keys, writeKeys",
        ),
        (
            "pins:list",
            "\"pins:list\" is not a grant in the form provider:grant\n  name pins:list in needs",
        ),
        (
            "listBuckets",
            "\"listBuckets\" is not a grant in the form provider:grant\n  write it such as \
             pinata:org:files:read",
        ),
    ] {
        assert_eq!(refusal(ScopeRequest::needs_native(name)), expected);
    }
    // The tolerance of an escalating grant is refused too.
    let tolerating = ScopeRequest::needs([PinsList]).tolerates("b2:writeKeys");
    assert!(refusal(tolerating).starts_with("\"b2:writeKeys\" needs keys:manage too"));
    let admin = ScopeRequest::admin().and_needs_native("b2:listBuckets");
    assert!(CAPABILITIES.translate(&admin).is_err());
}

#[test]
fn part_of_a_compound_grant_is_read_as_a_part() {
    let reading = CAPABILITIES.read(["listFiles", "telepathy"]);
    assert!(reading.scope().is_nothing() && reading.is_lower_bound());
    assert_eq!(
        (reading.partial(), reading.unknown()),
        (&["listFiles".to_owned()][..], &["telepathy".to_owned()][..])
    );
    assert_eq!(reading.to_string(), "nothing and more");

    let reading = CAPABILITIES.read(["listBuckets", "listFiles"]);
    assert_eq!(reading.to_string(), "pins:list b2:listBuckets");
    assert!(!reading.is_lower_bound() && !reading.may_escalate());

    // A part of `keys:manage` is enough to get any other key.
    let keys = CAPABILITIES.read(["deleteKeys"]);
    assert!(keys.may_escalate() && keys.scope().is_nothing());
    let keys = CAPABILITIES.read(["writeKeys"]);
    assert!(keys.may_escalate() && !keys.is_lower_bound());
}

#[test]
fn restriction_is_shown_and_harmless_on_a_terminal() {
    let confined = CAPABILITIES
        .read(["listBuckets"])
        .with_restriction(Restriction::new("in bucket", "b1"))
        .with_restriction(Restriction::unknown("\u{1b}[2Jshard=7"))
        // A value cannot look like the end of the restriction.
        .with_restriction(Restriction::new("below", "a\"), pins:remove (x"));
    assert_eq!(
        confined.to_string(),
        r#"b2:listBuckets (in bucket b1, restricted by "\u{1b}[2Jshard=7", below "a\"), pins:remove (x")"#
    );
    assert!(!confined.is_lower_bound());
    let both = confined.and(TABLE.read(["read"]));
    assert_eq!(both.restrictions().len(), 3);
}

#[test]
fn table_with_an_id_that_cannot_be_stored_is_refused() {
    let long = "0".repeat(33).leak();
    for bad in ["", "Example", "exa mple", "exa:mple", "exämple", "exa_mple", long] {
        let reason = refusal(move || PermissionTable::new(bad, "grants", &GRANTS));
        assert_eq!(reason, "a provider's id must consist of 1 to 32 of a-z, 0-9 and -");
        let reason = refusal(move || PermissionTable::new("example", bad, &GRANTS));
        assert_eq!(reason, "a table's name must consist of 1 to 32 of a-z, 0-9 and -");
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
        r#"Translation { table: PermissionTable(example (grants)), grants: ["read", "groups"], granted: Granted(pins:list groups:read groups:write), missing: {}, extra: {}, .. }"#
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
