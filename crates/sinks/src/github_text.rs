//! The text of the files through which a step of a workflow passes values on.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use secrecy::zeroize::Zeroizing;

/// Whether the file sets this name, as `NAME=value` or `NAME<<delimiter`.
pub(crate) fn has(content: &[u8], name: &str) -> bool {
    let mut lines = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    while let Some(line) = lines.next() {
        let equals = line.iter().position(|byte| *byte == b'=').unwrap_or(line.len());
        let heredoc = line.windows(2).position(|pair| pair == b"<<").unwrap_or(line.len());
        if line[..equals.min(heredoc)] == *name.as_bytes() && equals.min(heredoc) < line.len() {
            return true;
        }
        if heredoc < equals {
            let delimiter = &line[heredoc + 2..];
            // What is between the delimiters is a value.
            lines.by_ref().find(|line| *line == delimiter);
        }
    }
    false
}

/// What is appended to the file to set this name.
pub(crate) fn assignment(content: &[u8], name: &str, value: &str) -> Zeroizing<Vec<u8>> {
    let delimiter = delimiter(value);
    let start = if matches!(content.last(), None | Some(b'\n')) { "" } else { "\n" };
    let parts = [start, name, "<<", &delimiter, "\n", value, "\n", &delimiter, "\n"];
    let mut text = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    for part in parts {
        text.extend_from_slice(part.as_bytes());
    }
    text
}

/// A delimiter that nobody can guess and that is not in the value, which therefore cannot end early
/// and set other variables.
fn delimiter(value: &str) -> String {
    loop {
        let mut delimiter = "ghadelimiter_".to_owned();
        for _ in 0..2 {
            // The standard library seeds it from the system.
            let bits = RandomState::new().build_hasher().finish();
            // Writing to a `String` cannot fail.
            let _ = write!(delimiter, "{bits:016x}");
        }
        if !value.contains(&delimiter) {
            return delimiter;
        }
    }
}

/// The line that makes the runner hide a text in its logs.
pub(crate) fn mask_line(text: &str) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity("::add-mask::\n".len() + 3 * text.len()));
    line.push_str("::add-mask::");
    for character in text.chars() {
        match character {
            // The runner undoes these.
            '%' => line.push_str("%25"),
            '\r' => line.push_str("%0D"),
            '\n' => line.push_str("%0A"),
            other => line.push(other),
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::{assignment, has, mask_line};

    #[test]
    fn set_names_are_found_and_values_are_not_names() {
        let content = b"A=1\nB<<end\nC=2\nend\nD=<<x\nE<<y=\nF=1\ny=\r\nG=3";
        for name in ["A", "B", "D", "E", "G"] {
            assert!(has(content, name), "{name}");
        }
        for name in ["C", "F", "", "A=1", "end"] {
            assert!(!has(content, name), "{name}");
        }
    }

    #[test]
    fn assignment_begins_on_a_line_of_its_own() {
        let text = |content: &[u8]| String::from_utf8(assignment(content, "N", "v").to_vec());
        assert!(text(b"A=1").unwrap().starts_with("\nN<<ghadelimiter_"));
        assert!(text(b"A=1\n").unwrap().starts_with("N<<ghadelimiter_"));
        assert_ne!(text(b""), text(b""), "the delimiter is random");
    }

    #[test]
    fn mask_line_is_one_line() {
        assert_eq!(*mask_line("a%2Bb\nc\r"), "::add-mask::a%252Bb%0Ac%0D\n");
    }
}
