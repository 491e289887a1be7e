//! What became of each key, and how the command ends.

use std::borrow::Cow;
use std::fmt;

use pinning_keys::bulk::StopReason;
use pinning_keys::{CredentialState, KeyRef, Revocation};
use serde::Serialize;

use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::listing::doubtful;
use crate::keys::view::short_reference;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::tone::Tone;

use super::choice::{Choice, Reason};
use super::target::Target;

/// The kind of a failed revocation that the worker retries.
pub(super) const SCHEDULED: &str = "scheduled";

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// With `--dry-run`, it would be revoked.
    Planned,
    /// It matches the filters, and is revoked only by its name.
    Excluded,
    Revoked,
    AlreadyGone,
    /// It may exist.
    NotFound,
    /// It works until the worker has revoked it.
    Scheduled,
    Failed,
    /// It may be revoked.
    Unknown,
    /// Nothing was sent for it.
    NotStarted,
}

impl Fate {
    pub(super) fn of(revocation: Revocation) -> Self {
        match revocation {
            Revocation::Revoked => Self::Revoked,
            Revocation::AlreadyGone => Self::AlreadyGone,
            // What a later version of the library may add is no proof that the key is gone.
            _ => Self::NotFound,
        }
    }

    pub(super) fn of_failure(failure: &Failure) -> Self {
        match failure.exit() {
            Exit::Unknown => Self::Unknown,
            _ if failure.kind() == Some(SCHEDULED) => Self::Scheduled,
            _ => Self::Failed,
        }
    }

    /// Whether the key certainly does not work any more.
    fn is_settled(self) -> bool {
        matches!(self, Self::Revoked | Self::AlreadyGone)
    }

    fn tone(self) -> Tone {
        match self {
            Self::Revoked | Self::AlreadyGone => Tone::Good,
            Self::NotFound | Self::Failed | Self::Unknown => Tone::Bad,
            Self::Planned | Self::Excluded | Self::Scheduled | Self::NotStarted => Tone::Notable,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Planned => "planned",
            Self::Excluded => "kept",
            Self::Revoked => "revoked",
            Self::AlreadyGone => "already gone",
            Self::NotFound => "not found",
            Self::Scheduled => "scheduled",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotStarted => "not started",
        })
    }
}

/// What became of a key, as it is printed.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    key_ref: Option<Cow<'a, KeyRef>>,
    /// Null if the key was named by its reference.
    name: Option<&'a str>,
    /// For people.
    #[serde(skip)]
    base_name: Option<&'a str>,
    /// The id in the store, if the key is revoked through it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    result: Fate,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
    /// With `--token`, whether the secret still works.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<CredentialState>,
}

impl<'a> Line<'a> {
    pub(super) fn of(target: &'a Target, result: Fate) -> Self {
        Self {
            key_ref: target.key_ref(),
            name: target.name(),
            base_name: target.base_name(),
            id: target.id(),
            result,
            reason: None,
            error: None,
            credential: None,
        }
    }

    pub(super) fn with_credential(self, state: CredentialState) -> Self {
        Self { credential: Some(state), ..self }
    }

    pub(super) fn excluded(target: &'a Target, reason: Reason) -> Self {
        Self { reason: Some(reason), ..Self::of(target, Fate::Excluded) }
    }

    pub(super) fn failed(target: &'a Target, failure: &'a Failure) -> Self {
        Self { error: Some(failure), ..Self::of(target, Fate::of_failure(failure)) }
    }

    pub(super) fn print(&self, output: &Output) {
        if output.is_json() {
            return output.object(self);
        }
        let result = self.result.tone().paint(format!("{:<7}", self.result));
        let name = self.base_name.map(escaped);
        let key = self.key_ref.as_deref().map(short_reference);
        let names = [name, key].into_iter().flatten().collect::<Vec<_>>().join("   ");
        let reason = self.reason.map_or_else(String::new, |reason| format!("   {reason}"));
        let error = self.error.map_or_else(String::new, |error| format!("   {}", error.message()));
        let credential =
            self.credential.map_or_else(String::new, |state| format!("   the secret is {state}"));
        output.line(format_args!("{result}   {names}{reason}{error}{credential}"));
    }
}

/// A failure to do something with a key, which is none of the command line.
pub(super) fn of_key(failure: Failure) -> Failure {
    if failure.exit() == Exit::Usage { failure.with_exit(Exit::Failed) } else { failure }
}

