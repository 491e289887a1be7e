//! Commands for people to type next.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::global::Global;

/// The flags of this call that select the account and the store. A command without them could act
/// on others.
static SELECTION: OnceLock<String> = OnceLock::new();

/// Remembers which account the commands to type next have to work with.
pub(crate) fn remember(global: &Global) {
    let profile = global.profile.as_ref().map(|name| ("profile", name.to_string_lossy()));
    let config = global.config.as_ref().map(|path| ("config", path.to_string_lossy()));
    #[cfg(feature = "store")]
    let store = global.store.as_ref().map(|store| ("store", store.to_string_lossy()));
    #[cfg(not(feature = "store"))]
    let store = None;
    let flag = |(flag, value): (_, Cow<'_, str>)| format!(" --{flag} {}", quoted(&value));
    // The program parses one command line.
    let _ = SELECTION.set(profile.into_iter().chain(config).chain(store).map(flag).collect());
}

/// A command of this program, for the account that this call works with.
pub(crate) fn command(words: &str) -> String {
    format!("pinning-keys{} {words}", SELECTION.get().map_or("", String::as_str))
}

/// The command that revokes a key by its name, or by its reference.
pub(crate) fn revoke_command(key: &str) -> String {
    let dashes = if key.starts_with('-') { "-- " } else { "" };
    command(&format!("revoke {dashes}{}", quoted(key)))
}

/// The word as a POSIX shell reads it. Quotes that mean nothing part what the runner of a CI job
/// would take for a command, because escapes would change the word.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) && !word.contains("::") {
        return word.into();
    }
    let inside = word.replace('\'', r"'\''").replace("::", ":'':").replace('#', "#''");
    format!("'{inside}'").into()
}
