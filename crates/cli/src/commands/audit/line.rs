//! How the trail is printed.

use std::collections::HashMap;
use std::time::SystemTime;

use pinning_keys_lifecycle::{AuditRow, KeyId, KeyState, ManagedKey};
use serde::Serialize;

use crate::failure::Failure;
use crate::keys::view::moment;
use crate::managed::Managed;
use crate::managed::key_view::word;
use crate::managed::rows::base_name;
use crate::output::Output;
use crate::output::table::{Cell, Table};
use crate::output::time::rfc3339;
use crate::output::tone::Tone;

/// A line for programs.
#[derive(Serialize)]
struct AuditObject<'a> {
    number: i64,
    #[serde(serialize_with = "rfc3339")]
    at: Option<SystemTime>,
    actor: &'a str,
    account: &'a str,
    id: &'a str,
    /// `None` if the row of the key is gone.
    name: Option<&'a str>,
    key_ref: Option<&'a str>,
    action: &'a str,
    from: Option<String>,
    to: String,
    effect: Option<String>,
    text: Option<&'a str>,
}

/// Prints a page of the trail.
pub(super) async fn print(
    page: &[AuditRow],
    managed: &Managed,
    output: &Output,
) -> Result<(), Failure> {
    let mut ids: Vec<KeyId> = page.iter().map(|line| line.key.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let keys = managed.manager().find(&ids).await?;
    let keys: HashMap<&KeyId, &ManagedKey> = keys.iter().map(|key| (key.id(), key)).collect();
    let key = |line: &AuditRow| keys.get(&line.key).copied();
    if output.is_json() {
        for line in page {
            output.object(&AuditObject::of(line, key(line)));
        }
    } else {
        let mut table = Table::new(["when", "who", "account", "key", "what", "change", "why"]);
        for line in page {
            table.push(row(line, key(line)));
        }
        output.table(&table);
    }
    Ok(())
}

impl<'a> AuditObject<'a> {
    fn of(line: &'a AuditRow, key: Option<&'a ManagedKey>) -> Self {
        Self {
            number: line.number,
            at: Some(line.at.into()),
            actor: &line.actor,
            account: &line.account,
            id: line.key.as_str(),
            name: key.map(ManagedKey::name),
            key_ref: line.reference.as_deref(),
            action: &line.action,
            from: line.from.map(word),
            to: word(line.to),
            effect: line.effect.as_ref().map(|effect| effect.replace(' ', "_")),
            text: line.text.as_deref(),
        }
    }
}

fn row(line: &AuditRow, key: Option<&ManagedKey>) -> [Cell; 7] {
    let id = &line.key;
    let key = key.map_or_else(|| id.to_string(), |key| format!("{} {id}", base_name(key)));
    let why = [line.effect.as_deref(), line.text.as_deref()];
    let why: Vec<&str> = why.into_iter().flatten().collect();
    [
        Cell::new(moment(line.at.into()).unwrap_or_default()),
        Cell::new(&line.actor),
        Cell::new(&line.account),
        Cell::new(key),
        Cell::new(&line.action),
        change(line),
        Cell::new(why.join(": ")),
    ]
}

/// Such as `undelivered → live`, or the state alone if it did not change.
fn change(line: &AuditRow) -> Cell {
    let text = match line.from {
        Some(from) if from == line.to => line.to.to_string(),
        Some(from) => format!("{from} → {}", line.to),
        None => format!("→ {}", line.to),
    };
    let tone = match line.to {
        KeyState::InDoubt | KeyState::Revoking => Tone::Notable,
        _ => Tone::Plain,
    };
    Cell::new(text).with_tone(tone)
}
