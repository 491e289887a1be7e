//! Moving keys, one after another.

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

/// Moves the keys, and prints each result as it arrives. After a request to end, or a failure that
/// each key would meet, it starts no other key.
pub(super) async fn run(
    moves: Vec<Move>,
    between: Between<'_>,
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
        };
        let moving = replacement.run(rotation, interrupt, output);
        match progress.during(moving, || done.so_far()).await {
            Ok(replaced) => {
                let line = line(Fate::Moved).with_new(&new).with_replaced(&replaced);
                progress.above(|| line.print(output));
                done.add_moved(&replaced);
            }
            Err(failure) => {
                let fate =
                    if failure.exit() == Exit::Unknown { Fate::Unknown } else { Fate::Failed };
                progress.above(|| line(fate).with_new(&new).with_error(&failure).print(output));
                is_stopped = concerns_all(&failure);
                done.add_failed(&failure);
            }
        }
    }
    done
}

/// A failure to do something with a key, which is none of the command line.
fn of_key(failure: Failure) -> Failure {
    if failure.exit() == Exit::Usage { failure.with_exit(Exit::Failed) } else { failure }
}

/// Whether each further key would fail in the same way.
fn concerns_all(failure: &Failure) -> bool {
    matches!(failure.exit(), Exit::Later | Exit::Refused | Exit::Configuration)
}
