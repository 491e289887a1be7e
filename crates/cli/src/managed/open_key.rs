//! The key that an argument names.

use std::ffi::OsStr;

use pinning_keys_lifecycle::{KeyFilter, KeyState, ManagedKey};

use super::Managed;
use super::ended::{has_ended, last_ended};
use super::rows::{OPEN, all, checked, is_named, none_named, several_named};
use crate::failure::Failure;

/// The open key that an argument names by its id, its reference, or its name with or without the
/// store's suffix. During a rotation, a name means the new key. `verb` is the command that an error
/// suggests.
pub(crate) async fn open_key(
    managed: &Managed,
    argument: &OsStr,
    verb: &str,
) -> Result<ManagedKey, Failure> {
    let name = checked(argument)?;
    let filter = |holder| KeyFilter { states: OPEN.to_vec(), holder, ..KeyFilter::default() };
    // Most keys are named by their holder, and the store has an index for that.
    let mut rows = all(managed, &filter(Some(name.to_owned()))).await?;
    if rows.is_empty() {
        rows = all(managed, &filter(None)).await?;
    }
    let mut found: Vec<_> = rows.iter().filter(|key| is_named(key, name)).collect();
    if found.len() > 1 {
        found.retain(|key| key.replaced_by().is_none());
    }
    if found.len() > 1 && found.iter().any(|key| key.state() == KeyState::Live) {
        // Keys in doubt or being revoked were given up, and an undelivered one may be a failed attempt.
        found.retain(|key| key.state() == KeyState::Live);
    }
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => match last_ended(managed, name).await? {
            Some(ended) => Err(has_ended(&ended, name)),
            None => Err(none_named(&rows, name, verb)),
        },
        several => Err(several_named(several, name, verb)),
    }
}
