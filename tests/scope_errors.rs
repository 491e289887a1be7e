//! The texts of refused scopes, and that following their advice leads to a key.

use std::collections::BTreeSet;

use Permission::{
    GroupsRead, GroupsWrite, KeysManage, PinsAddFile, PinsAddJson, PinsList, PinsRemove,
};
use pinning_keys::w3ipfs::SCOPES;
use pinning_keys_core::{
    Grant, NextStep, Permission, PermissionSet, PermissionTable, ScopeChange, ScopeError,
    ScopeRequest, Translation,
};
use pinning_keys_pinata::{ENDPOINTS, RESOURCES};
use pinning_keys_testkit::golden::assert_golden;

static TABLES: [&PermissionTable; 3] = [&RESOURCES, &ENDPOINTS, &SCOPES];

/// A scope request in parts, so that advice can be followed.
#[derive(Clone, Debug, Default)]
struct Ask {
    needs: PermissionSet,
    prefers: PermissionSet,
    tolerates: Vec<String>,
}

impl Ask {
    fn needs(permissions: impl Into<PermissionSet>) -> Self {
        Self { needs: permissions.into(), ..Self::default() }
    }

    fn prefers(self, permissions: impl Into<PermissionSet>) -> Self {
        Self { prefers: permissions.into(), ..self }
    }

    fn tolerates(mut self, text: &str) -> Self {
        self.tolerates.push(text.to_owned());
        self
    }

    fn request(&self) -> ScopeRequest {
        let request = ScopeRequest::needs(self.needs).prefers(self.prefers);
        self.tolerates.iter().fold(request, |request, text| request.tolerates(&**text))
    }

    fn at(&self, table: &'static PermissionTable) -> Result<Translation, ScopeError> {
        table.translate(&self.request())
    }

    fn refusal_at(&self, table: &'static PermissionTable) -> String {
        format!("{:#}", self.at(table).unwrap_err())
    }
}

static STAFF_GRANTS: [Grant; 2] =
    [Grant::new("guest", &[PinsList]), Grant::new("staff", &[PinsList, PinsRemove, KeysManage])];
static STAFF: PermissionTable = PermissionTable::new("example", "staff", &STAFF_GRANTS);

fn assert_reads(case: &str, text: &str) {
    assert_golden(
        &format!("tests/fixtures/scope_errors/{case}.txt"),
        &format!("{text}\n"),
        "Read the new text like somebody who sees it for the first time.",
    );
}

#[test]
fn refusals_read_as_in_their_files() {
    let ask = |needs: &[Permission]| Ask::needs(needs);
    for (case, ask, table) in [
        ("upload_only_at_resources", ask(&[PinsAddFile]), &RESOURCES),
        (
            "upload_with_preference_at_resources",
            ask(&[PinsAddFile]).prefers([PinsAddJson]),
            &RESOURCES,
        ),
        ("json_at_w3ipfs", ask(&[PinsAddJson]), &SCOPES),
        ("json_and_files_at_w3ipfs", ask(&[PinsAddFile, PinsAddJson]), &SCOPES),
        ("groups_at_w3ipfs", ask(&[GroupsWrite]), &SCOPES),
        ("groups_at_endpoints", ask(&[GroupsWrite]), &ENDPOINTS),
        ("keys_at_w3ipfs", ask(&[KeysManage]), &SCOPES),
        ("keys_and_more_at_w3ipfs", ask(&[PinsList, GroupsRead, KeysManage]), &SCOPES),
        ("nothing_needed", ask(&[]), &RESOURCES),
        ("keys_preferred", ask(&[PinsList]).prefers([KeysManage]), &RESOURCES),
        ("keys_preferred", ask(&[PinsList]).tolerates("keys:manage"), &RESOURCES),
        ("keys_brought_by_native_name", ask(&[PinsList]).tolerates("pinata:org:write"), &RESOURCES),
        ("misspelt_native_name", ask(&[PinsList]).tolerates("pinata:org:file:write"), &RESOURCES),
        ("unknown_native_name", ask(&[PinsList]).tolerates("pinata:telepathy"), &RESOURCES),
        ("misspelt_permission", ask(&[PinsList]).tolerates("pins:remov"), &RESOURCES),
        ("escalation_in_the_way", ask(&[PinsRemove]), &STAFF),
    ] {
        assert_reads(case, &ask.refusal_at(table));
    }
}

#[test]
fn admin_refusals_read_as_in_their_files() {
    let refusal = ScopeRequest::exactly("admin".parse().unwrap()).unwrap_err();
    assert_reads("admin_from_scope", &format!("{refusal:#}"));
    assert_eq!(ScopeRequest::exactly("nothing".parse().unwrap()), Err(ScopeError::Empty));
    let requests =
        [ScopeRequest::admin().prefers([PinsList]), ScopeRequest::admin().tolerates("pinata:x")];
    for request in requests {
        let refusal = RESOURCES.translate(&request).unwrap_err();
        assert_reads("admin_with_bounds", &format!("{refusal:#}"));
    }
}

