//! Commands for people to type next.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::global::Global;

/// The flags of this call that select the account and the store. Without them, a suggested
/// command could act on another account or store.
static SELECTION: OnceLock<Selection> = OnceLock::new();

/// The profiles that are not selected, and that `--profile` can name.
#[cfg(feature = "store")]
static OTHERS: OnceLock<Vec<String>> = OnceLock::new();

struct Selection {
    account: String,
    rest: String,
}

/// Remembers which account the commands to type next have to work with.
pub(crate) fn remember(global: &Global) {
    let profile = global.profile.as_ref().map(|name| ("profile", name.to_string_lossy()));
    let config = global.config.as_ref().map(|path| ("config", path.to_string_lossy()));
    #[cfg(feature = "store")]
    let store = global.store.as_ref().map(|store| ("store", store.to_string_lossy()));
    #[cfg(not(feature = "store"))]
    let store = None;
    let flag = |(flag, value): (_, Cow<'_, str>)| format!(" --{flag} {}", quoted(&value));
    let account = profile.map(flag).unwrap_or_default();
    let rest = config.into_iter().chain(store).map(flag).collect();
    // The program parses one command line.
    let _ = SELECTION.set(Selection { account, rest });
}

/// Remembers which profiles there are besides the selected one.
#[cfg(feature = "store")]
pub(crate) fn remember_others(profiles: Vec<String>) {
    let _ = OTHERS.set(profiles);
}

/// A command of this program, for the account that this call works with.
pub(crate) fn command(words: &str) -> String {
    let Some(Selection { account, rest }) = SELECTION.get() else {
        return format!("pinning-keys {words}");
    };
    format!("pinning-keys{account}{rest} {words}")
}

/// A command of this program for a key in this account of the store, which can differ from the
/// account that this call works with.
#[cfg(feature = "store")]
pub(crate) fn command_in(account: &str, words: &str) -> String {
    if !OTHERS.get().is_some_and(|others| others.iter().any(|name| name == account)) {
        return command(words);
    }
    let rest = SELECTION.get().map_or("", |selection| &selection.rest);
    format!("pinning-keys --profile {}{rest} {words}", quoted(account))
}

/// The command that revokes a key by its name, or by its reference.
pub(crate) fn revoke_command(key: &str) -> String {
    command(&with_key("revoke", key))
}

/// A command with its flags and its key.
pub(crate) fn with_key(words: &str, key: &str) -> String {
    let dashes = if key.starts_with('-') { "-- " } else { "" };
    format!("{words} {dashes}{}", quoted(key))
}

/// What to type to rotate a key, without the program.
#[cfg(feature = "store")]
pub(crate) fn rotate_words(key: &str) -> String {
    if key.starts_with('-') {
        // Flags cannot follow such a name.
        with_key("rotate --to SINK", key)
    } else {
        format!("{} --to SINK", with_key("rotate", key))
    }
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
