//! Texts for people.

use std::fmt::Write as _;
use std::path::Path;

/// How similar two words must be (1 is equal) for one to be suggested instead of the other.
const LIKENESS: f64 = 0.6;

/// The text with everything escaped that a terminal would obey, that nobody sees, or that the
/// runner of a GitHub workflow obeys in the middle of a line.
pub(crate) fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Quotes and backslashes are visible, and accents belong to the letter in front.
            '"' | '\'' | '\\' | '\u{300}'..='\u{36f}' => line.push(character),
            other => {
                // Writing to a `String` cannot fail.
                let _ = write!(line, "{}", other.escape_debug());
            }
        }
    }
    if line.contains("##[") { line.replace("##[", "##\\u{5b}") } else { line }
}

/// A path on one line.
pub(crate) fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}

/// A path as a word of a command to type.
pub(crate) fn typed(path: &Path) -> String {
    let path = shown(path);
    shlex::try_quote(&path).map_or_else(|_| path.clone(), std::borrow::Cow::into_owned)
}

/// `unknown field; did you mean "jwt"?`, or all known words if none is similar. The text itself is
/// not repeated, because it may be a secret.
pub(crate) fn unknown(what: &str, text: &str, known: &[&str]) -> String {
    let lower = text.to_lowercase();
    let likeness = |word: &&&str| strsim::normalized_damerau_levenshtein(&lower, word);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest {
        Some(word) if likeness(&word) >= LIKENESS => {
            format!("unknown {what}; did you mean {word:?}?")
        }
        _ => format!("unknown {what}; expected one of {}", known.join(", ")),
    }
}

/// Whether a text contains a word that has the shape of a JWT.
pub(crate) fn contains_jwt(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.split(|c| !is_part(c)).any(pinning_keys_core::is_jwt_shaped)
}
