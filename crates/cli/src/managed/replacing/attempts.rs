//! The ends of earlier attempts to replace a key, whose secrets may have been delivered.

use std::time::Duration;

use pinning_keys_lifecycle::{KeyFilter, KeyId, KeyState, ManagedKey};
use serde::Serialize;

use super::old_key::{OldKey, end};
use crate::interrupt::Interrupt;
use crate::managed::Managed;
use crate::managed::rows::all;

/// An earlier attempt, and what became of its key.
pub(crate) struct Attempt {
    pub(crate) id: KeyId,
    pub(crate) end: OldKey,
}

/// An earlier attempt for programs.
#[derive(Serialize)]
pub(crate) struct AttemptObject<'a> {
    id: &'a str,
    result: &'static str,
}

impl<'a> AttemptObject<'a> {
    pub(crate) fn of(attempt: &'a Attempt) -> Self {
        Self { id: attempt.id.as_str(), result: attempt.end.word() }
    }
}

/// Ends the earlier attempts to replace a key. The confirmation of the new key has marked them, and
/// a worker would revoke them; without one they would go on working.
pub(crate) async fn end_all(
    managed: &Managed,
    replaced: &KeyId,
    new: &ManagedKey,
    interrupt: &Interrupt,
) -> Vec<Attempt> {
    let holder = Some(new.holder().to_owned());
    let filter = KeyFilter { holder, states: vec![KeyState::Revoking], ..KeyFilter::default() };
    // If the store cannot be read now, a worker ends them.
    let rows = all(managed, &filter).await.unwrap_or_default();
    let is_attempt = |row: &&ManagedKey| row.replaces() == Some(replaced) && row.id() != new.id();
    let mut attempts = Vec::new();
    for row in rows.iter().filter(is_attempt) {
        let end = end(managed, row.id(), Duration::ZERO, interrupt).await;
        attempts.push(Attempt { id: row.id().clone(), end });
    }
    attempts
}
