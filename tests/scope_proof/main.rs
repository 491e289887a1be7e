//! The proof that a translation grants what was requested, by enumeration.
//!
//! For each table, requests with every floor and ceiling that the table can distinguish are
//! translated and compared with an oracle that examines every set of grants. Why these requests
//! represent all is argued in `bounds`. The argument is checked by enumerating permissions instead
//! of atoms: for the smaller tables in each run, and for Pinata's in the raw enumeration (75 s on
//! two cores):
//!
//! ```text
//! cargo test --release -p pinning-keys --test scope_proof -- --ignored
//! ```

use std::collections::HashSet;
use std::thread;

use pinning_keys::w3ipfs::SCOPES;
use pinning_keys_core::{
    KeyScope, PermissionSet, PermissionTable, ScopeError, ScopeRequest, Translation,
};
use pinning_keys_pinata::{ENDPOINTS, RESOURCES};
use pinning_keys_testkit::golden::assert_golden;

mod bounds;
mod native;
mod oracle;
mod synthetic;
mod tables;

use bounds::{atoms, closed_unions, floors_by_ceiling, foreign, permissions_as_atoms, preferences};
use native::WORDS;
use oracle::{Answer, Oracle, best};
use synthetic::SYNTHETIC;

/// The tables of real providers.
static PROVIDERS: [&PermissionTable; 3] = [&RESOURCES, &ENDPOINTS, &SCOPES];

static TABLES: [&PermissionTable; 5] = [&RESOURCES, &ENDPOINTS, &SCOPES, &SYNTHETIC, &WORDS];

#[test]
fn pinata_resources_answer_every_request_best() {
    prove_with_drawn_preferences(&RESOURCES);
}

#[test]
fn pinata_endpoints_answer_every_request_best() {
    prove_with_drawn_preferences(&ENDPOINTS);
}

#[test]
fn w3ipfs_scopes_answer_every_request_best() {
    prove_with_every_preference(&SCOPES, &permissions_as_atoms(&SCOPES));
}

#[test]
fn nested_and_escalating_grants_answer_every_request_best() {
    prove_with_every_preference(&SYNTHETIC, &permissions_as_atoms(&SYNTHETIC));
}

#[test]
fn compound_and_native_grants_answer_every_request_best() {
    prove_with_every_preference(&WORDS, &permissions_as_atoms(&WORDS));
}

#[test]
fn request_that_needs_nothing_is_refused() {
    for table in TABLES {
        for rest in closed_unions(PermissionSet::EMPTY, &atoms(table)) {
            let rest = rest - PermissionSet::ESCALATING;
            let nothing = ScopeRequest::needs(PermissionSet::EMPTY);
            let requests = [nothing.clone().prefers(rest), nothing.tolerates(rest)];
            for request in requests {
                assert_eq!(table.translate(&request), Err(ScopeError::Empty), "{table}: {request}");
            }
        }
    }
}

#[test]
fn escalating_permission_is_granted_only_if_needed() {
    for table in TABLES {
        for needs in closed_unions(PermissionSet::EMPTY, &atoms(table)) {
            for rest in [PermissionSet::ESCALATING, PermissionSet::ALL] {
                let request = ScopeRequest::needs(needs);
                for request in [request.clone().prefers(rest), request.tolerates(rest)] {
                    let refused = table.translate(&request);
                    let escalating =
                        matches!(refused, Err(ScopeError::Escalating { brought_by: None, .. }));
                    assert!(escalating, "{table}: {request}: {refused:?}");
                }
            }
        }
    }
}

#[test]
fn tolerated_grant_equals_the_permissions_it_opens() {
    for table in TABLES {
        for grant in table.grants().iter().filter(|grant| !grant.is_native()) {
            let name = format!("{}:{}", table.provider(), grant.name());
            let brings = grant.opens() & PermissionSet::ESCALATING;
            for needs in closed_unions(PermissionSet::EMPTY, &atoms(table)) {
                let by_name = table.translate(&ScopeRequest::needs(needs).tolerates(&*name));
                if needs.is_empty() {
                    assert_eq!(by_name, Err(ScopeError::Empty), "{name}");
                } else if brings.is_subset(needs) {
                    let request = ScopeRequest::needs(needs).tolerates(grant.opens() - brings);
                    let spelt_out = table.translate(&request);
                    assert_eq!(by_name.ok(), spelt_out.ok(), "{request} by {name}");
                } else {
                    let Err(ScopeError::Escalating { permissions, brought_by, .. }) = by_name
                    else {
                        panic!("needs {needs}, tolerates {name}: {by_name:?}");
                    };
                    assert_eq!((permissions, brought_by), (brings, Some(name.clone())));
                }
            }
        }
    }
}

