//! What the program prints for programs: one object per line.

use std::io::{self, Write};

use pinning_keys_core::unseen_in;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::escape::begins_bracket_command;

/// The version of the JSON that is printed. It changes only if a program could break.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Versioned<'a, T> {
    format: u32,
    #[serde(flatten)]
    value: &'a T,
}

/// The object as a line, with the version of the format as its first member.
pub(super) fn line(value: &impl Serialize) -> String {
    let mut line = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut line, Visible);
    // Only a map with keys that are not text can fail, and no result has one.
    let _ = Versioned { format: FORMAT, value }.serialize(&mut serializer);
    String::from_utf8(line).unwrap_or_default()
}

/// Escapes what `escaped` does, in the way of JSON, so that programs read the original text.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut unseen = unseen_in(fragment).peekable();
        let mut written = 0;
        for (at, character) in fragment.char_indices() {
            if unseen.next_if_eq(&at).is_none() && !begins_bracket_command(&fragment[at..]) {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[written..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            written = at + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[written..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::line;

    #[test]
    fn the_version_is_the_first_member() {
        assert_eq!(line(&json!({ "key": "ci" })), r#"{"format":1,"key":"ci"}"#);
    }

    #[test]
    fn text_is_escaped_in_the_way_of_json() {
        let object = json!({ "name": "a\u{1b}\u{9b}\u{202e}##[error]\u{e0041}\"東京::" });
        let printed =
            r#"{"format":1,"name":"a\u001b\u009b\u202e\u0023#[error]\udb40\udc41\"東京::"}"#;
        assert_eq!(line(&object), printed);
    }

    proptest! {
        #[test]
        fn a_program_reads_the_original_text(text: String) {
            let line = line(&json!({ "text": text.clone() }));
            prop_assert!(!line.chars().any(char::is_control));
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&read["text"], &text);
        }
    }
}