#[test]
fn tolerated_escalating_grant_needs_its_permission() {
    let needed = Ask::needs([KeysManage]).tolerates("pinata:org:write");
    assert!(needed.at(&RESOURCES).is_ok());
    let named = Ask::needs([PinsRemove, KeysManage]).tolerates("example:staff");
    assert!(named.at(&STAFF).is_ok());
}

#[test]
fn tolerated_names_of_other_tables_are_no_mistake() {
    let ask = Ask::needs([PinsList]).tolerates("pinata:org:files:write").tolerates("other:thing");
    assert!(ask.at(&ENDPOINTS).is_ok());
    assert!(ask.at(&SCOPES).is_ok());
}

#[test]
fn table_that_refuses_the_tolerance_is_not_offered() {
    let ask = Ask::needs([GroupsRead]).tolerates("pinata:org:write");
    assert!(ask.at(&RESOURCES).is_err());
    assert!(!ask.refusal_at(&ENDPOINTS).contains("resources"));
}

#[test]
fn table_that_grants_more_is_not_offered_as_exact() {
    let ask = Ask::needs([GroupsRead, PinsAddFile]).tolerates("pinata:org:files:write");
    let text = ask.refusal_at(&ENDPOINTS);
    assert!(text.contains("table = \"resources\" (PINNING_KEYS_TABLE) grants it, "), "{text}");
    assert!(!ask.at(&RESOURCES).unwrap().extra().is_empty());
}

/// Every request of up to three permissions, with and without a preference, with every table.
#[test]
fn advice_of_a_refusal_leads_to_a_key() {
    let mut kinds = BTreeSet::new();
    for needs in small_sets() {
        for prefers in [PermissionSet::EMPTY, [PinsList, PinsAddJson].into()] {
            let ask = Ask::needs(&*needs).prefers(prefers);
            for table in TABLES.into_iter().chain([&STAFF]) {
                follow(ask.clone(), table, &mut kinds);
            }
        }
    }
    assert!(kinds.iter().eq(&["drop", "need", "prefer", "tolerate"]), "{kinds:?}");
}

/// Follows the advice of the refusals of `ask` until it is granted, or until none is left.
fn follow(mut ask: Ask, table: &'static PermissionTable, kinds: &mut BTreeSet<&'static str>) {
    for _ in 0..3 {
        let Err(refused) = ask.at(table) else { return };
        let ScopeError::Inexpressible(why) = &refused else { panic!("{refused}") };
        assert!(!format!("{refused:#}").contains("admin()"), "{refused:#}");
        let changes = match why.next_step() {
            Some(NextStep::ChangeScope(changes)) => changes,
            None => Vec::new(),
            Some(other) => panic!("{other}"),
        };
        assert_fitting_table_is_offered(&ask, why.fitting_table(), &changes);
        let followed: Vec<_> =
            changes.into_iter().filter_map(|change| heed(&mut ask, change)).collect();
        if followed.is_empty() {
            assert_eq!(why.unopened(), ask.request().needed(), "more could be advised: {refused}");
            return;
        }
        kinds.extend(followed);
    }
    panic!("following the refusals of {ask:?} at {table} leads nowhere");
}

fn assert_fitting_table_is_offered(
    ask: &Ask,
    fitting: Option<&'static PermissionTable>,
    changes: &[ScopeChange],
) {
    let offered = changes.iter().find_map(|change| match change {
        ScopeChange::UseTable { table, is_exact, .. } => Some((*table, *is_exact)),
        _ => None,
    });
    let expected = fitting.map(|table| {
        let granted = ask.at(table).unwrap().granted().permissions();
        (table, granted == Some(ask.request().needed()))
    });
    assert_eq!(offered, expected, "{ask:?}");
}

/// Makes a change, if it is one that stays with the table, and returns its kind.
fn heed(ask: &mut Ask, change: ScopeChange) -> Option<&'static str> {
    match change {
        ScopeChange::Prefer(moved) => {
            ask.needs -= moved;
            ask.prefers |= moved;
            Some("prefer")
        }
        ScopeChange::Drop(dropped) => {
            ask.needs -= dropped;
            Some("drop")
        }
        ScopeChange::Tolerate(grants) => {
            ask.tolerates.extend(grants);
            Some("tolerate")
        }
        ScopeChange::Need(named) => {
            ask.needs |= named;
            Some("need")
        }
        _ => None,
    }
}

fn small_sets() -> BTreeSet<Vec<Permission>> {
    let all = Permission::ALL;
    let mut sets = BTreeSet::new();
    for a in all {
        for b in all {
            for c in all {
                sets.insert(PermissionSet::of(&[*a, *b, *c]).iter().collect());
            }
        }
    }
    sets
}
