//! How a managed key is shown.

use std::time::SystemTime;

use pinning_keys::KeyRef;
use pinning_keys_lifecycle::{KeyId, KeyState, ManagedKey, Suffix};
use serde::Serialize;

use crate::keys::age::Age;
use crate::output::table::Cell;
use crate::output::time::rfc3339;
use crate::output::tone::Tone;

use super::rows::base_name;

/// A managed key for programs: what the store knows about it.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member that programs read")]
pub(crate) struct ManagedObject<'a> {
    id: &'a str,
    /// As the provider has it.
    name: &'a str,
    /// Without the suffix that the store adds.
    base_name: &'a str,
    account: &'a str,
    holder: &'a str,
    /// `None` if it is not known.
    table: Option<&'a str>,
    state: String,
    lease_seconds: Option<u64>,
    #[serde(serialize_with = "rfc3339")]
    expires_at: Option<SystemTime>,
    #[serde(serialize_with = "rfc3339")]
    max_until: Option<SystemTime>,
    /// `None` unless the key is undelivered.
    #[serde(serialize_with = "rfc3339")]
    deliver_by: Option<SystemTime>,
    #[serde(serialize_with = "rfc3339")]
    seen_at: Option<SystemTime>,
    seen_by: Option<&'a str>,
    replaces: Option<&'a str>,
    replaced_by: Option<&'a str>,
    overdue: bool,
    missing: bool,
    adopted: bool,
    unproven: bool,
    difference: Option<&'a str>,
    evidence: Option<&'a str>,
    failure: Option<&'a str>,
    key_refs: Vec<KeyRef>,
}

impl<'a> ManagedObject<'a> {
    pub(crate) fn of(key: &'a ManagedKey) -> Self {
        let is_undelivered = key.state() == KeyState::Undelivered;
        Self {
            id: key.id().as_str(),
            name: key.name(),
            base_name: base_name(key),
            account: key.account(),
            holder: key.holder(),
            table: key.table(),
            state: word(key.state()),
            lease_seconds: key.lease().map(|lease| lease.as_secs()),
            expires_at: key.expires_at(),
            max_until: key.max_until(),
            deliver_by: Some(key.deliver_by()).filter(|_| is_undelivered),
            seen_at: key.seen_at(),
            seen_by: key.seen_by(),
            replaces: key.replaces().map(KeyId::as_str),
            replaced_by: key.replaced_by().map(KeyId::as_str),
            overdue: key.is_overdue(),
            missing: key.is_missing(),
            adopted: key.is_adopted(),
            unproven: key.is_unproven(),
            difference: key.difference(),
            evidence: key.evidence(),
            failure: key.failure(),
            key_refs: key.key_refs(),
        }
    }
}

/// A state for programs, such as `in_doubt`.
pub(crate) fn word(state: KeyState) -> String {
    state.as_str().replace(' ', "_")
}

/// The state of the row, such as `live` or `in doubt`.
pub(crate) fn state(key: &ManagedKey) -> Cell {
    let tone = match key.state() {
        KeyState::Live => Tone::Good,
        KeyState::Closed | KeyState::Revoked | KeyState::Forgotten => Tone::Dim,
        _ => Tone::Notable,
    };
    Cell::new(key.state().as_str()).with_tone(tone)
}

/// When the key ends, such as `ends in 29d`; empty if it has ended or may not exist.
pub(crate) fn lease(key: &ManagedKey) -> Cell {
    if key.is_overdue() {
        let since = key.end_due().map_or_else(String::new, |due| format!(" {}", Age::since(due)));
        return Cell::new(format!("overdue{since}")).with_tone(Tone::Bad);
    }
    let notable = |text: String| Cell::new(text).with_tone(Tone::Notable);
    match key.state() {
        KeyState::Live if key.replaced_by().is_some() => {
            notable(format!("replaced, {}", end(key.expires_at())))
        }
        KeyState::Live if is_endless(key) => Cell::new("none"),
        KeyState::Live => Cell::new(end(key.expires_at())),
        KeyState::Undelivered => {
            let is_end = |at: &SystemTime| *at == key.deliver_by() || !is_endless(key);
            notable(format!("undelivered, {}", end(key.end_due().filter(is_end))))
        }
        KeyState::Revoking => notable("ending".to_owned()),
        _ => Cell::default(),
    }
}

/// Whether the key was issued without a lease. Its token may expire nevertheless. An adopted key has
/// the end that its name shows.
fn is_endless(key: &ManagedKey) -> bool {
    let named = Suffix::of_name(key.name()).and_then(|suffix| suffix.max_until());
    key.lease().is_none() && named.is_none()
}

fn end(at: Option<SystemTime>) -> String {
    match at {
        Some(at) if at > SystemTime::now() => format!("ends in {}", Age::until(at)),
        Some(_) => "due to end".to_owned(),
        None => "has no end".to_owned(),
    }
}

/// When the key was last seen, and by what, such as `2h ago by listing`.
pub(crate) fn seen(key: &ManagedKey) -> String {
    let by = key.seen_by().map_or_else(String::new, |by| format!(" by {by}"));
    key.seen_at().map_or_else(|| "never".to_owned(), |at| Age::since(at).ago() + &by)
}

/// What needs attention, besides the state and the lease.
pub(crate) fn facts(key: &ManagedKey) -> Vec<String> {
    let adopted = key.is_adopted().then(|| "adopted".to_owned());
    let missing = key.is_missing().then(|| "missing".to_owned());
    let unproven = key.is_unproven().then(|| "may still work".to_owned());
    let difference = key.difference().map(str::to_owned);
    adopted.into_iter().chain(missing).chain(unproven).chain(difference).collect()
}