/// What a batch did.
#[derive(Default)]
pub(super) struct Done {
    /// How many keys certainly do not work any more.
    settled: usize,
    /// How many keys may still work, although they were tried.
    unsettled: usize,
    /// How many of them the worker revokes.
    scheduled: usize,
    not_started: usize,
    pub(super) stopped: Option<StopReason>,
    /// The most serious failure of a key.
    exit: Option<Exit>,
    /// What to do about the first failure.
    advice: Vec<String>,
}

impl Done {
    /// Records the result for a key, and prints it.
    pub(super) fn add(&mut self, target: &Target, result: &Result<Fate, Failure>, output: &Output) {
        match result {
            Ok(fate) => Line::of(target, *fate).print(output),
            Err(failure) => Line::failed(target, failure).print(output),
        }
        if result.as_ref().is_ok_and(|fate| fate.is_settled()) {
            self.settled += 1;
            return;
        }
        if result.as_ref().is_err_and(|failure| failure.kind() == Some(SCHEDULED)) {
            self.scheduled += 1;
        }
        let exit = result.as_ref().map_or_else(Failure::exit, |_| Exit::Failed);
        self.exit = Some(self.exit.unwrap_or(exit).or_worse(exit));
        if let (Err(failure), 0) = (result, self.unsettled) {
            self.advice = failure.next().to_vec();
        }
        self.unsettled += 1;
    }

    /// Records a key that was not started, and prints it.
    pub(super) fn leave(&mut self, target: &Target, output: &Output) {
        // People are told the number.
        if output.is_json() {
            Line::of(target, Fate::NotStarted).print(output);
        }
        self.not_started += 1;
    }

    /// How the batch failed, if it did.
    fn failure(&self) -> Option<Failure> {
        let Self { settled, unsettled, scheduled, not_started, .. } = self;
        let all = settled + unsettled + not_started;
        if *scheduled > 0 && settled + scheduled == all {
            let message =
                format!("{scheduled} of {all} keys still work until a worker revokes them");
            return Some(
                Failure::new(Exit::Later, message)
                    .with_next(format!("to try again:  {}", command("run --once"))),
            );
        }
        let failure = match self.stopped {
            _ if settled == &all => return None,
            Some(StopReason::Requested) => Failure::new(
                Exit::Interrupted,
                format!(
                    "interrupted; {settled} of {all} keys were revoked, {not_started} not tried"
                ),
            ),
            _ => {
                let message = format!("{} of {all} keys were not revoked", all - settled);
                Failure::new(self.exit.unwrap_or(Exit::Failed), message)
            }
        };
        let stop = self.stopped.and_then(stop_words).map(str::to_owned);
        let mut next: Vec<_> = stop.into_iter().chain(self.advice.iter().cloned()).collect();
        next.push("run the same command again to continue".to_owned());
        Some(failure.with_only_next(next))
    }
}

/// Why a batch stopped by itself.
fn stop_words(reason: StopReason) -> Option<&'static str> {
    match reason {
        StopReason::Failure(_) => Some("stopped: every remaining key would fail the same way"),
        StopReason::OutOfPatience => Some("stopped: rate limited for 10 minutes"),
        _ => None,
    }
}

/// How the command ends after the batch.
pub(super) fn after(choice: &Choice, done: &Done, output: &Output) -> Result<Exit, Failure> {
    let failure = done.failure();
    if failure.is_none() && done.settled > 1 {
        output.note(format_args!("{} keys revoked", done.settled));
    }
    end(choice, failure)
}

/// How the command ends with `--dry-run`.
pub(super) fn without_revoking(choice: &Choice) -> Result<Exit, Failure> {
    end(choice, None)
}

/// Names that no key has and an incomplete list are failures too, unless there is a graver one.
fn end(choice: &Choice, failure: Option<Failure>) -> Result<Exit, Failure> {
    let missing = choice
        .missing
        .iter()
        .map(|name| Failure::new(Exit::Failed, format!("no key is named \"{}\"", escaped(name))));
    let doubts = Some(choice.doubts).filter(|doubts| !doubts.is_empty()).map(doubtful);
    let mut failures = failure.into_iter().chain(missing).chain(doubts);
    let Some(first) = failures.next() else { return Ok(Exit::Done) };
    Err(failures.fold(first, |first, other| first.with_next(other.message())))
}
