//! Text from outside, made harmless on a terminal and in the log of a CI job.
//!
//! Key names, the text of servers and the names of files can contain whatever somebody else put
//! into them. Here each becomes one line of visible characters, from which the original text can
//! be read back: `\u{1b}` stands for a character that is not shown as it is, `\xff` for a byte
//! that is no text.

use std::ffi::OsStr;
use std::fmt::Write as _;

use crate::unseen::unseen_in;

/// The text with everything escaped that a terminal or the runner of a CI job would obey, that
/// nobody sees, or that changes the order of what is seen.
///
/// ```
/// use pinning_keys_core::escaped;
///
/// assert_eq!(escaped("::set-output\u{1b}[2J"), "\\u{3a}:set-output\\u{1b}[2J");
/// ```
#[doc(hidden)]
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    push_escaped(&mut line, text);
    line
}

/// The name of a file or the value of an argument, which need not be Unicode.
#[doc(hidden)]
#[must_use]
pub fn escaped_os(text: &OsStr) -> String {
    let mut line = String::with_capacity(text.len());
    for chunk in text.as_encoded_bytes().utf8_chunks() {
        push_escaped(&mut line, chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(line, "\\x{byte:02x}");
        }
    }
    line
}

fn push_escaped(line: &mut String, text: &str) {
    let mut unseen = unseen_in(text).peekable();
    let mut before = None;
    for (at, character) in text.char_indices() {
        let is_unseen = unseen.next_if_eq(&at).is_some();
        if is_unseen || begins_command(before, &text[at..]) || begins_escape(&text[at..]) {
            let _ = write!(line, "{}", character.escape_unicode());
        } else {
            line.push(character);
        }
        before = Some(character);
    }
}

/// Whether the runner of a CI job may read a command here. GitHub's reads `::name::` at the start
/// of a line, even after whitespace.
fn begins_command(before: Option<char>, text: &str) -> bool {
    begins_bracket_command(text) || text.starts_with("::") && before.is_none_or(char::is_whitespace)
}

/// Whether a text begins like a command that runners read anywhere in a line: `##[name]` on
/// GitHub, `##vso[…]` and `##teamcity[…]` elsewhere.
#[doc(hidden)]
#[must_use]
pub fn begins_bracket_command(text: &str) -> bool {
    text.strip_prefix("##").is_some_and(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[')
    })
}

/// Whether the text itself contains what an escaped character would look like.
fn begins_escape(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('\\') else { return false };
    let byte = rest.strip_prefix('x').and_then(|digits| digits.as_bytes().get(..2));
    rest.starts_with("u{") || byte.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use proptest::prelude::*;

    use super::{escaped, escaped_os};

    #[test]
    fn what_a_terminal_or_nobody_sees_is_escaped() {
        for (text, shown) in [
            ("ci-deploy 2", "ci-deploy 2"),
            ("Zoë 東京 ❤\u{fe0f} می\u{200c}خواهم", "Zoë 東京 ❤\u{fe0f} می\u{200c}خواهم"),
            ("a\u{1b}[31mred\u{7}", "a\\u{1b}[31mred\\u{7}"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("one\r\ntwo\u{2028}three", "one\\u{d}\\u{a}two\\u{2028}three"),
            ("ci\u{202e}yolped", "ci\\u{202e}yolped"),
            ("admin\u{200b}", "admin\\u{200b}"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn what_a_ci_runner_would_obey_is_escaped() {
        for (text, shown) in [
            ("::set-output name=a::b", "\\u{3a}:set-output name=a::b"),
            (" \u{3000}::add-mask::x", " \u{3000}\\u{3a}:add-mask::x"),
            ("team::bot", "team::bot"),
            ("x##[error]y", "x\\u{23}#[error]y"),
            ("###[error]", "#\\u{23}#[error]"),
            ("##vso[task.setvariable]", "\\u{23}#vso[task.setvariable]"),
            ("## heading", "## heading"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn paths_keep_their_backslashes() {
        assert_eq!(escaped(r"C:\Users\name\key.json"), r"C:\Users\name\key.json");
        assert_eq!(escaped(r"\u{1b} \xff"), r"\u{5c}u{1b} \u{5c}xff");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        use std::os::unix::ffi::OsStrExt as _;
        let name = OsStr::from_bytes(b"k\xffy\x1b.json");
        assert_eq!(escaped_os(name), "k\\xffy\\u{1b}.json");
    }

    /// The text that an escaped one was made of.
    fn read_back(line: &str) -> String {
        let mut parts = line.split("\\u{");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            let (hex, rest) = part.split_once('}').unwrap();
            text.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap());
            text.push_str(rest);
        }
        text
    }

    /// Texts with many of the characters that matter, and with any others.
    fn texts() -> impl Strategy<Value = String> {
        let tokens = prop::sample::select(vec![
            ":",
            "::",
            "#",
            "##[",
            "##vso[",
            "[",
            "\\",
            "u{",
            "}",
            "x",
            "41",
            " ",
            "\t",
            "\n",
            "\r",
            "\u{1b}",
            "\u{7f}",
            "\u{85}",
            "\u{9b}",
            "\u{a0}",
            "\u{ad}",
            "\u{200b}",
            "\u{200d}",
            "\u{202e}",
            "\u{2028}",
            "\u{2067}",
            "\u{fe0f}",
            "\u{feff}",
            "\u{e0041}",
            "a",
            "م",
            "👩",
        ]);
        let parts = prop_oneof![3 => tokens.prop_map(str::to_owned), 1 => any::<String>()];
        prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn an_escaped_text_is_one_harmless_line_and_can_be_read_back(text in texts()) {
            let line = escaped(&text);
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
            let turns_or_hides = line.contains(['\u{2028}', '\u{200b}', '\u{202e}', '\u{2067}']);
            prop_assert!(!turns_or_hides, "{line:?}");
            prop_assert!(!line.trim_start().starts_with("::"), "{line:?}");
            prop_assert!(!line.contains("##[") && !line.contains("##vso["), "{line:?}");
            prop_assert_eq!(read_back(&line), text.clone());
            prop_assert_eq!(escaped_os(OsStr::new(&text)), line);
        }
    }
}
