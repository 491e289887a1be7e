//! Rows of the store, and how they are named on the command line.

use std::ffi::OsStr;

use pinning_keys_lifecycle::{Error, KeyFilter, KeyId, KeyManager, KeyState, ManagedKey, Suffix};

use super::Managed;
use crate::command_line::{command, with_key};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::nearest::nearest;
use crate::output::escape::escaped;
use crate::secret_words::refuse_secret;

/// How many rows are read at a time.
const PAGE: usize = 500;

/// How many keys of one name are shown.
const SHOWN: usize = 20;

/// The states of keys that have not ended.
pub(crate) const OPEN: [KeyState; 5] = [
    KeyState::Intended,
    KeyState::InDoubt,
    KeyState::Undelivered,
    KeyState::Live,
    KeyState::Revoking,
];

/// All rows that a filter admits.
pub(crate) async fn all(managed: &Managed, filter: &KeyFilter) -> Result<Vec<ManagedKey>, Failure> {
    Ok(all_of(managed.manager(), filter).await?)
}

/// All rows that a filter admits.
pub(crate) async fn all_of(
    manager: &KeyManager,
    filter: &KeyFilter,
) -> Result<Vec<ManagedKey>, Error> {
    let mut keys: Vec<ManagedKey> = Vec::new();
    loop {
        let after = keys.last().map(ManagedKey::position);
        let page = manager.list(filter, after.as_ref(), PAGE).await?;
        let is_last = page.len() < PAGE;
        keys.extend(page);
        if is_last {
            return Ok(keys);
        }
    }
}

/// The name that was requested, without the store's suffix.
pub(crate) fn base_name(key: &ManagedKey) -> &str {
    let name = key.name();
    match Suffix::of_name(name) {
        Some(_) => name.get(..name.len().saturating_sub(Suffix::CHARS)).unwrap_or(name),
        None => name,
    }
}

/// The name in an argument.
pub(crate) fn checked(argument: &OsStr) -> Result<&str, Failure> {
    let Some(name) = argument.to_str() else {
        return Err(Failure::usage("a key's name is not UTF-8"));
    };
    if name.is_empty() {
        return Err(Failure::usage("a key's name is empty"));
    }
    refuse_secret("a key's name", name)?;
    Ok(name)
}

/// Whether a key has this id, reference or name.
pub(crate) fn is_named(key: &ManagedKey, name: &str) -> bool {
    name == base_name(key)
        || name == key.name()
        || name == key.id().as_str()
        || key.key_refs().iter().any(|key_ref| key_ref.to_string() == name)
}

pub(crate) fn none_named(rows: &[ManagedKey], name: &str, verb: &str) -> Failure {
    let message = format!("the store has no key named \"{}\"", escaped(name));
    let failure = Failure::new(Exit::Failed, message).with_kind("nothing_matched");
    let failure = match nearest(name, rows.iter().map(base_name)) {
        Some(meant) => {
            failure.with_next(format!("did you mean:  {}", command(&with_key(verb, meant))))
        }
        None => failure,
    };
    failure.with_next(format!("{}   lists the keys of the store", command("list --managed")))
}

pub(crate) fn several_named(keys: &[&ManagedKey], name: &str, verb: &str) -> Failure {
    let message = format!("{} keys are named \"{}\"", keys.len(), escaped(name));
    let mut failure = Failure::new(Exit::Failed, message).with_kind("ambiguous_name");
    for key in keys.iter().take(SHOWN) {
        let line = by_id(verb, key.id());
        failure = failure.with_next(format!("{line}   {}, at {}", key.state(), key.account()));
    }
    match keys.len().saturating_sub(SHOWN) {
        0 => failure,
        more => failure.with_next(format!("and {more} more")),
    }
}

/// The command for the key of this id.
pub(crate) fn by_id(verb: &str, id: &KeyId) -> String {
    command(&format!("{verb} {id}"))
}
