//! Why a provider cannot grant what was recorded for the old key, and which flags change that.

use pinning_keys::{NextStep, PermissionSet, ScopeChange};
use pinning_keys_lifecycle::Error;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::next_lines::steps_for_scope;
use crate::output::escape::escaped;
use crate::rewording::reworded;

/// Where the scope of a new key comes from, which decides how it can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeFrom {
    /// The flags name it.
    Flags,
    /// It was recorded for the old key.
    OldKey,
    /// It was recorded for the old key, which is in another account.
    OtherAccount,
}

/// The failure to grant a scope, or another failure to plan.
pub(crate) fn refusal(error: Error, from: ScopeFrom) -> Failure {
    let scope = error.provider_error().and_then(pinning_keys::Error::scope_error);
    let Some(scope) = scope else { return error.into() };
    let failure = Failure::new(Exit::Failed, escaped(&reworded(&scope.to_string())));
    let lines = match scope.next_step() {
        Some(NextStep::ChangeScope(changes)) if from != ScopeFrom::Flags => {
            changes.iter().filter_map(|change| line(change, from)).collect()
        }
        _ => steps_for_scope(scope).iter().map(ToString::to_string).collect::<Vec<_>>(),
    };
    let failure = failure.with_kind("not_expressible");
    lines.iter().fold(failure, |failure, line| failure.with_next(escaped(line)))
}

/// How a flag changes a recorded scope, which it can add to or take from.
fn line(change: &ScopeChange, from: ScopeFrom) -> Option<String> {
    match change {
        ScopeChange::Tolerate(grants) => {
            Some(format!("to accept that:  --tolerates {}", grants.join(",")))
        }
        ScopeChange::Prefer(set) | ScopeChange::Drop(set) => {
            Some(format!("to go without:   --without {}", names(*set)))
        }
        ScopeChange::UseTable { table, .. } => {
            let (name, routes) = (table.name(), table.serves());
            let choice = match from {
                ScopeFrom::OtherAccount => format!("table = \"{name}\" in the profile of --into"),
                ScopeFrom::Flags | ScopeFrom::OldKey => format!("--table {name}"),
            };
            Some(format!("to avoid that:   {choice}   for keys used with {routes}"))
        }
        ScopeChange::GoWithoutKey(way) => Some(format!("without a key:   {}", reworded(way))),
        // A successor cannot get what lets it issue keys, unless somebody names its whole scope.
        _ => None,
    }
}

fn names(set: PermissionSet) -> String {
    set.to_string().replace(' ', ",")
}
