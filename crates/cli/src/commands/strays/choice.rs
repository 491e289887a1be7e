//! Which strays are meant.

use std::ffi::OsString;

use pinning_keys_lifecycle::ManagedKey;

use crate::failure::Failure;
use crate::managed::rows::{checked, is_named, none_named, several_named};

/// The strays that arguments name, or all, each once.
pub(super) fn choose(
    strays: &[ManagedKey],
    arguments: &[OsString],
) -> Result<Vec<ManagedKey>, Failure> {
    if arguments.is_empty() {
        return Ok(strays.to_vec());
    }
    let mut chosen: Vec<ManagedKey> = Vec::new();
    for argument in arguments {
        let name = checked(argument)?;
        let named: Vec<&ManagedKey> = strays.iter().filter(|key| is_named(key, name)).collect();
        let key = match named.as_slice() {
            [only] => *only,
            [] => return Err(none_named(strays, name, "strays")),
            several => return Err(several_named(several, name, "strays")),
        };
        if chosen.iter().all(|other| other.id() != key.id()) {
            chosen.push(key.clone());
        }
    }
    Ok(chosen)
}
