//! The proof for grants that are named: by enumeration of every set of names below every floor and
//! ceiling, against an oracle that examines every set of grants.

use pinning_keys_core::{
    Grant, KeyRecord, KeyRef, KeyScope, Permission, PermissionSet, PermissionTable, ScopeError,
    ScopeRequest,
};

use crate::bounds::{atoms, closed_unions};

use Permission::{GroupsRead, GroupsWrite, KeysManage, PinsAddFile, PinsList, PinsRemove};

/// Compound grants that share words, grants that open the same, and native ones: free, part of a
/// compound, a compound of words that others share, and escalating.
static GRANTS: [Grant; 10] = [
    Grant::new("list", &[PinsList]).with_wire_names(&["buckets", "files"]),
    Grant::new("look", &[PinsList]),
    Grant::new("upload", &[PinsAddFile]).with_wire_names(&["buckets", "write"]),
    Grant::new("edit", &[PinsList, PinsAddFile, PinsRemove]).with_wire_names(&["all", "buckets"]),
    Grant::new("groups", &[GroupsRead]).with_wire_names(&["groups:list"]),
    Grant::new("groups:edit", &[GroupsWrite]).with_wire_names(&["groups:list", "groups:write"]),
    Grant::native("buckets"),
    Grant::native("share").with_wire_names(&["share", "buckets"]),
    Grant::new("keys", &[KeysManage]).with_wire_names(&["keys:list", "keys:write"]),
    Grant::native("keys:write").escalating(),
];

pub(crate) static WORDS: PermissionTable = PermissionTable::new("synthetic", "words", &GRANTS);

/// The sets of the table's grants, as bits.
fn sets() -> impl Iterator<Item = u32> {
    0..1 << GRANTS.len()
}

fn grants_of(bits: u32) -> impl Iterator<Item = &'static Grant> {
    GRANTS.iter().enumerate().filter(move |(i, _)| bits >> i & 1 == 1).map(|(_, grant)| grant)
}

fn opens(bits: u32) -> PermissionSet {
    grants_of(bits).fold(PermissionSet::EMPTY, |set, grant| set | grant.opens())
}

