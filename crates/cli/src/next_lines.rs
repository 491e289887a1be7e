//! The next steps of the library, worded as flags and commands.

use std::error::Error as _;
use std::fmt;
use std::iter::successors;

use pinning_keys::{Error, ErrorKind, NextStep, PermissionSet, ScopeChange, ScopeError};

use crate::command_line::revoke_command;
use crate::rewording::reworded;

/// A line about what to do.
pub(crate) struct Step {
    /// What it is good for, such as `to avoid that:`; empty if the text says it.
    pub(crate) label: &'static str,
    pub(crate) text: String,
}

/// What to do about an error.
pub(crate) fn steps_for(error: &Error) -> Vec<Step> {
    if let Some(scope) = error.scope_error() {
        return steps_for_scope(scope);
    }
    let mut all = Vec::new();
    if error.kind() == ErrorKind::Tls {
        all.extend(cause(error).map(|cause| Step::new("because of:", cause)));
    }
    let next = error.next_step();
    if let Some(NextStep::Reconcile(_)) = next {
        let why = "it is not sent again, because a second create could issue a second key";
        all.push(Step::new("", why));
    }
    all.extend(next.iter().flat_map(steps));
    all
}

/// The innermost cause of an error.
fn cause(error: &Error) -> Option<String> {
    successors(error.source(), |&cause| cause.source()).last().map(ToString::to_string)
}

/// How many permissions beyond the request a refusal itself lists.
const FEW: usize = 3;

/// What to do about a refused scope. The permissions that would come with a wider grant are listed
/// first, if the refusal only counts them.
pub(crate) fn steps_for_scope(scope: &ScopeError) -> Vec<Step> {
    let mut all = Vec::new();
    if let ScopeError::Inexpressible(why) = scope {
        if why.beyond().len() > FEW {
            all.push(Step::new("also opened:", why.beyond().to_string()));
        }
    }
    all.extend(scope.next_step().iter().flat_map(steps));
    all
}

fn steps(step: &NextStep) -> Vec<Step> {
    match step {
        NextStep::Reconcile(name) => {
            let command = revoke_command(name.as_str());
            let text = format!("{command}   finds the key by its exact name and revokes it");
            vec![Step::new("to settle it:", text)]
        }
        NextStep::ChangeScope(changes) => {
            let is_wider =
                |it: &ScopeChange| matches!(it, ScopeChange::Tolerate(_) | ScopeChange::Need(_));
            let has_wider = changes.iter().any(is_wider);
            changes.iter().map(|change| of_change(change, has_wider)).collect()
        }
        step => reworded(&step.to_string()).lines().map(|it| Step::new("", it.trim())).collect(),
    }
}

/// What to type to change a scope. Another table avoids a wider grant, if there is one.
fn of_change(change: &ScopeChange, has_wider: bool) -> Step {
    let flags = flags(change).unwrap_or_default();
    match change {
        ScopeChange::Tolerate(_) => Step::new("to accept that:", flags),
        ScopeChange::UseTable { table, is_exact, .. } => {
            let label = if has_wider { "to avoid that:" } else { "to get it:" };
            let (exactly, routes) = (if *is_exact { " exactly" } else { "" }, table.serves());
            let text = format!("{flags}   grants it{exactly}, for keys used with {routes}");
            Step::new(label, text)
        }
        ScopeChange::Need(set) => {
            Step::new("to allow it:", format!("name {} in --needs", names(*set)))
        }
        ScopeChange::Prefer(set) => {
            Step::new("to go without:", format!("move {} from --needs to --prefers", names(*set)))
        }
        ScopeChange::Drop(set) => {
            Step::new("to go without:", format!("remove {} from --needs", names(*set)))
        }
        ScopeChange::GoWithoutKey(way) => Step::new("without a key:", reworded(way)),
        other => Step::new("to change it:", reworded(&other.to_string())),
    }
}

/// What to add to the command line to make a change, if that is enough.
pub(crate) fn flags(change: &ScopeChange) -> Option<String> {
    match change {
        ScopeChange::Tolerate(grants) => Some(format!("--tolerates {}", grants.join(","))),
        ScopeChange::UseTable { table, .. } => Some(format!("--table {}", table.name())),
        _ => None,
    }
}

/// The permissions as the flags take them.
fn names(set: PermissionSet) -> String {
    set.to_string().replace(' ', ",")
}

impl Step {
    fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, text: text.into() }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, text } = self;
        if label.is_empty() { f.write_str(text) } else { write!(f, "{label:<15}  {text}") }
    }
}
