//! How a plan and its results are shown.

use std::time::SystemTime;

use pinning_keys_lifecycle::KeyId;
use serde::Serialize;

use super::compare::{Note, Verdict};
use super::plan::{Plan, Step, Undeclared};
use super::reason::Reason;
use crate::command_line::command;
use crate::destination::Destination;
use crate::failure::Failure;
use crate::keys::view;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::{Cell, Table};
use crate::output::time::rfc3339;
use crate::output::tone::Tone;

/// A line of the plan.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    pub(crate) action: &'static str,
    pub(crate) name: &'a str,
    profile: &'a str,
    /// The key in the store.
    id: Option<&'a str>,
    reasons: &'a [Reason],
    /// When a wait ends, or a predecessor.
    #[serde(serialize_with = "rfc3339")]
    until: Option<SystemTime>,
    /// Where the secret goes.
    pub(crate) to: Option<String>,
    /// The name at the provider of a key that is not managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_ref: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    tone: Tone,
}

impl Plan<'_> {
    /// Prints the plan as a result.
    pub(crate) fn print(&self, output: &Output) {
        if output.is_json() {
            self.lines().iter().for_each(|line| output.object(line));
            return;
        }
        if self.lines().is_empty() {
            return output.note("no keys are declared");
        }
        output.table(&Self::table(self.lines()));
        output.note(self.summary());
    }

    /// What would be changed, and what cannot be changed.
    pub(crate) fn table_of_changes(&self) -> Table {
        let steps = self.steps.iter().map(Step::line);
        let undeclared = self.undeclared.iter().filter(|_| self.prunes).map(|key| key.line(true));
        Self::table(steps.filter(|line| line.action != "up_to_date").chain(undeclared))
    }

    fn table<'l>(lines: impl IntoIterator<Item = Line<'l>>) -> Table {
        let mut table = Table::new(["", "name", "profile", "why", "to"]);
        for line in lines {
            table.push([
                Cell::new(line.action.replace('_', " ")).with_tone(line.tone),
                Cell::new(line.name),
                Cell::new(line.profile),
                Cell::of_escaped(line.text),
                Cell::of_escaped(line.to.unwrap_or_default()),
            ]);
        }
        table
    }

    /// Such as `2 changes: 1 to issue, 1 to rotate; 1 of them is not possible`.
    fn summary(&self) -> String {
        match self.counted(|_| true) {
            None if self.has_drift() => {
                "nothing to change, but not every declared key is as declared".to_owned()
            }
            None => "every declared key is as declared".to_owned(),
            Some((all, changes)) => match all - self.changes() {
                0 => changes,
                1 if all == 1 => format!("{changes}; it is not possible"),
                1 => format!("{changes}; 1 of them is not possible"),
                some => format!("{changes}; {some} of them are not possible"),
            },
        }
    }

    /// The changes that are possible, such as `2 changes: 1 to issue, 1 to rotate`.
    pub(crate) fn possible(&self) -> Option<String> {
        Some(self.counted(|line| line.error.is_none())?.1)
    }

    /// The number of these changes, and how many there are of each kind; `None` if there are none.
    fn counted(&self, is_counted: impl Fn(&Line<'_>) -> bool) -> Option<(usize, String)> {
        let lines = self.lines();
        let count = |action: &str| {
            lines.iter().filter(|line| is_counted(line) && line.action == action).count()
        };
        let kinds = [("issue", "to issue"), ("rotate", "to rotate"), ("revoke", "to revoke")];
        let counts = kinds.map(|(action, words)| (count(action), words));
        let all = counts.iter().map(|(count, _)| count).sum();
        let parts = counts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<_> = parts.map(|(count, words)| format!("{count} {words}")).collect();
        let parts = parts.join(", ");
        match all {
            0 => None,
            1 => Some((all, format!("1 change: {parts}"))),
            _ => Some((all, format!("{all} changes: {parts}"))),
        }
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let steps = self.steps.iter().flat_map(Step::lines);
        let undeclared = self.undeclared.iter().map(|key| key.line(self.prunes));
        steps.chain(undeclared).collect()
    }
}

impl<'a> Line<'a> {
    fn new(action: &'static str, name: &'a str, profile: Option<&'a str>, tone: Tone) -> Self {
        Self {
            action,
            name,
            profile: profile.unwrap_or_default(),
            id: None,
            reasons: &[],
            until: None,
            to: None,
            other: None,
            key_ref: None,
            error: None,
            text: String::new(),
            tone,
        }
    }