/// The words that are sent for these grants.
fn words(bits: u32) -> Vec<&'static str> {
    let mut words: Vec<_> =
        grants_of(bits).flat_map(|it| it.wire_names().iter().copied()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The least that a set of grants with `named` can open, and the fewest grants of such a set; `all`
/// is what each set opens.
fn best(
    all: &[PermissionSet],
    named: u32,
    needs: PermissionSet,
    ceiling: PermissionSet,
) -> Option<(PermissionSet, usize)> {
    sets()
        .filter(|bits| bits & named == named)
        .map(|bits| (all[bits as usize], bits.count_ones() as usize))
        .filter(|(reach, _)| needs.is_subset(*reach) && reach.is_subset(ceiling))
        .min_by_key(|(reach, grants)| (reach.len(), *grants))
}

#[test]
fn named_grants_are_a_floor_in_every_request() {
    let floors = closed_unions(PermissionSet::EMPTY, &atoms(&WORDS));
    let all: Vec<_> = sets().map(opens).collect();
    let (mut granted, mut refused) = (0, 0);
    for named in sets() {
        for needs in floors.iter().copied().filter(|needs| named != 0 || !needs.is_empty()) {
            let request = grants_of(named).fold(ScopeRequest::needs(needs), |request, grant| {
                request.and_needs_native(format!("synthetic:{}", grant.name()))
            });
            let wide = request.clone().tolerates("synthetic:edit");
            for (request, tolerates) in [(request, PermissionSet::EMPTY), (wide, GRANTS[3].opens())]
            {
                let escalates = grants_of(named).any(Grant::is_escalating);
                let result = WORDS.translate(&request);
                if escalates && !needs.contains(KeysManage) {
                    assert!(matches!(result, Err(ScopeError::EscalatingGrant { .. })), "{request}");
                    refused += 1;
                    continue;
                }
                let floor = needs | opens(named);
                match (best(&all, named, floor, floor | tolerates), result) {
                    (Some((reach, fewest)), Ok(translation)) => {
                        assert_eq!(translation.granted().scope(), KeyScope::of(reach), "{request}");
                        assert_eq!(
                            translation.grants().count(),
                            fewest,
                            "{request}: {translation:?}"
                        );
                        let has_all = grants_of(named).all(|grant| translation.includes(grant));
                        assert!(has_all, "{request}: {translation:?}");
                        assert_eq!(translation.extra(), reach - floor, "{request}");
                        granted += 1;
                    }
                    (None, Err(ScopeError::Inexpressible(_))) => refused += 1,
                    (best, result) => panic!("{request}:\n  best {best:?}\n  but {result:?}"),
                }
            }
        }
    }
    assert!(granted > 1_000 && refused > 1_000, "{granted} granted, {refused} refused");
}

/// What the provider is sent means neither more nor less than what is reported as granted, whatever
/// grants are combined.
#[test]
fn words_that_are_sent_read_back_as_what_was_granted() {
    for bits in sets() {
        let reading = WORDS.read(words(bits));
        assert_eq!(reading.scope(), KeyScope::of(opens(bits)), "{:?}", words(bits));
        assert!(!reading.is_lower_bound(), "{:?}", words(bits));

        let floor = ScopeRequest::needs(opens(bits) & PermissionSet::ESCALATING);
        let request = grants_of(bits).fold(floor, |request, grant| {
            request.and_needs_native(format!("synthetic:{}", grant.name()))
        });
        let Ok(translation) = WORDS.translate(&request) else { continue };
        let mut sent: Vec<_> = translation.wire_names().collect();
        let count = sent.len();
        sent.sort_unstable();
        sent.dedup();
        assert_eq!(sent.len(), count, "{translation:?} sends a word twice");
        let native: Vec<_> = translation.granted().native().map(Grant::name).collect();
        let read = WORDS.read(sent.iter().copied());
        let read: Vec<_> =
            read.native().iter().filter_map(|it| it.strip_prefix("synthetic:")).collect();
        assert_eq!(native, read, "{translation:?}");
        let escalates = translation.granted().native().any(Grant::is_escalating);
        let may_escalate = request.needed().contains(KeysManage);
        assert!(may_escalate || !escalates, "{translation:?} escalates unasked");
    }
}

/// A successor of any key can do the same, in the provider's own terms too.
#[test]
fn request_of_a_record_is_granted_the_same() {
    let key_ref = || KeyRef::new("synthetic", "1").unwrap();
    let mut granted = 0;
    for bits in sets() {
        let reading = WORDS.read(words(bits));
        let record = KeyRecord::new(key_ref(), "key", reading.clone());
        let Ok(request) = record.to_request() else { continue };
        let Ok(translation) = WORDS.translate(&request) else { continue };
        assert_eq!(translation.granted().to_string(), reading.to_string(), "{:?}", words(bits));
        granted += 1;
    }
    assert!(granted > 500, "{granted}");
}

/// Without its name, a grant that opens nothing is granted only as a part of a compound.
#[test]
fn native_grant_is_granted_only_by_name_or_as_a_part() {
    for needs in closed_unions(PermissionSet::EMPTY, &atoms(&WORDS)) {
        let wishes = PermissionSet::ALL - PermissionSet::ESCALATING;
        let request = ScopeRequest::needs(needs).prefers(wishes).tolerates(wishes);
        let request = request.tolerates("synthetic:share").tolerates("synthetic:buckets");
        let Ok(translation) = WORDS.translate(&request) else { continue };
        assert!(translation.grants().all(|grant| !grant.is_native()), "{translation:?}");
        let parts = translation.granted().native().map(Grant::name);
        for part in parts {
            assert!(["buckets", "keys:write"].contains(&part), "{translation:?} has {part}");
        }
    }
}
