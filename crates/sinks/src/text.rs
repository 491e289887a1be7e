//! Texts for people.

use std::path::Path;

pub(crate) use pinning_keys_core::{escaped, escaped_os};

/// How similar two words must be (1 is equal) for one to be suggested instead of the other.
const LIKENESS: f64 = 0.6;

/// A path on one line.
pub(crate) fn shown(path: &Path) -> String {
    escaped_os(path.as_os_str())
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
