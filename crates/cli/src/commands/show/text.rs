//! A key of the store for people.

use std::time::SystemTime;

use pinning_keys_lifecycle::{KeyState, ManagedKey};

use super::record::push_record;
use crate::command_line::{command, command_in, with_key};
use crate::keys::age::Age;
use crate::keys::view::moment;
use crate::managed::joined::{JoinedKey, Ownership};
use crate::managed::key_view;
use crate::managed::rows::base_name;
use crate::output::Output;
use crate::output::table::{Cell, Labels};
use crate::output::tone::Tone;

/// Prints everything about a key, and what to do if something is wrong.
pub(super) fn print(joined: &JoinedKey<'_>, own: Option<bool>, output: &Output) {
    let mut labels = Labels::default();
    labels.push("name", joined.name());
    let key_ref = joined.key_ref().map_or_else(|| "unknown".to_owned(), |it| it.to_string());
    labels.push("key", key_ref);
    labels.push("state", joined.state());
    if let Some(record) = joined.record() {
        push_record(&mut labels, record, own);
    }
    labels.push("owner", owner(joined));
    if let Some(key) = joined.key() {
        push_row(&mut labels, joined, key);
    }
    output.labels(&labels);
    for step in steps(joined) {
        output.note(step);
    }
}

fn owner(joined: &JoinedKey<'_>) -> Cell {
    match (joined.ownership, joined.key()) {
        (Ownership::Managed, Some(key)) => {
            Cell::new(format!("managed, in account {}", key.account()))
        }
        (Ownership::Stray, Some(_)) => {
            Cell::new("stray: the store lost it and found it again").with_tone(Tone::Notable)
        }
        (Ownership::Stray, None) => {
            Cell::new("stray: it has the store's label, but no row").with_tone(Tone::Notable)
        }
        (ownership, _) => Cell::new(ownership.as_str()),
    }
}

fn push_row(labels: &mut Labels, joined: &JoinedKey<'_>, key: &ManagedKey) {
    labels.push("id", key.id().as_str());
    labels.push("full name", key.name());
    if key.holder() != base_name(key) {
        labels.push("holder", key.holder());
    }
    labels.push("lease", joined.lease());
    for (label, time) in [
        ("ends", key.expires_at().filter(|_| key.state() == KeyState::Live)),
        ("confirm by", Some(key.deliver_by()).filter(|_| key.state() == KeyState::Undelivered)),
        ("maximum", key.max_until()),
    ] {
        if let Some(time) = time.and_then(moment) {
            labels.push(label, time);
        }
    }
    if let Some(length) = key.lease() {
        labels.push("length", Age::of(length).to_string());
    }
    labels.push("seen", key_view::seen(key));
    for (label, id) in [("replaces", key.replaces()), ("replaced by", key.replaced_by())] {
        if let Some(id) = id {
            labels.push(label, id.as_str());
        }
    }
    for (at, fact) in joined.facts().iter().enumerate() {
        let label = if at == 0 { "notes" } else { "" };
        labels.push(label, Cell::new(fact).with_tone(Tone::Notable));
    }
    for (label, text) in [("evidence", key.evidence()), ("failure", key.failure())] {
        if let Some(text) = text {
            labels.push(label, text);
        }
    }
}

/// What to do if something is wrong.
fn steps(joined: &JoinedKey<'_>) -> Vec<String> {
    let mut steps = Vec::new();
    let mut step = |command: String, what: &str| steps.push(format!("{command}   {what}"));
    if joined.ownership == Ownership::Stray {
        step(command("strays"), "shows the strays, to keep or to revoke them");
    }
    let Some(key) = joined.key() else { return steps };
    let is_due = |time: Option<SystemTime>| time.is_some_and(|time| time <= SystemTime::now());
    match key.state() {
        _ if key.is_overdue() => step(command("run --once"), "tries again to revoke it"),
        KeyState::Live | KeyState::Undelivered if is_due(key.end_due()) => {
            step(command("run --once"), "revokes it");
        }
        KeyState::InDoubt | KeyState::Intended => {
            step(command("run --once"), "finds out whether it exists, and revokes it");
        }
        KeyState::Revoking => step(command("run --once"), "tries again to revoke it"),
        KeyState::Undelivered => {
            let revoke = command_in(key.account(), &with_key("revoke", key.id().as_str()));
            step(
                revoke,
                if key.end_due() == Some(key.deliver_by()) {
                    "revokes it now; unless confirmed, it is revoked at its deadline"
                } else {
                    "revokes it now; its holder may use it, so it is kept until the next rotation"
                },
            );
        }
        _ => {}
    }
    if joined.is_missing() {
        step(
            command(&format!("forget {} --yes", key.id())),
            "gives it up, if it was revoked elsewhere",
        );
    }
    steps
}
