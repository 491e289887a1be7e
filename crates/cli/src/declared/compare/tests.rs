//! Each kind of drift, and that nothing is left to do once a verdict was applied to a model.

use std::collections::HashMap;
use std::num::NonZeroU64;

use pinning_keys::{Permission, PermissionSet};
use proptest::prelude::*;

use super::*;
use crate::declared::facts::{Listed, Other};
use crate::declared::limit::Limit;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + 20_000 * DAY + 12 * HOUR
}

fn id(number: u8) -> KeyId {
    format!("000000000000{}", char::from(b'0' + number % 10)).parse().expect("an id")
}

fn rights(permissions: &[Permission]) -> Rights {
    Rights {
        scope: PermissionSet::of(permissions).into(),
        native: std::collections::BTreeSet::new(),
        is_complete: true,
        restrictions: Vec::new(),
        uses: Limit::None,
    }
}

fn wanted() -> Wanted {
    Wanted {
        name: "ci".to_owned(),
        account: "main".to_owned(),
        rights: rights(&[Permission::PinsList, Permission::PinsAddFile]),
        lease: Some(90 * DAY),
        max_lease: None,
        rotate: Some(30 * DAY),
    }
}

/// The rows of one holder, and what the account lists.
#[derive(Clone, Debug, Default)]
struct World {
    rows: Vec<Row>,
    listing: Listing,
}

impl World {
    /// A key that is as declared.
    fn add(&mut self, wanted: &Wanted, age: Duration) -> &mut Row {
        let id = id(u8::try_from(self.rows.len()).expect("few rows"));
        let created_at = noon() - age;
        let end = wanted.lease.map(|lease| created_at + lease);
        let max = wanted.lease.map(|lease| created_at + wanted.max_lease.unwrap_or(lease));
        self.listing.propagation = Duration::from_secs(10);
        let listed = Listed { rights: wanted.rights.clone(), is_revoked: false, is_used_up: false };
        self.listing.of_rows.insert(id.clone(), listed);
        self.rows.push(Row {
            name: named(wanted, &id, max),
            id,
            account: wanted.account.clone(),
            profile: wanted.account.clone(),
            holder: wanted.name.clone(),
            state: KeyState::Live,
            created_at,
            lease: wanted.lease,
            expires_at: end,
            max_until: max,
            deliver_by: created_at + HOUR / 6,
            replaces: None,
            replaced_by: None,
            is_adopted: false,
            has_failed: false,
            rights: Some(wanted.rights.clone()),
            key_refs: Vec::new(),
        });
        self.rows.last_mut().expect("it was added")
    }

    fn verdict(&self, wanted: &Wanted) -> Verdict {
        verdict(wanted, &self.rows.iter().collect::<Vec<_>>(), &self.listing, noon())
    }

    fn reasons(&self, wanted: &Wanted) -> Vec<String> {
        match self.verdict(wanted) {
            Verdict::UpToDate { .. } => Vec::new(),
            Verdict::Issue { why, .. } => vec![format!("issue: {why}")],
            Verdict::Rotate { reasons, .. } => reasons.iter().map(ToString::to_string).collect(),
            Verdict::Wait { .. } => vec!["wait".to_owned()],
        }
    }

    /// Does what a verdict says.
    fn apply(&mut self, wanted: &Wanted) {
        match self.verdict(wanted) {
            Verdict::UpToDate { .. } => {}
            Verdict::Issue { over, .. } => {
                self.end(over.as_ref());
                self.add(wanted, Duration::ZERO);
            }
            Verdict::Rotate { id: old, .. } => {
                let new = self.add(wanted, Duration::ZERO);
                new.replaces = Some(old.clone());
                let new = new.id.clone();
                let old = self.rows.iter_mut().find(|row| row.id == old).expect("a row");
                old.replaced_by = Some(new);
            }
            Verdict::Wait { id, .. } => self.end(Some(&id)),
        }
    }

    fn end(&mut self, id: Option<&KeyId>) {
        let ended = self.rows.iter_mut().filter(|row| Some(&row.id) == id);
        ended.for_each(|row| row.state = KeyState::Revoked);
    }
}

