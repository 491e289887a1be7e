//! The text of an environment file: lines such as `NAME=value` and `export NAME='value'`.

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

/// Why a file cannot take a value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EnvFault {
    /// The value spans several lines, so it cannot be replaced line by line.
    SpansLines,
    /// There is no quoting that all readers of such files undo in the same way.
    Unquotable,
    /// The value has a line break or another control character.
    ControlCharacter,
}

/// Whether the file has a line of this variable, and whether it can be replaced.
pub(crate) fn has(content: &[u8], name: &str) -> Result<bool, EnvFault> {
    let mut found = false;
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        if let Some(assignment) = Assignment::of(line, name) {
            if !is_closed(assignment.value) {
                return Err(EnvFault::SpansLines);
            }
            found = true;
        }
    }
    Ok(found)
}

/// The file with one line of this variable, which is where the first one was or at the end. All
/// other lines stay as they are, byte for byte.
pub(crate) fn set(content: &[u8], name: &str, value: &str) -> Result<Zeroizing<Vec<u8>>, EnvFault> {
    has(content, name)?;
    let value = quoted(value)?;
    let value = secrecy::ExposeSecret::expose_secret(&value).as_bytes();
    let end = if content.windows(2).any(|pair| pair == b"\r\n") { &b"\r\n"[..] } else { b"\n" };
    // Enough for the longest result, so that the buffer does not grow and leave its bytes behind.
    let longest = content.len() + name.len() + value.len() + 2 * end.len() + 1;
    let mut new = Zeroizing::new(Vec::with_capacity(longest));
    let mut is_set = false;
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        match Assignment::of(line, name) {
            None => new.extend_from_slice(line),
            Some(_) if is_set => {}
            Some(assignment) => {
                for part in [assignment.front, name.as_bytes(), b"=", value, assignment.end] {
                    new.extend_from_slice(part);
                }
                is_set = true;
            }
        }
    }
    if !is_set {
        if !new.is_empty() && !new.ends_with(b"\n") {
            new.extend_from_slice(end);
        }
        for part in [name.as_bytes(), b"=", value, end] {
            new.extend_from_slice(part);
        }
    }
    Ok(new)
}

/// A line that sets a variable.
struct Assignment<'a> {
    /// Blanks and `export`.
    front: &'a [u8],
    value: &'a [u8],
    /// The line break, if there is one.
    end: &'a [u8],
}

impl<'a> Assignment<'a> {
    fn of(line: &'a [u8], name: &str) -> Option<Self> {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let rest = text.trim_ascii_start();
        let rest = match rest.strip_prefix(b"export") {
            Some(after) if after.first().is_some_and(u8::is_ascii_whitespace) => {
                after.trim_ascii_start()
            }
            _ => rest,
        };
        let front = &text[..text.len() - rest.len()];
        let value = rest.strip_prefix(name.as_bytes())?.trim_ascii_start().strip_prefix(b"=")?;
        Some(Self { front, value, end: &line[text.len()..] })
    }
}

/// Whether a value ends with its line: its quotes are closed and no backslash is at its end.
fn is_closed(value: &[u8]) -> bool {
    let (mut quote, mut before) = (None, b' ');
    let mut bytes = value.trim_ascii().iter();
    while let Some(&byte) = bytes.next() {
        let in_front = std::mem::replace(&mut before, byte);
        match (quote, byte) {
            // The rest is a comment.
            (None, b'#') if in_front.is_ascii_whitespace() => return true,
            (None | Some(b'"'), b'\\') if bytes.next().is_none() => return false,
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    quote.is_none()
}

/// The value as it is written behind `NAME=`.
///
/// Readers of such files agree on a value of these characters without quotes, and on one in single
/// quotes, except that some of them undo `\\` and `\'` in it.
pub(crate) fn quoted(value: &str) -> Result<SecretString, EnvFault> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+/=:@%,".contains(&byte);
    if value.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(EnvFault::ControlCharacter);
    }
    if value.bytes().all(is_plain) {
        return Ok(value.into());
    }
    if value.contains('\'') || value.contains("\\\\") || value.ends_with('\\') {
        return Err(EnvFault::Unquotable);
    }
    let mut text = String::with_capacity(value.len() + 2);
    for part in ["'", value, "'"] {
        text.push_str(part);
    }
    Ok(text.into())
}

/// A JSON text in which nothing keeps it out of single quotes: other escapes say the same.
pub(crate) fn quotable_json(json: &str) -> SecretString {
    let is_escaped = |c: &char| matches!(c, '\'' | '\\');
    let longest = json.len() + 5 * json.chars().filter(is_escaped).count();
    let mut text = Zeroizing::new(String::with_capacity(longest));
    let mut characters = json.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => text.push_str("\\u0027"),
            '\\' => match characters.next() {
                Some('\\') => text.push_str("\\u005c"),
                other => {
                    text.push('\\');
                    text.extend(other);
                }
            },
            other => text.push(other),
        }
    }
    text.as_str().into()
}
