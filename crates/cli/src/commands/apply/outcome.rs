//! What became of each key, and how the command ends.

use std::time::SystemTime;

use pinning_keys::KeyRef;
use serde::Serialize;

use super::fate::Fate;
use crate::command_line::command;
use crate::declared::Line;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::managed::replacing::OldKey;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::time::rfc3339;

/// What to do about most failures.
pub(super) const AGAIN: &str = "run the same command again";

/// What became of a key, as it is printed.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    line: Line<'a>,
    result: &'static str,
    /// The new key.
    new_id: Option<&'a str>,
    new_key_ref: Option<KeyRef>,
    /// What became of the key that was replaced.
    old_key: Option<&'static str>,
    #[serde(serialize_with = "rfc3339")]
    old_key_works_until: Option<SystemTime>,
}

/// What was done.
#[derive(Default)]
pub(super) struct Done {
    issued: usize,
    rotated: usize,
    revoked: usize,
    /// How many keys are not as declared because a change failed or is waiting.
    failed: usize,
    /// How many keys may exist, or may have been delivered.
    unknown: usize,
    waiting: usize,
    not_started: usize,
    /// How many replaced keys should have ended but still work.
    still_work: usize,
    /// Whether a worker must end a new key, or an old one after its overlap.
    has_timed: bool,
    exit: Option<Exit>,
    /// What to do about the most serious failure.
    advice: Vec<String>,
}

impl Done {
    /// Records what became of a key, and prints it.
    pub(super) fn add(&mut self, line: Line<'_>, fate: &Fate, output: &Output) {
        match fate {
            Fate::UpToDate => {}
            Fate::Issued(_) => self.issued += 1,
            Fate::Rotated { old, .. } => {
                self.rotated += 1;
                let still_works = old.as_ref().is_some_and(|old| !old.is_settled());
                self.still_work += usize::from(still_works);
            }
            Fate::Revoked => self.revoked += 1,
            Fate::Scheduled(_) | Fate::Waiting(_) => self.waiting += 1,
            Fate::Failed(failure) if failure.exit() == Exit::Unknown => self.unknown += 1,
            Fate::Failed(_) => self.failed += 1,
            Fate::NotStarted(_) => self.not_started += 1,
        }
        let works = fate.old().and_then(OldKey::works_until);
        self.has_timed |= works.is_some() || fate.key().is_some_and(|key| key.lease().is_some());
        let (exit, before) = (fate.exit(), self.exit.unwrap_or(Exit::Done));
        if let Some(failure) = fate.failure().filter(|_| before.or_worse(exit) != before) {
            self.advice = failure.next().to_vec();
        }
        self.exit = Some(before.or_worse(exit));
        print(line, fate, output);
    }

    /// How many keys have a result.
    pub(super) fn worked(&self) -> usize {
        self.changed() + self.failed + self.unknown
    }

    pub(super) fn has_timed(&self) -> bool {
        self.has_timed
    }

    /// Whether every key so far is as declared.
    pub(super) fn is_whole(&self) -> bool {
        self.failed + self.unknown + self.waiting + self.not_started == 0
    }

    fn changed(&self) -> usize {
        self.issued + self.rotated + self.revoked
    }

    /// How the command ends.
    pub(super) fn end(
        self,
        exit_code: bool,
        is_interrupted: bool,
        output: &Output,
    ) -> Result<Exit, Failure> {
        let counts = [
            (self.issued, "issued"),
            (self.rotated, "rotated"),
            (self.revoked, "revoked"),
            (self.waiting, "waiting"),
            (self.still_work, "replaced but still working"),
            (self.unknown, "unknown"),
            (self.failed, "failed"),
            (self.not_started, "not started"),
        ];
        let counts: Vec<_> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let counts = counts.join(", ");
        let again = || format!("{AGAIN} to continue");
        match self.exit {
            _ if is_interrupted && self.not_started > 0 => {
                let what = format!("interrupted; {counts}");
                Err(Failure::new(Exit::Interrupted, what).with_next(again()))
            }
            None | Some(Exit::Done) if counts.is_empty() => {
                output.note("every declared key is as declared");
                Ok(Exit::Done)
            }
            None | Some(Exit::Done) => {
                output.note(counts);
                Ok(if exit_code { Exit::Changes } else { Exit::Done })
            }
            Some(exit) => {
                let failure =
                    Failure::new(exit, format!("not every declared key is as declared: {counts}"));
                let mut next = self.advice;
                if self.still_work > 0 {
                    next.push(format!("{}   revokes old keys", command("run --once")));
                }
                if !next.iter().any(|line| line.contains(AGAIN)) {
                    next.push(again());
                }
                Err(failure.with_only_next(next))
            }
        }
    }
}

fn print(line: Line<'_>, fate: &Fate, output: &Output) {
    if output.is_json() {
        let key = fate.key();
        return output.object(&Report {
            line: line.with_error(fate.failure()),
            result: fate.word(),
            new_id: key.map(|key| key.id().as_str()),
            new_key_ref: key.and_then(|key| key.key_refs().into_iter().next()),
            old_key: fate.old().map(OldKey::word),
            old_key_works_until: fate.old().and_then(OldKey::works_until),
        });
    }
    if matches!(fate, Fate::UpToDate) {
        return;
    }
    let word = fate.tone().paint(format!("{:<11}", fate.word().replace('_', " ")));
    let to = line.to.as_deref().filter(|_| fate.key().is_some());
    let to = to.map(|to| format!("to {to}"));
    let parts = [escaped(line.name)].into_iter().chain(to).chain([fate.to_string()]);
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    output.line(format_args!("{word}   {}", parts.join("   ")));
}
