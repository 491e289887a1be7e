//! The rule for the text of every setting, whatever it comes from: a variable, a configuration
//! file, a file that holds a secret, or code.
//!
//! What surrounds a value by accident is removed, because removing it cannot change the meaning:
//! whitespace, line ends and byte order marks. Marks that are part of no value, such as quotation
//! marks, are refused instead, because they show that the text is not what somebody meant.

use std::borrow::Cow;

use pinning_keys_core::{Error, ErrorKind, header_fault};

/// UTF-8's byte order mark, with which some editors begin a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Quotation marks of keyboards and of word processors.
const QUOTATION_MARKS: &[char] =
    &['"', '\'', '`', '´', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›', '＂', '＇'];

/// What a text contains that is part of no value, in words that never repeat the text.
pub(crate) struct TextFault {
    /// Continues "jwt …".
    what: Cow<'static, str>,
    step: &'static str,
}

impl TextFault {
    pub(crate) const EMPTY: Self =
        Self { what: Cow::Borrowed("is empty"), step: "set it, or remove it" };

    pub(crate) fn new(what: impl Into<Cow<'static, str>>, step: &'static str) -> Self {
        Self { what: what.into(), step }
    }

    /// The error about the text of this setting, variable or file.
    pub(crate) fn error(self, kind: ErrorKind, place: &str) -> Error {
        Error::new(kind, format!("{place} {}", self.what)).with_next_step(self.step)
    }
}

/// The text without what surrounds it by accident.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == BYTE_ORDER_MARK)
}

/// Returns the fault of a trimmed word, host or address.
pub(crate) fn word_fault(text: &str) -> Option<TextFault> {
    mark(text).or_else(|| unseen(text, |c| c.is_control() || is_format(c)))
}

/// Returns the fault of the trimmed path of a file. Joiners belong to words in some scripts.
pub(crate) fn path_fault(text: &str) -> Option<TextFault> {
    mark(text).or_else(|| unseen(text, char::is_control))
}

/// Returns the fault of a trimmed secret, which must not be empty.
pub(crate) fn secret_fault(text: &str) -> Option<TextFault> {
    if text.is_empty() {
        return Some(TextFault::EMPTY);
    }
    if text.eq_ignore_ascii_case("bearer") {
        let step = "set it to the token that follows the word";
        return Some(TextFault::new("contains only the word Bearer", step));
    }
    let step = "set it to the credential alone, without the text around it";
    mark(text).or_else(|| header_fault(text).map(|what| TextFault::new(what, step)))
}

/// Returns the fault of a trimmed text that is the whole value of a header. Unlike a token, it may
/// have blanks within it and begin with a scheme.
pub(crate) fn header_value_fault(text: &str) -> Option<TextFault> {
    if text.is_empty() {
        return Some(TextFault::EMPTY);
    }
    let step = "set it to the value alone, without the text around it";
    let has_name = strip_prefix(text, "authorization:").is_some();
    has_name
        .then(|| TextFault::new("begins with the name of the header", step))
        .or_else(|| wrapping(text))
        .or_else(|| foreign_form(text))
        .or_else(|| Some(TextFault::new(pinning_keys_core::header_value_fault(text)?, step)))
}

/// The text with each character that is not seen written as `\u{…}` or `\n`.
pub(crate) fn escaped(text: &str) -> String {
    // These are escaped only for the sake of literals, and a Windows path is full of them.
    const OF_LITERALS: [char; 3] = ['\\', '"', '\''];
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(OF_LITERALS) {
        let plain = part.strip_suffix(OF_LITERALS).unwrap_or(part);
        // Not character by character, which would escape the accents and vowels of many scripts.
        shown.extend(plain.escape_debug());
        shown.push_str(&part[plain.len()..]);
    }
    shown
}

/// The mark in a trimmed text that is part of no value, if there is one.
fn mark(text: &str) -> Option<TextFault> {
    wrapping(text)
        .or_else(|| {
            let step = "set it to the token alone";
            begins_with_bearer(text).then(|| TextFault::new("begins with the word Bearer", step))
        })
        .or_else(|| foreign_form(text))
}

/// The quotation mark around a text, if there is one.
fn wrapping(text: &str) -> Option<TextFault> {
    if text.starts_with(QUOTATION_MARKS) || text.ends_with(QUOTATION_MARKS) {
        let step = "remove the quotation marks: outside of a shell, they are part of the value";
        return Some(TextFault::new("begins or ends with a quotation mark", step));
    }
    None
}

/// The form of a placeholder, a line, a reference or JSON, if a text has one.
fn foreign_form(text: &str) -> Option<TextFault> {
    let fault = |what, step| Some(TextFault::new(what, step));
    if text.starts_with('<') || text.ends_with('>') {
        return fault(
            "begins or ends with an angle bracket",
            "replace the placeholder with the value, without the brackets",
        );
    }
    if is_assignment(text) {
        return fault(
            "begins with a name and an equals sign",
            "set it to the value alone, without the name before it",
        );
    }
    if is_reference(text) {
        return fault(
            "is a reference such as $NAME, which is not resolved here",
            "set it to the value itself: only a shell resolves the reference",
        );
    }
    if text.starts_with('{') || text.starts_with("[\"") {
        return fault("begins like JSON", "set it to the value alone, without the JSON around it");
    }
    None
}

fn unseen(text: &str, is_unseen: impl Fn(char) -> bool) -> Option<TextFault> {
    let found = text.chars().find(|c| is_unseen(*c))?;
    let what = format!("contains the invisible character {}", found.escape_debug());
    Some(TextFault::new(what, "remove the character"))
}

/// Whether a character only formats text, and so can come with copied text without being seen.
pub(crate) fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | BYTE_ORDER_MARK)
}

/// Whether a text is the value of an `Authorization` header.
fn begins_with_bearer(text: &str) -> bool {
    let value = strip_prefix(text, "authorization:").unwrap_or(text).trim_start();
    strip_prefix(value, "bearer").is_some_and(|token| token.starts_with(char::is_whitespace))
}

/// Whether a text is a line such as `export NAME=value`. Base 64 ends with equals signs, too, but
/// nothing follows them.
fn is_assignment(text: &str) -> bool {
    let keywords = ["export ", "set ", "$env:"];
    let line = keywords.iter().find_map(|keyword| strip_prefix(text, keyword)).unwrap_or(text);
    let line = line.trim_start();
    let name_ends = line.bytes().take_while(|byte| is_name_byte(*byte)).count();
    match line[name_ends..].trim_start().strip_prefix('=') {
        Some(value) => is_name(&line[..name_ends]) && value.bytes().any(|byte| byte != b'='),
        None => false,
    }
}

/// Whether a shell, a build system or a template would have replaced the text.
fn is_reference(text: &str) -> bool {
    let percent = text.strip_prefix('%').and_then(|text| text.strip_suffix('%'));
    match text.strip_prefix('$') {
        Some(rest) => is_name(rest) || rest.starts_with(['{', '(']) || rest.starts_with("env:"),
        None => text.starts_with("{{") || percent.is_some_and(is_name),
    }
}

/// Whether a text can be the name of a variable in a shell. Most tokens cannot.
pub(crate) fn is_name(text: &str) -> bool {
    text.bytes().all(is_name_byte)
        && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
