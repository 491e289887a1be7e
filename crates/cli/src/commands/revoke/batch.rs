//! Revoking keys, several at a time.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys::bulk::{Progress as Counts, revoke_many};

use crate::account::Account;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::progress::Progress;

use super::choice::Choice;
use super::outcome::{Done, of_key};

/// How many calls are in flight. Under the rate limits of most accounts, more would only wait for
/// their turn, and an interrupt would have to wait for them.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// Revokes the keys, and prints each result as it arrives. After a request to end, it starts no
/// other key and waits for those in flight.
pub(super) async fn run(
    choice: &Choice,
    account: &Account,
    interrupt: &Interrupt,
    output: &Output,
) -> Done {
    let targets: HashMap<_, _> =
        choice.targets.iter().map(|target| (&target.key_ref, target)).collect();
    let keys: Vec<_> = choice.targets.iter().map(|target| target.key_ref.clone()).collect();
    let mut progress = Progress::of(output, "revoking", keys.len());
    let mut batch = revoke_many(Arc::clone(account.issuer()), keys).with_concurrency(CONCURRENCY);
    let (counts, mut done) = (batch.progress(), Done::default());
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
            progress
                .above(|| done.add(target, &result.map_err(|error| of_key(error.into())), output));
        }
    }
    drop(progress);
    done.stopped = batch.stop_reason();
    let rest = batch.into_rest();
    for key in rest.into_unstarted() {
        if let Some(target) = targets.get(&key) {
            done.leave(target, output);
        }
    }
    done
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
