//! Whatever goes wrong, and wherever a batch is left and resumed: each item comes to one end, and
//! no key is made twice.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use pinning_keys_bulk::{IssueMany, issue_many};
use pinning_keys_core::{Effect, KeyRequest};
use proptest::prelude::*;
use tokio::time::timeout;

use crate::desk::{Desk, Step, request, seconds};

/// What a reader does with a batch after some results.
#[derive(Clone, Copy, Debug)]
enum Leave {
    /// Gives a read up half-way, and reads on.
    Read,
    /// Stops, reads what is under way, and begins another batch with the rest.
    Stop,
    /// Drops it with all that is under way, and begins another batch with the rest.
    Drop,
}

#[derive(Clone, Debug)]
struct Case {
    scripts: Vec<Vec<Step>>,
    concurrency: usize,
    /// After how many results, and after how many milliseconds more.
    leaves: Vec<(usize, u64, Leave)>,
}

fn cases() -> impl Strategy<Value = Case> {
    let step = prop_oneof![
        3 => Just(Step::Done),
        2 => Just(Step::TooMany(None)),
        1 => Just(Step::TooMany(Some(seconds(7)))),
        2 => Just(Step::NotSent),
        1 => Just(Step::Lost),
        1 => Just(Step::Refused),
    ];
    let scripts = prop::collection::vec(prop::collection::vec(step, 0..5), 0..25);
    let leave = prop_oneof![Just(Leave::Read), Just(Leave::Stop), Just(Leave::Drop)];
    let leaves = prop::collection::vec((0..8_usize, 0..300_u64, leave), 0..4);
    (scripts, 1..9_usize, leaves).prop_map(|(scripts, concurrency, leaves)| Case {
        scripts,
        concurrency,
        leaves,
    })
}

/// How each item ended; an item that ends twice is a failure.
#[derive(Default)]
struct Ends(HashMap<String, Option<Effect>>);

impl Ends {
    fn note(&mut self, name: &str, failure: Option<Effect>) {
        let before = self.0.insert(name.to_owned(), failure);
        assert!(before.is_none(), "{name} ended twice");
    }
}

async fn run(case: Case) {
    let names: Vec<_> = (0..case.scripts.len()).map(|n| format!("item {n}")).collect();
    let desk = Desk::new(Duration::from_millis(100));
    let scripts = names.iter().zip(case.scripts);
    let desk = scripts.fold(desk, |desk, (name, steps)| desk.script(name, steps));

    let mut ends = Ends::default();
    let all: Vec<KeyRequest> = names.iter().map(request).collect();
    let patient =
        |batch: IssueMany| batch.with_concurrency(case.concurrency).with_patience(Duration::MAX);
    let mut batch = patient(issue_many(desk.clone(), all));
    for (results, millis, leave) in case.leaves {
        for _ in 0..results {
            let Some((request, result)) = batch.next().await else { break };
            ends.note(request.name().as_str(), result.err().map(|error| error.effect()));
        }
        let given_up = timeout(Duration::from_millis(millis), batch.next()).await;
        if let Ok(Some((request, result))) = given_up {
            ends.note(request.name().as_str(), result.err().map(|error| error.effect()));
        }
        match leave {
            Leave::Read => continue,
            Leave::Stop => {
                batch.stop();
                while let Some((request, result)) = batch.next().await {
                    ends.note(request.name().as_str(), result.err().map(|error| error.effect()));
                }
            }
            Leave::Drop => {}
        }
        let rest = batch.into_rest();
        assert!(matches!(leave, Leave::Drop) || rest.in_doubt.is_empty());
        // What reconciling does: who has a key has an end, and who has none is asked for again.
        let (made, not_made): (Vec<_>, Vec<_>) =
            rest.in_doubt.into_iter().partition(|request| desk.made(request.name().as_str()) > 0);
        for request in made {
            ends.note(request.name().as_str(), Some(Effect::Unknown));
        }
        let again = not_made.into_iter().chain(rest.unstarted);
        batch = patient(issue_many(desk.clone(), again));
    }
    while let Some((request, result)) = batch.next().await {
        ends.note(request.name().as_str(), result.err().map(|error| error.effect()));
    }
    assert!(!batch.is_stopped(), "patience ran out");

    assert_eq!(ends.0.keys().collect::<HashSet<_>>(), names.iter().collect::<HashSet<_>>());
    for (name, failure) in ends.0 {
        let made = match failure {
            None => desk.made(&name) == 1,
            Some(Effect::Unknown) => desk.made(&name) <= 1,
            Some(_) => desk.made(&name) == 0,
        };
        assert!(made, "{name}: {failure:?}, and made {} times", desk.made(&name));
    }
}

proptest! {
    #[test]
    fn each_item_comes_to_one_end(case in cases()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(case));
    }
}
