//! What became of each key, and how the command ends.

use std::fmt;
use std::time::SystemTime;

use pinning_keys::Granted;
use pinning_keys_lifecycle::ManagedKey;
use serde::Serialize;

use super::plan::NewKey;
use super::selection::Between;
use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::managed::comparison::Comparison;
use crate::managed::key_view::ManagedObject;
use crate::managed::replacing::{AttemptObject, Replaced};
use crate::managed::rows::base_name;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::time::rfc3339;
use crate::output::tone::Tone;

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// With `--dry-run`, it would be moved.
    Planned,
    Moved,
    AlreadyMoved,
    /// It cannot be moved as asked.
    Stays,
    Failed,
    /// There may be a new key, and its secret may be delivered.
    Unknown,
    /// Nothing was sent for it.
    NotStarted,
}

impl Fate {
    fn tone(self) -> Tone {
        match self {
            Self::Moved | Self::AlreadyMoved => Tone::Good,
            Self::Failed | Self::Unknown => Tone::Bad,
            Self::Planned | Self::Stays | Self::NotStarted => Tone::Notable,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Planned => "planned",
            Self::Moved => "moved",
            Self::AlreadyMoved => "already moved",
            Self::Stays => "stays",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotStarted => "not started",
        })
    }
}

/// What became of a key, as it is printed.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    name: &'a str,
    result: Fate,
    from: &'a str,
    into: &'a str,
    /// Null if the key stays, as for the next members.
    granted: Option<Granted>,
    lost: Option<&'a [String]>,
    gained: Option<&'a [String]>,
    to: Option<String>,
    old: ManagedObject<'a>,
    /// What became of the old key; null unless it was replaced.
    old_key: Option<&'static str>,
    #[serde(serialize_with = "rfc3339")]
    old_key_works_until: Option<SystemTime>,
    attempts: Vec<AttemptObject<'a>>,
    new: Option<ManagedObject<'a>>,
    error: Option<&'a Failure>,
}

impl<'a> Line<'a> {
    pub(super) fn of(key: &'a ManagedKey, result: Fate, between: Between<'a>) -> Self {
        Self {
            name: base_name(key),
            result,
            from: &between.from.name,
            into: &between.into.name,
            granted: None,
            lost: None,
            gained: None,
            to: None,
            old: ManagedObject::of(key),
            old_key: None,
            old_key_works_until: None,
            attempts: Vec::new(),
            new: None,
            error: None,
        }
    }

    pub(super) fn with_new(self, new: &'a NewKey) -> Self {
        let NewKey { granted, comparison: Comparison { lost, gained }, destination } = new;
        let (granted, to) = (Some(*granted), destination.place());
        Self { granted, lost: Some(lost), gained: Some(gained), to, ..self }
    }

    /// What became of a key that was tried.
    pub(super) fn after(
        key: &'a ManagedKey,
        new: &'a NewKey,
        moved: &'a Result<Replaced, Failure>,
        between: Between<'a>,
    ) -> Self {
        let line = |fate| Self::of(key, fate, between).with_new(new);
        match moved {
            Ok(replaced) => line(Fate::Moved).with_replaced(replaced),
            Err(failure) if failure.exit() == Exit::Unknown => {
                line(Fate::Unknown).with_error(failure)
            }
            Err(failure) => line(Fate::Failed).with_error(failure),
        }
    }

    fn with_replaced(self, Replaced { new, old, attempts }: &'a Replaced) -> Self {
        Self {
            old_key: Some(old.word()),
            old_key_works_until: old.works_until(),
            attempts: attempts.iter().map(AttemptObject::of).collect(),
            new: Some(ManagedObject::of(new)),
            ..self
        }
    }

    pub(super) fn with_error(self, error: &'a Failure) -> Self {
        Self { error: Some(error), ..self }
    }

    pub(super) fn print(&self, output: &Output) {
        if output.is_json() {
            return output.object(self);
        }
        let result = self.result.tone().paint(format!("{:<7}", self.result));
        let to = self.to.as_ref().filter(|_| self.new.is_some());
        let to = to.map_or_else(String::new, |to| format!("   {to}"));
        let error = self.error.map_or_else(String::new, |error| format!("   {}", error.message()));
        output.line(format_args!("{result}   {}{to}{error}", escaped(self.name)));
    }
}

/// What was done.
#[derive(Default)]
pub(super) struct Done {
    moved: usize,
    /// How many cannot be moved as asked.
    stays: usize,
    failed: usize,
    not_started: usize,
    /// How many old keys should have ended but still work.
    old_keys: usize,
    /// Whether a worker must end a key.
    pub(super) needs_worker: bool,
    /// The most serious failure.
    exit: Option<Exit>,
    /// What to do about the first failure.
    advice: Vec<String>,
}

impl Done {
    /// Records a key that was tried.
    pub(super) fn add(&mut self, moved: &Result<Replaced, Failure>) {
        match moved {
            Ok(replaced) => {
                self.moved += 1;
                self.needs_worker |= replaced.needs_worker();
                let unsettled = replaced.unsettled();
                if unsettled > 0 {
                    self.old_keys += unsettled;
                    self.worsen(Exit::Later);
                }
            }
            Err(failure) => {
                if self.failed == 0 {
                    self.advice = failure.next().to_vec();
                }
                self.failed += 1;
                self.worsen(failure.exit());
            }
        }
    }

    pub(super) fn add_staying(&mut self) {
        self.stays += 1;
        self.worsen(Exit::Failed);
    }

    pub(super) fn add_not_started(&mut self) {
        self.not_started += 1;
    }

    fn worsen(&mut self, exit: Exit) {
        self.exit = Some(self.exit.map_or(exit, |known| known.or_worse(exit)));
    }

    /// How many keys have a result, and how many failed.
    pub(super) fn so_far(&self) -> (usize, String) {
        let failures =
            if self.failed == 0 { String::new() } else { format!(", {} failed", self.failed) };
        (self.moved + self.failed, failures)
    }

    /// How the command ends.
    pub(super) fn end(&self, is_interrupted: bool, output: &Output) -> Result<Exit, Failure> {
        let Self { moved, stays, failed, not_started, old_keys, .. } = self;
        let all = moved + stays + failed + not_started;
        let is_left = failed + not_started > 0;
        let failure = match self.exit {
            _ if is_interrupted && *not_started > 0 => Failure::new(
                Exit::Interrupted,
                format!("interrupted; {moved} of {all} keys were moved, {not_started} not tried"),
            ),
            None if !is_left => {
                if *moved > 1 {
                    output.note(format_args!("{moved} keys moved"));
                }
                return Ok(Exit::Done);
            }
            Some(exit) if *moved == all => {
                let work = if *old_keys == 1 { "key still works" } else { "keys still work" };
                Failure::new(exit, format!("{old_keys} old {work}"))
            }
            exit => Failure::new(
                exit.unwrap_or(Exit::Failed),
                format!("{} of {all} keys were not moved", all - moved),
            ),
        };
        let failure = self.advice.iter().fold(failure, Failure::with_next);
        let failure = match old_keys {
            0 => failure,
            _ => failure.with_next(format!("to end the old keys:  {}", command("run --once"))),
        };
        Err(if is_left {
            failure.with_next("run the same command again to continue")
        } else {
            failure
        })
    }
}

/// How the command ends with `--dry-run`.
pub(super) fn without_moving(staying: usize, all: usize) -> Result<Exit, Failure> {
    if staying == 0 {
        return Ok(Exit::Done);
    }
    Err(Failure::new(Exit::Failed, format!("{staying} of {all} keys cannot be moved")))
}
