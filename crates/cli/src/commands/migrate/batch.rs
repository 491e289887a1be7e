//! Moving keys, one after another.

use std::time::Duration;

use super::outcome::{Done, Fate, Line};
use super::plan::{Move, Planned};
use super::selection::Between;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::managed::Managed;
use crate::managed::refusal::ScopeFrom;
use crate::managed::replacing::Replacement;
use crate::output::Output;
use crate::progress::Progress;

/// Moves the keys and prints each result as it arrives. After a request to stop, or a failure that
/// every key would meet, no further key is started.
pub(super) async fn run(
    moves: Vec<Move>,
    between: Between<'_>,
    overlap: Duration,
    managed: &Managed,
    interrupt: &Interrupt,
    output: &Output,
) -> Done {
    let count = moves.iter().filter(|it| it.verdict.is_ok()).count();
    let mut progress = Progress::of(output, "moving", count);
    let (mut done, mut is_stopped) = (Done::default(), false);
    for Move { key, verdict } in moves {
        let line = |fate| Line::of(&key, fate, between);
        let Planned { new, rotation } = match verdict {
            Ok(planned) => planned,
            Err(failure) => {
                progress.above(|| line(Fate::Stays).with_error(&failure).print(output));
                done.add_staying();
                continue;
            }
        };
        if is_stopped || interrupt.is_requested() {
            // People are told the number.
            if output.is_json() {
                line(Fate::NotStarted).with_new(&new).print(output);
            }
            done.add_not_started();
            continue;
        }
        let replacement = Replacement {
            managed,
            key: &key,
            account: between.into,
            destination: &new.destination,
            scope: ScopeFrom::OtherAccount,
            overlap,
        };
        let moving = Box::pin(replacement.run(rotation, interrupt, output));
        let result = progress.during(moving, || done.so_far()).await.map_err(Failure::of_key);
        progress.above(|| Line::after(&key, &new, &result, between).print(output));
        is_stopped = result.as_ref().is_err_and(concerns_all);
        done.add(&result);
    }
    done
}

/// Whether each further key would fail in the same way.
fn concerns_all(failure: &Failure) -> bool {
    matches!(failure.exit(), Exit::Later | Exit::Refused | Exit::Configuration)
}