#[test]
fn admin_is_granted_only_to_an_admin_request() {
    for table in TABLES {
        let translation = table.translate(&ScopeRequest::admin()).unwrap();
        assert!(translation.granted().is_admin());
        assert_eq!(translation.grants().count(), 0);

        let everything = table.translate(&ScopeRequest::needs(table.reach())).unwrap();
        assert_eq!(everything.granted().scope(), KeyScope::of(table.reach()));
        assert!(!everything.granted().is_admin());
    }
}

#[test]
fn grants_open_what_they_opened_before() {
    let described: String = PROVIDERS.map(tables::describe).concat();
    assert_golden(
        "tests/fixtures/tables.txt",
        &described,
        "Changing what a grant opens is a breaking change, because keys that apps request today \
         could do something else. So is removing a grant. Either needs a new major version and a \
         line in the changelog.",
    );
}

#[test]
fn presets_are_as_documented() {
    let presets = [
        ("reader", ScopeRequest::reader()),
        ("uploader", ScopeRequest::uploader()),
        ("pinner", ScopeRequest::pinner()),
        ("manager", ScopeRequest::manager()),
    ];
    let sections = presets.map(|(name, preset)| tables::preset_section(name, &preset, &PROVIDERS));
    assert_golden(
        "docs/presets.md",
        &format!("{PRESETS_HEAD}{}", sections.concat()),
        "Changing a preset is a breaking change for its users.",
    );
}

const PRESETS_HEAD: &str = "\
# What the presets become

<!-- Written by tests/scope_proof/main.rs; run it with UPDATE_GOLDEN=1. -->

For each preset and table, this page shows what a key can do. *Missing* permissions were preferred
but are unavailable; *extra* ones were tolerated and come with the grant. No preset tolerates
anything itself: if a provider cannot grant the request without granting more, the request is
refused until you add the tolerance, as in the row below the refusal.
";

#[test]
#[ignore = "the raw enumeration, for a release build"]
fn every_preference_between_every_floor_and_ceiling() {
    for table in [&RESOURCES, &ENDPOINTS] {
        prove_with_every_preference(table, &atoms(table));
    }
}

/// Every closed set of the permissions that the table opens is needed in turn, and with it
/// every set of the table's grants is allowed.
#[test]
#[ignore = "the raw enumeration, for a release build"]
fn every_closed_set_of_permissions_below_every_set_of_grants() {
    let table = &RESOURCES;
    let oracle = Oracle::new(table);
    let permissions = permissions_as_atoms(table);
    let preferred = preferences(&permissions);
    let floors = closed_unions(PermissionSet::EMPTY, &permissions);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for share in 0..threads {
            let floors = floors.iter().copied().skip(share).step_by(threads);
            let (oracle, preferred) = (&oracle, &preferred);
            scope.spawn(move || {
                let mut proof = Proof::new(table, oracle);
                for needs in floors.filter(|needs| !needs.is_empty()) {
                    for allowed in oracle.within(PermissionSet::ALL) {
                        let slack = allowed.reach - needs;
                        if slack.is_disjoint(PermissionSet::ESCALATING) {
                            let ceiling = needs | slack;
                            let answers = oracle.within(ceiling);
                            proof.between(needs, ceiling, &answers, drawn(preferred, slack));
                        }
                    }
                }
                assert!(!proof.granted.is_empty() && proof.refused > 0);
            });
        }
    });
}

/// Between every floor and ceiling over the table's atoms, some preferences.
fn prove_with_drawn_preferences(table: &'static PermissionTable) {
    let atoms = atoms(table);
    let preferred = preferences(&atoms);
    prove(table, &atoms, |needs, ceiling| {
        // What nothing opens is refused whatever is preferred: there the first two do.
        let draws = if needs.is_disjoint(foreign(table)) { preferred.len() } else { 2 };
        drawn(&preferred[..draws], ceiling - needs)
    });
}

/// Between every floor and ceiling over these atoms, every preference over them.
fn prove_with_every_preference(table: &'static PermissionTable, atoms: &[PermissionSet]) {
    prove(table, atoms, |needs, ceiling| {
        let open: Vec<_> = atoms
            .iter()
            .map(|atom| (*atom & ceiling) - needs)
            .filter(|set| !set.is_empty())
            .collect();
        closed_unions(needs, &open).into_iter().map(|granted| granted - needs).collect()
    });
}

