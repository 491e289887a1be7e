//! The keys of a name that have all ended.

use pinning_keys::KeyRef;
use pinning_keys_lifecycle::{KeyFilter, KeyId, KeyState, ManagedKey, Suffix};

use super::Managed;
use super::rows::{OPEN, all, base_name, is_named};
use crate::command_line::{command, with_key};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::view::moment;
use crate::output::escape::escaped;

/// Of the keys with this id, reference or name that have ended, the one that did so last.
pub(super) async fn last_ended(
    managed: &Managed,
    name: &str,
) -> Result<Option<ManagedKey>, Failure> {
    let id = Suffix::of_name(name).map(|suffix| suffix.id().clone());
    let mut rows = match id.or_else(|| name.parse::<KeyId>().ok()) {
        Some(id) => managed.manager().get(&id).await.into_iter().collect(),
        None => Vec::new(),
    };
    if rows.is_empty() {
        // The store has an index of holders, and none of references.
        let holder = name.parse::<KeyRef>().is_err().then(|| name.to_owned());
        rows = all(managed, &KeyFilter { holder, ..KeyFilter::default() }).await?;
    }
    rows.retain(|key| is_named(key, name) && !OPEN.contains(&key.state()));
    Ok(rows.into_iter().max_by_key(ManagedKey::changed_at))
}

/// The failure to find an open key of this name, because the last one has ended.
pub(super) fn has_ended(key: &ManagedKey, name: &str) -> Failure {
    let name = escaped(name);
    let at = moment(key.changed_at()).unwrap_or_default();
    let why = key.evidence().map_or_else(String::new, |why| format!(": {}", escaped(why)));
    let message = match key.state() {
        KeyState::Forgotten => format!("the key \"{name}\" was forgotten at {at}"),
        KeyState::Closed => format!("no key \"{name}\" was created at {at}{why}"),
        _ => format!("the key \"{name}\" ended at {at}{why}"),
    };
    let issue = command(&with_key("issue", base_name(key)));
    Failure::new(Exit::Failed, message)
        .with_kind("nothing_matched")
        .with_next(format!("to issue another one:  {issue}"))
}
