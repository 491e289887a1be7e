//! Conditions on the states of keys, which indexes and queries must write in the same way.

use crate::KeyState;
use crate::store::Work;

/// Rows that a holder has or is about to get.
pub(super) const OPEN: &str = "state IN ('intended', 'undelivered', 'live')";

/// The states of each kind of work, with the name of its index. An index serves a query only if
/// both name the states in the same way.
pub(super) fn works() -> [(&'static str, String); 3] {
    [("ends", Work::Ends), ("settle", Work::Settle), ("watch", Work::Watch)]
        .map(|(name, work)| (name, in_states(work.states())))
}

/// Keeps rows of these states.
pub(super) fn in_states(states: &[KeyState]) -> String {
    let states: Vec<String> = states.iter().map(|state| format!("'{state}'")).collect();
    format!("state IN ({})", states.join(", "))
}
