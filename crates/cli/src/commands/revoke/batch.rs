//! Revoking keys, several at a time.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys::KeyRef;
use pinning_keys::bulk::{Progress as Counts, revoke_many};

use crate::account::Account;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::progress::Progress;

use super::choice::Choice;
use super::outcome::{Done, Fate, of_key};
use super::target::Target;

/// How many calls are in flight. Under the rate limits of most accounts, more would only wait for
/// their turn, and an interrupt would have to wait for them.
pub(super) const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// Revokes the keys that are revoked without a store, and prints each result as it arrives. After a
/// request to end, it starts no other key and waits for those in flight.
pub(super) async fn run(
    choice: &Choice,
    account: &Account,
    interrupt: &Interrupt,
    output: &Output,
    done: &mut Done,
) {
    let unmanaged = choice.targets.iter().filter(|target| !target.is_managed());
    let targets: Vec<(KeyRef, &Target)> =
        unmanaged.filter_map(|target| Some((target.key_ref()?.into_owned(), target))).collect();
    if targets.is_empty() {
        return;
    }
    let keys: Vec<_> = targets.iter().map(|(key_ref, _)| key_ref.clone()).collect();
    let targets: HashMap<_, _> = targets.into_iter().collect();
    let mut progress = Progress::of(output, "revoking", keys.len());
    let mut batch = revoke_many(Arc::clone(account.issuer()), keys).with_concurrency(CONCURRENCY);
    let counts = batch.progress();
    if interrupt.is_requested() {
        // While the keys of the store were revoked.
        batch.stop();
    }
    loop {
        let next = tokio::select! {
            biased;
            next = progress.during(batch.next(), || so_far(&counts)) => next,
            () = interrupt.requested(), if !batch.is_stopped() => {
                batch.stop();
                progress.above(|| output.note(format_args!(
                    "interrupted: {} in flight are settled first; interrupt again to end at once",
                    counts.in_flight()
                )));
                continue;
            }
        };
        let Some((key, result)) = next else { break };
        if let Some(target) = targets.get(&key) {
            let fate = result.map(Fate::of).map_err(|error| of_key(error.into()));
            progress.above(|| done.add(target, &fate, output));
        }
    }
    drop(progress);
    done.stopped = batch.stop_reason().or(done.stopped);
    let rest = batch.into_rest();
    for key in rest.into_unstarted() {
        if let Some(target) = targets.get(&key) {
            done.leave(target, output);
        }
    }
}

/// How many keys have a result, and what else a person wants to know.
fn so_far(counts: &Counts) -> (usize, String) {
    let (succeeded, failed) = (counts.succeeded(), counts.failed());
    let failures = if failed == 0 { String::new() } else { format!(", {failed} failed") };
    let wait = counts.waits_for().map_or_else(String::new, waiting);
    (succeeded + failed, failures + &wait)
}

fn waiting(time: Duration) -> String {
    format!(", waiting {} s for the rate limit", time.as_secs() + 1)
}