/// The name at the provider, with the day after the maximum.
fn named(wanted: &Wanted, id: &KeyId, max: Option<SystemTime>) -> String {
    let day = max.map_or_else(
        || "000000".to_owned(),
        |max| {
            let max = jiff::Timestamp::try_from(max + DAY).expect("a time");
            max.strftime("%y%m%d").to_string()
        },
    );
    format!("{}.00000000-{id}-{day}", wanted.name)
}

fn changed(change: impl FnOnce(&mut Wanted)) -> Wanted {
    let mut wanted = wanted();
    change(&mut wanted);
    wanted
}

#[test]
fn a_key_that_is_as_declared_needs_nothing() {
    let mut world = World::default();
    world.add(&wanted(), 29 * DAY);
    assert_eq!(world.reasons(&wanted()), [""; 0]);
}

#[test]
fn every_kind_of_drift_is_found() {
    let mut world = World::default();
    assert_eq!(world.reasons(&wanted()), ["issue: missing"]);
    world.add(&wanted(), 10 * DAY);
    let reasons = |change: fn(&mut Wanted)| world.reasons(&changed(change)).join("; ");
    for (found, expected) in [
        (reasons(|it| it.rights = rights(&[Permission::PinsList])), "drops pins:add-file"),
        (
            reasons(|it| {
                it.rights.scope =
                    it.rights.scope.and(PermissionSet::of(&[Permission::PinsRemove]).into());
            }),
            "adds pins:remove",
        ),
        (
            reasons(|it| it.rights = rights(&[Permission::PinsList, Permission::PinsRemove])),
            "adds pins:remove; drops pins:add-file",
        ),
        (
            reasons(|it| it.rights.uses = Limit::At(NonZeroU64::MIN)),
            "1 use instead of no limit on uses",
        ),
        (reasons(|it| it.lease = Some(36 * HOUR)), "a lease of 36h instead of a lease of 90d"),
        (reasons(|it| it.lease = None), "no lease instead of a lease of 90d"),
        (
            reasons(|it| it.max_lease = Some(180 * DAY)),
            "renewable until another time than declared",
        ),
        (reasons(|it| it.rotate = Some(10 * DAY)), "due: 10d old, rotated at 10d"),
        (reasons(|it| it.account = "other".to_owned()), "moves from account main"),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn what_the_provider_shows_is_drift() {
    let mut world = World::default();
    world.add(&wanted(), DAY);
    let shown = |change: fn(&mut Listed)| {
        let mut world = world.clone();
        change(world.listing.of_rows.get_mut(&id(0)).expect("it is listed"));
        world.reasons(&wanted()).join("; ")
    };
    assert_eq!(shown(|it| it.is_revoked = true), "gone: revoked at the provider");
    assert_eq!(shown(|it| it.is_used_up = true), "used up");
    assert_eq!(
        shown(|it| it.rights.restrictions = vec!["in bucket b1".to_owned()]),
        "no longer only in bucket b1"
    );
    assert_eq!(shown(|it| it.rights.uses = Limit::Unknown), "");
    assert_eq!(
        shown(
            |it| it.rights = Rights { scope: pinning_keys::KeyScope::admin(), ..it.rights.clone() }
        ),
        "no longer an admin key"
    );
    // What could not be read may be what seems to be missing.
    let partial = |it: &mut Listed| {
        it.rights = Rights { is_complete: false, ..rights(&[Permission::PinsList]) };
    };
    assert_eq!(shown(partial), "");
    world.listing.of_rows = HashMap::new();
    assert_eq!(world.reasons(&wanted()), ["gone: the provider no longer lists it"]);
    world.rows[0].created_at = noon() - Duration::from_secs(9);
    assert_eq!(world.reasons(&changed(|it| it.lease = None)).len(), 1, "too new to be missed");
}

#[test]
fn a_lease_that_is_over_is_issued_anew_and_an_open_delivery_waited_for() {
    let mut world = World::default();
    world.add(&wanted(), 91 * DAY);
    assert_eq!(world.reasons(&wanted()), ["issue: its lease is over"]);
    let open = world.add(&wanted(), Duration::ZERO);
    open.state = KeyState::Undelivered;
    assert_eq!(world.verdict(&wanted()), Verdict::Wait { id: id(1), until: noon() + HOUR / 6 });
    world.rows[1].replaces = Some(id(0));
    world.rows[1].has_failed = true;
    assert_eq!(world.reasons(&wanted()), ["issue: its lease is over"]);
}

#[test]
fn a_key_that_may_have_been_replaced_in_its_sink_is_rotated() {
    let mut world = World::default();
    world.add(&wanted(), DAY);
    let attempt = world.add(&wanted(), DAY);
    (attempt.state, attempt.replaces) = (KeyState::Undelivered, Some(id(0)));
    attempt.deliver_by = noon() - HOUR;
    assert_eq!(world.reasons(&wanted()), ["a rotation may have delivered another key"]);
    world.rows[1].state = KeyState::Revoked;
    assert_eq!(world.reasons(&wanted()), [""; 0]);
}

#[test]
fn what_is_not_managed_is_noted_and_changes_nothing() {
    let mut world = World::default();
    world.add(&wanted(), DAY);
    world.add(&wanted(), 2 * DAY).state = KeyState::InDoubt;
    world.add(&wanted(), 2 * DAY).is_adopted = true;
    world.add(&wanted(), 2 * DAY).replaced_by = Some(id(0));
    let other = |name: &str, is_stray| Other {
        name: name.to_owned(),
        base: "ci".to_owned(),
        key_ref: "v1:pinata:k".to_owned(),
        is_stray,
    };
    world.listing.others = vec![other("ci", false), other("ci.x", true)];
    assert_eq!(world.reasons(&wanted()), [""; 0]);
    let notes = notes(&wanted(), &world.rows.iter().collect::<Vec<_>>(), &world.listing);
    assert_eq!(
        notes,
        [
            Note::InDoubt { id: id(1), profile: "main".to_owned() },
            Note::Stray { name: world.rows[2].name.clone() },
            Note::Ending { id: id(3), profile: "main".to_owned(), until: world.rows[3].expires_at },
            Note::Foreign { name: "ci".to_owned(), key_ref: "v1:pinata:k".to_owned() },
            Note::Stray { name: "ci.x".to_owned() },
        ]
    );
}

fn any_wanted() -> impl Strategy<Value = Wanted> {
    let days = || prop::option::of(1..400_u32).prop_map(|days| days.map(|days| days * DAY));
    let permissions = prop::sample::subsequence(Permission::ALL.to_vec(), 1..4);
    (permissions, days(), days(), days(), 0..3_u64).prop_map(
        |(permissions, lease, longer, rotate, uses)| {
            let uses = NonZeroU64::new(uses).map_or(Limit::None, Limit::At);
            Wanted {
                rights: Rights { uses, ..rights(&permissions) },
                lease,
                max_lease: lease.zip(longer).map(|(lease, longer)| lease + longer),
                rotate: lease.map_or(rotate, |lease| rotate.filter(|it| *it < lease)),
                ..wanted()
            }
        },
    )
}

fn any_world() -> impl Strategy<Value = World> {
    let state = prop::sample::select(KeyState::ALL);
    let row = (any_wanted(), state, 0..500_u32, any::<[bool; 4]>());
    prop::collection::vec(row, 0..4).prop_map(|rows| {
        let mut world = World::default();
        for (wanted, state, days, [is_listed, is_adopted, is_replaced, is_moved]) in rows {
            let row = world.add(&wanted, days * DAY);
            row.state = state;
            row.is_adopted = is_adopted && state == KeyState::Live;
            row.replaced_by = is_replaced.then(|| id(9));
            if is_moved {
                "other".clone_into(&mut row.account);
            }
            // A holder has one open key.
            let (id, is_current) = (row.id.clone(), row.is_current());
            if is_current && world.rows.iter().filter(|row| row.is_current()).count() > 1 {
                world.end(Some(&id));
            }
            if !is_listed {
                world.listing.of_rows.remove(&id);
            }
        }
        world
    })
}

proptest! {
    #[test]
    fn what_was_applied_needs_nothing_more(wanted in any_wanted(), mut world in any_world()) {
        // The key that the plan waits for ends; then a new one is issued.
        for _ in 0..5 {
            world.apply(&wanted);
        }
        let current: Vec<_> = world.rows.iter().filter(|row| row.is_current()).collect();
        prop_assert_eq!(current.len(), 1);
        let id = current[0].id.clone();
        prop_assert_eq!(world.verdict(&wanted), Verdict::UpToDate { id });
    }
}
