//! Who uses the program, for the audit trail.

use std::env;

/// The longest name that the store takes, with the words before it.
const MAX_CHARS: usize = 60;

/// Such as `cli:alice`, or `cli` if the system does not name the user.
pub(super) fn actor() -> String {
    let name = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| env::var(name).ok());
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-_.@".contains(*c);
    let name: String = name.unwrap_or_default().chars().filter(is_plain).take(MAX_CHARS).collect();
    if name.is_empty() { nameless() } else { format!("cli:{name}") }
}

/// A scheduler may start the program without the user's name.
#[cfg(unix)]
fn nameless() -> String {
    format!("cli:uid-{}", rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn nameless() -> String {
    "cli".to_owned()
}
