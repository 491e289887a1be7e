//! Text from outside, made harmless on a terminal and in a CI log.

use std::fmt::Write as _;

/// The text with everything escaped that a terminal would obey, that nobody sees, or that a CI
/// runner reads as a command: control and formatting characters, and `::` at the start of a line.
pub(crate) fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            let _ = write!(line, "{}", character.escape_default());
        } else {
            line.push(character);
        }
    }
    match line.strip_prefix("::") {
        Some(rest) => format!("\\u{{3a}}:{rest}"),
        None => line,
    }
}
