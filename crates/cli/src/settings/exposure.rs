//! Configuration files that hold a secret and can be read by others.

use std::path::Path;

use pinning_keys::credentials::SecretFrom;

use super::files::ConfigFile;
use super::origin::shown;
use super::sections::Profile;
#[cfg(feature = "store")]
use super::store_place::holds_password;
use crate::command_line::quoted;

/// The warning about a file that holds a secret and can be read by others, with the command that
/// changes this.
pub(crate) fn warning(file: &ConfigFile) -> Option<String> {
    let has_secret = file.document.profiles.values().any(holds_secret) || has_password(file);
    if !has_secret || !is_readable_by_others(&file.path) {
        return None;
    }
    let path = shown(&file.path);
    Some(format!(
        "{path} contains a secret and can be read by others\n  chmod 600 {}",
        quoted(&path)
    ))
}

/// Whether a profile holds a secret itself, and not only the place of one. The key of a pair is
/// no secret.
fn holds_secret(profile: &Profile) -> bool {
    profile.account.entries().into_iter().any(|(name, entry)| {
        matches!(name, "jwt" | "api_secret")
            && matches!(entry.value.clone().secret(name), Ok(SecretFrom::Text(_)) | Err(_))
    })
}

/// Whether the address of the store has a password.
#[cfg(feature = "store")]
fn has_password(file: &ConfigFile) -> bool {
    file.document.store.as_ref().is_some_and(|store| holds_password(&store.value))
}

/// A program without a store ignores its address.
#[cfg(not(feature = "store"))]
fn has_password(_file: &ConfigFile) -> bool {
    false
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = path.metadata();
    metadata.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o044 != 0)
}

/// Elsewhere, a user's configuration folder is that user's alone.
#[cfg(not(unix))]
fn is_readable_by_others(_path: &Path) -> bool {
    false
}
