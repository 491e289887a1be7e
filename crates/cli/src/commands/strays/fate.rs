//! What became of each stray.

use std::collections::HashMap;
use std::fmt;

use pinning_keys_lifecycle::{KeyId, KeyState, ManagedKey, StrayDone};
use serde::Serialize;

use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::managed::key_view::{ManagedObject, lease};
use crate::managed::rows::base_name;
use crate::output::Output;
use crate::output::table::{Cell, Table};
use crate::output::tone::Tone;

/// What to do with strays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Keep,
    Revoke,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// With `--dry-run`.
    Planned,
    Kept,
    Revoked,
    /// A worker tries again.
    Scheduled,
    /// Nothing was changed.
    Failed,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Planned => "planned",
            Self::Kept => "kept",
            Self::Revoked => "revoked",
            Self::Scheduled => "scheduled",
            Self::Failed => "failed",
        })
    }
}

/// A stray for programs.
#[derive(Serialize)]
pub(super) struct StrayObject<'a> {
    #[serde(flatten)]
    key: ManagedObject<'a>,
    result: Option<Fate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

impl<'a> StrayObject<'a> {
    pub(super) fn of(key: &'a ManagedKey, result: Option<Fate>) -> Self {
        Self { key: ManagedObject::of(key), result, error: None }
    }
}

/// What became of a stray.
pub(super) struct Outcome {
    key: ManagedKey,
    fate: Fate,
    /// Why the key was not revoked, or not changed at all.
    why: Option<String>,
    failure: Option<Failure>,
    exit: Exit,
}

impl Outcome {
    /// The outcome of a decision about one of these strays.
    pub(super) fn new(done: StrayDone, decision: Decision, strays: &[ManagedKey]) -> Option<Self> {
        let fate = if decision == Decision::Keep { Fate::Kept } else { Fate::Scheduled };
        let exit = if decision == Decision::Keep { Exit::Done } else { Exit::Later };
        match done.outcome {
            Ok(key) => Some(Self { key, fate, why: None, failure: None, exit }),
            Err(error) => {
                let key = strays.iter().find(|key| *key.id() == done.id)?.clone();
                let failure = Failure::from(error);
                let (why, exit) = (Some(failure.message().to_owned()), failure.exit());
                Some(Self { key, fate: Fate::Failed, why, failure: Some(failure), exit })
            }
        }
    }

    pub(super) fn id(&self) -> &KeyId {
        self.key.id()
    }

    /// Records what the worker's passes have changed, given the failures in each account.
    pub(super) fn update(&mut self, key: ManagedKey, failures: &HashMap<String, Failure>) {
        if self.fate == Fate::Failed {
            return;
        }
        self.key = key;
        if self.key.state() == KeyState::Revoked {
            (self.fate, self.exit) = (Fate::Revoked, Exit::Done);
            return;
        }
        let failure = failures.get(self.key.account());
        self.why = failure.map(|failure| failure.message().to_owned());
        if failure.is_some_and(|failure| failure.exit() == Exit::Refused) {
            self.exit = Exit::Refused;
        }
    }

    fn row(&self) -> [Cell; 3] {
        let tone = match self.fate {
            Fate::Kept | Fate::Revoked => Tone::Good,
            Fate::Planned | Fate::Scheduled => Tone::Notable,
            Fate::Failed => Tone::Bad,
        };
        let why = match self.fate {
            Fate::Kept => lease(&self.key),
            _ => Cell::of_escaped(self.why.clone().unwrap_or_default()),
        };
        [Cell::new(self.fate.to_string()).with_tone(tone), Cell::new(base_name(&self.key)), why]
    }
}

/// Prints what became of each stray.
pub(super) fn print(outcomes: &[Outcome], output: &Output) {
    let mut table = Table::without_header();
    for outcome in outcomes {
        if output.is_json() {
            let object = StrayObject::of(&outcome.key, Some(outcome.fate));
            output.object(&StrayObject { error: outcome.failure.as_ref(), ..object });
        }
        table.push(outcome.row());
    }
    if !output.is_json() {
        output.table(&table);
    }
}

/// How the command fails, if something is left.
pub(super) fn failure(outcomes: &[Outcome]) -> Option<Failure> {
    let count = |fate| outcomes.iter().filter(|outcome| outcome.fate == fate).count();
    let (scheduled, failed) = (count(Fate::Scheduled), count(Fate::Failed));
    let all = outcomes.len();
    let message = match (scheduled, failed) {
        (0, 0) => return None,
        (0, _) => format!("{failed} of {all} strays were not changed"),
        (_, 0) => format!("{scheduled} of {all} strays are not revoked yet"),
        _ => format!("{scheduled} of {all} strays are not revoked yet, {failed} were not changed"),
    };
    let exit = outcomes.iter().map(|outcome| outcome.exit).fold(Exit::Done, Exit::or_worse);
    let failure = Failure::new(exit, message);
    Some(if scheduled > 0 {
        failure.with_next(format!("a worker tries again:  {}", command("run --once")))
    } else {
        failure.with_next(format!("look again:  {}", command("strays")))
    })
}