    pub(crate) fn with_error(self, error: Option<&'a Failure>) -> Self {
        Self { error, ..self }
    }

    fn with_profile(self, profile: &'a str) -> Self {
        Self { profile, ..self }
    }

    fn with_id(self, id: &'a KeyId) -> Self {
        Self { id: Some(id.as_str()), ..self }
    }

    fn with_text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    fn with_reasons(self, reasons: &'a [Reason]) -> Self {
        let texts: Vec<_> = reasons.iter().map(ToString::to_string).collect();
        Self { reasons, text: texts.join("; "), ..self }
    }
}

impl Step<'_> {
    /// The line about the key, and those about further facts.
    fn lines(&self) -> Vec<Line<'_>> {
        std::iter::once(self.line()).chain(self.notes.iter().map(|note| self.note(note))).collect()
    }

    pub(crate) fn line(&self) -> Line<'_> {
        let line = |action, tone| self.new_line(action, tone);
        let line = match &self.verdict {
            None => line("unknown", Tone::Bad),
            Some(Verdict::UpToDate { id }) => line("up_to_date", Tone::Good).with_id(id),
            Some(Verdict::Issue { over, why }) => {
                let line = line("issue", Tone::Notable).with_reasons(std::slice::from_ref(why));
                over.iter().fold(line, Line::with_id)
            }
            Some(Verdict::Rotate { id, reasons }) => {
                line("rotate", Tone::Notable).with_id(id).with_reasons(reasons)
            }
            Some(Verdict::Wait { id, until }) => Line {
                until: Some(*until),
                ..line("wait", Tone::Notable).with_id(id).with_text(waiting(*until))
            },
        };
        let to = self.destination.as_ref().and_then(Destination::place);
        let to = to.map(|to| if self.declared.is_command { format!("command: {to}") } else { to });
        match &self.problem {
            Some(problem) => {
                let text = match line.text.as_str() {
                    "" => problem.message().to_owned(),
                    why => format!("{why}, but {}", problem.message()),
                };
                Line { error: Some(problem), to, tone: Tone::Bad, ..line }.with_text(text)
            }
            None => Line { to, ..line },
        }
    }

    fn note<'s>(&'s self, note: &'s Note) -> Line<'s> {
        match note {
            Note::InDoubt { id, profile } => self
                .new_line("in_doubt", Tone::Notable)
                .with_profile(profile)
                .with_id(id)
                .with_text(format!("it may exist; to settle it:  {}", command("run --once"))),
            Note::Ending { id, profile, until } => {
                let text = match until {
                    Some(until) => format!("replaced; works until {}", moment(*until)),
                    None => "it is being revoked".to_owned(),
                };
                let line = self.new_line("ending", Tone::Dim).with_profile(profile).with_id(id);
                Line { until: *until, ..line.with_text(text) }
            }
            Note::Stray { name } => {
                let text =
                    format!("the store lost it; to keep or revoke it:  {}", command("strays"));
                Line { other: Some(name), ..self.new_line("stray", Tone::Notable) }.with_text(text)
            }
            Note::Foreign { name, key_ref } => {
                let line = self.new_line("foreign", Tone::Dim);
                Line { other: Some(name), key_ref: Some(key_ref), ..line }
                    .with_text(format!("not managed, left alone: {}", escaped(key_ref)))
            }
        }
    }

    fn new_line(&self, action: &'static str, tone: Tone) -> Line<'_> {
        let profile = Some(self.declared.profile.as_str());
        Line::new(action, self.declared.name.as_str(), profile, tone)
    }
}

impl Undeclared<'_> {
    pub(crate) fn line(&self, prunes: bool) -> Line<'_> {
        let (action, text, tone) = if prunes {
            ("revoke", "not declared", Tone::Notable)
        } else {
            ("undeclared", "left alone; --prune revokes it", Tone::Dim)
        };
        Line::new(action, &self.holder, self.account.profile.as_deref(), tone)
            .with_id(&self.id)
            .with_text(text)
    }
}

/// What is waited for.
fn waiting(until: SystemTime) -> String {
    format!("its delivery is not confirmed; given up at {}", moment(until))
}

/// Such as `2026-12-31 18:00:00 UTC`.
pub(crate) fn moment(time: SystemTime) -> String {
    view::moment(time).unwrap_or_else(|| "a later time".to_owned())
}
