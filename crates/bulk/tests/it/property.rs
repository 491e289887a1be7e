//! Whatever fails, and wherever a batch stops or is left and is resumed: each item ends once, and no
//! key is made twice.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use pinning_keys_bulk::{IssueMany, StopReason, issue_many};
use pinning_keys_core::{Effect, Error, ErrorKind, IssuedKey, KeyRequest};
use proptest::prelude::*;
use tokio::time::timeout;

use crate::desk::{Desk, Step, at_once, request, seconds};

/// What a reader does with a batch after some results.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Leave {
    /// Drops a read and continues.
    Read,
    /// Stops, reads what is in flight, and starts another batch with the rest.
    Stop,
    /// Drops the batch with the calls in flight, and starts another batch with the rest.
    Drop,
}

#[derive(Clone, Debug)]
struct Case {
    scripts: Vec<Vec<Step>>,
    concurrency: usize,
    /// After this many results and this many milliseconds more.
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
        1 => Just(Step::Fails(ErrorKind::TooManyKeys)),
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
    fn note(&mut self, request: &KeyRequest, failure: Option<Effect>) {
        let before = self.0.insert(request.name().to_string(), failure);
        assert!(before.is_none(), "{} ended twice", request.name());
    }

    /// Notes a result; `false` at the end of the batch.
    fn note_result(&mut self, next: Option<(KeyRequest, Result<IssuedKey, Error>)>) -> bool {
        let Some((request, result)) = next else { return false };
        self.note(&request, result.err().map(|error| error.effect()));
        true
    }
}

async fn run(case: Case) {
    let names: Vec<_> = (0..case.scripts.len()).map(|n| format!("item {n}")).collect();
    let desk = Desk::new(Duration::from_millis(100));
    let scripts = names.iter().zip(case.scripts);
    let desk = scripts.fold(desk, |desk, (name, steps)| desk.script(name, steps));

    let mut ends = Ends::default();
    let all: Vec<KeyRequest> = names.iter().map(request).collect();
    let patient = |batch: IssueMany| {
        batch.with_concurrency(at_once(case.concurrency)).with_patience(Duration::MAX)
    };
    let mut batch = patient(issue_many(desk.clone(), all));
    for (results, millis, leave) in case.leaves {
        for _ in 0..results {
            ends.note_result(batch.next().await);
        }
        if let Ok(next) = timeout(Duration::from_millis(millis), batch.next()).await {
            ends.note_result(next);
        }
        if leave == Leave::Read {
            continue;
        }
        if leave == Leave::Stop {
            batch.stop();
            while ends.note_result(batch.next().await) {}
        }
        let in_flight = batch.progress().in_flight();
        let rest = batch.into_rest();
        assert_eq!(rest.in_doubt().len(), in_flight);
        assert!(leave == Leave::Drop || in_flight == 0);
        // As reconciling does: an item whose key was made has ended, and the others start again.
        let (made, not_made): (Vec<_>, Vec<_>) = rest
            .in_doubt()
            .iter()
            .cloned()
            .partition(|request| desk.made(request.name().as_str()) > 0);
        for request in made {
            ends.note(&request, Some(Effect::Unknown));
        }
        let again = not_made.into_iter().chain(rest.into_unstarted());
        batch = patient(issue_many(desk.clone(), again));
    }
    loop {
        while ends.note_result(batch.next().await) {}
        let Some(reason) = batch.stop_reason() else { break };
        assert_eq!(reason, StopReason::Failure(ErrorKind::TooManyKeys));
        batch = patient(issue_many(desk.clone(), batch.into_rest().into_unstarted()));
    }

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
    fn each_item_ends_once(case in cases()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(case));
    }
}