fn prove(
    table: &'static PermissionTable,
    atoms: &[PermissionSet],
    preferences: impl Fn(PermissionSet, PermissionSet) -> Vec<PermissionSet>,
) {
    let oracle = Oracle::new(table);
    let mut proof = Proof::new(table, &oracle);
    for (ceiling, floors) in floors_by_ceiling(atoms) {
        let answers = oracle.within(ceiling);
        for needs in floors {
            proof.between(needs, ceiling, &answers, preferences(needs, ceiling));
        }
    }
    proof.finish();
}

/// The parts of `slack` that these sets select, each once.
fn drawn(preferred: &[PermissionSet], slack: PermissionSet) -> Vec<PermissionSet> {
    let mut parts = Vec::with_capacity(preferred.len());
    for part in preferred.iter().map(|set| *set & slack) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

/// A comparison of translations with the oracle, and what came of it.
struct Proof<'a> {
    table: &'static PermissionTable,
    oracle: &'a Oracle,
    /// What was granted at least once.
    granted: HashSet<PermissionSet>,
    refused: usize,
}

impl<'a> Proof<'a> {
    fn new(table: &'static PermissionTable, oracle: &'a Oracle) -> Self {
        Self { table, oracle, granted: HashSet::new(), refused: 0 }
    }

    /// Asks for `needs` and at most `ceiling`, within which these answers lie. Each of
    /// `preferred` in turn is preferred, and the rest tolerated.
    fn between(
        &mut self,
        needs: PermissionSet,
        ceiling: PermissionSet,
        answers: &[&Answer],
        preferred: Vec<PermissionSet>,
    ) {
        let answers: Vec<_> =
            answers.iter().copied().filter(|answer| needs.is_subset(answer.reach)).collect();
        for prefers in preferred {
            let tolerates = ceiling - needs - prefers;
            let request = ScopeRequest::needs(needs).prefers(prefers).tolerates(tolerates);
            match (best(&answers, needs, prefers), self.table.translate(&request)) {
                (Some(best), Ok(translation)) => {
                    check(&request, &translation, best, [needs, prefers, ceiling]);
                    self.granted.insert(best.reach);
                }
                (None, Err(ScopeError::Inexpressible(_))) => self.refused += 1,
                (best, result) => panic!(
                    "{}: {request}:\n  the best answer is {best:?}\n  and translating gives \
                     {result:?}",
                    self.table
                ),
            }
        }
    }

    /// Checks that something was proved, and what depends on the granted set alone.
    fn finish(self) {
        let Self { table, oracle, granted, refused } = self;
        assert!(refused > 0, "{table} was asked for nothing that it cannot express");
        let answers = oracle.within(PermissionSet::ALL);
        assert_eq!(granted.len(), answers.len() - 1, "{table} gave every answer but the empty one");
        for answer in answers.iter().filter(|answer| !answer.reach.is_empty()) {
            let scope = KeyScope::of(answer.reach);
            let words = answer.grants.iter().flat_map(|grant| grant.wire_names());
            let read = table.read(words.copied());
            assert_eq!(read.scope(), scope, "{table} reads back what it granted");
            assert!(!read.is_lower_bound(), "{table} knows its own names");
            let again = table.translate(&ScopeRequest::exactly(read.scope()).unwrap()).unwrap();
            assert_eq!(again.granted().scope(), scope, "{table} grants again what it granted");
            assert!(again.grants().eq(answer.grants.iter().copied()), "{again:?}, {answer:?}");
        }
    }
}

/// Checks a translation against the bounds of its request, and against the best answer.
fn check(
    request: &ScopeRequest,
    translation: &Translation,
    best: &Answer,
    [needs, prefers, ceiling]: [PermissionSet; 3],
) {
    let granted = translation.granted().permissions();
    let granted = granted.unwrap_or_else(|| panic!("{request} became an admin key"));
    let holds = |holds: bool, what: &str| {
        assert!(holds, "{request}: {what}:\n  {translation:?}\n  the best: {best:?}");
    };
    holds(needs.is_subset(granted), "grants less than what is needed");
    holds(granted.is_subset(ceiling), "grants more than is allowed");
    let escalating = granted & PermissionSet::ESCALATING;
    holds(escalating.is_subset(needs), "grants what escalates, unasked");
    holds(granted == best.reach, "grants another set than the best");
    holds(translation.grants().eq(best.grants.iter().copied()), "has other grants than the best");
    holds(translation.missing() == prefers - granted, "reports something else missing");
    holds(translation.extra() == granted - needs - prefers, "reports another extra");
}
