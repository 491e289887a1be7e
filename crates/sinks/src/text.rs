//! Texts for people.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

use pinning_keys_core::unseen_in;

/// How similar two words must be (1 is equal) for one to be suggested instead of the other.
const LIKENESS: f64 = 0.6;

/// The text with everything escaped that a terminal or the runner of a CI job would obey, or that
/// nobody sees.
pub(crate) fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    push_escaped(&mut line, text);
    line
}

/// A word of a command or a path, which need not be Unicode.
pub(crate) fn escaped_os(text: &OsStr) -> String {
    let mut line = String::with_capacity(text.len());
    for chunk in text.as_encoded_bytes().utf8_chunks() {
        push_escaped(&mut line, chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a `String` cannot fail.
            let _ = write!(line, "\\x{byte:02x}");
        }
    }
    line
}

fn push_escaped(line: &mut String, text: &str) {
    let mut unseen = unseen_in(text).peekable();
    for (at, character) in text.char_indices() {
        let is_unseen = unseen.next_if_eq(&at).is_some();
        if is_unseen || begins_command(&text[at..]) {
            let _ = write!(line, "{}", character.escape_unicode());
        } else {
            line.push(character);
        }
    }
}

/// Whether a text begins like a command that runners read anywhere in a line, such as `##[group]`
/// or `##vso[…]`. Those at the start of a line cannot occur: these texts are within one.
fn begins_command(text: &str) -> bool {
    let name = text
        .strip_prefix("##")
        .map(|rest| rest.trim_start_matches(|character: char| character.is_ascii_alphabetic()));
    name.is_some_and(|rest| rest.starts_with('['))
}

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
