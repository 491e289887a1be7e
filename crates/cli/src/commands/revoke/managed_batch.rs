//! Revoking keys through the store, several at a time.

use std::collections::{HashMap, VecDeque};
use std::panic::resume_unwind;
use std::time::SystemTime;

use pinning_keys::bulk::StopReason;
use pinning_keys_lifecycle::{Error, KeyId, KeyManager, RevokeOutcome};
use tokio::task::JoinSet;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::view::moment;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::progress::Progress;

use super::batch::CONCURRENCY;
use super::choice::Choice;
use super::outcome::{Done, Fate, SCHEDULED};
use super::target::Target;

/// Revokes the keys of the store, and prints each result as it arrives. After a request to end, it
/// starts no other key and waits for those in flight.
pub(super) async fn run(
    choice: &Choice,
    manager: &KeyManager,
    interrupt: &Interrupt,
    output: &Output,
    done: &mut Done,
) {
    let rows = choice.targets.iter().filter_map(|target| Some((target, target.row()?.id())));
    let targets: HashMap<&KeyId, &Target> = rows.clone().map(|(target, id)| (id, target)).collect();
    let mut waiting: VecDeque<(&Target, &KeyId)> = rows.collect();
    let (all, mut settled, mut is_told) = (waiting.len(), 0, false);
    let mut progress = Progress::of(output, "revoking", all);
    let mut running: JoinSet<(KeyId, Result<RevokeOutcome, Error>)> = JoinSet::new();
    loop {
        while running.len() < CONCURRENCY.get() && !interrupt.is_requested() {
            let Some((_, id)) = waiting.pop_front() else { break };
            let (manager, id) = (manager.clone(), id.clone());
            running.spawn(async move {
                let outcome = manager.revoke(&id).await;
                (id, outcome)
            });
        }
        let in_flight = running.len();
        let next = tokio::select! {
            biased;
            next = progress.during(running.join_next(), || (settled, String::new())) => next,
            () = interrupt.requested(), if !is_told => {
                is_told = true;
                progress.above(|| output.note(format_args!(
                    "interrupted: {in_flight} in flight are settled first; interrupt again to end \
                     at once"
                )));
                continue;
            }
        };
        let Some(ended) = next else { break };
        // No task is cancelled.
        let (id, outcome) = ended.unwrap_or_else(|error| resume_unwind(error.into_panic()));
        if let Some(target) = targets.get(&id) {
            settled += 1;
            progress.above(|| done.add(target, &result(outcome), output));
        }
    }
    drop(progress);
    if !waiting.is_empty() {
        done.stopped = Some(StopReason::Requested);
    }
    for (target, _) in waiting {
        done.leave(target, output);
    }
}

/// What became of the key.
pub(super) fn result(outcome: Result<RevokeOutcome, Error>) -> Result<Fate, Failure> {
    match outcome.map_err(|error| without_store(error.into()))? {
        RevokeOutcome::Revoked => Ok(Fate::Revoked),
        RevokeOutcome::Scheduled { why, retry_at } => Err(scheduled(&why, retry_at)),
        // What a later version of the library may add is no proof that the key is gone.
        outcome => Err(scheduled(&outcome.to_string(), None)),
    }
}

/// The failure of a revocation that the worker retries.
fn scheduled(why: &str, retry_at: Option<SystemTime>) -> Failure {
    let next = retry_at.and_then(moment).map_or_else(String::new, |at| format!("; next try {at}"));
    Failure::new(Exit::Later, format!("{}{next}", escaped(why))).with_kind(SCHEDULED)
}

/// The failure of a store. It must not prevent the revocation of a leaked key.
pub(super) fn without_store(failure: Failure) -> Failure {
    match failure.kind() {
        Some("store" | "wrong_account") => {
            failure.with_next("to revoke at the provider alone:  --unmanaged")
        }
        _ => failure,
    }
}
