//! Whatever an environment file contains: after a delivery it has one line of the name, and all
//! other lines are the same bytes in the same order. Whatever the value is: a shell reads it back,
//! or it is refused.

use pinning_keys_sinks::SinkSpec;
use proptest::prelude::*;

use crate::env::sourced;
use crate::stand::{Folder, TOKEN, deliver, pinata, with_token};

/// A line without its end.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let text = prop::sample::select(vec![
        "A=old",
        "export A=old",
        " A = old",
        "A=",
        "export\tA='old'",
        "# A=old",
        "AB=1",
        "BA=1",
        "export B=1",
        "export",
        "=A",
        "A",
        "",
        "B='A=1'",
        "\u{feff}A=1",
        "a=1",
        "A-B=1",
    ]);
    prop_oneof![
        4 => text.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>().prop_filter("no line break", |b| *b != b'\n'), 0..12),
    ]
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let end = prop::sample::select(vec![&b"\n"[..], b"\r\n"]);
    let lines = prop::collection::vec((line(), end), 0..12);
    (lines, any::<bool>()).prop_map(|(lines, is_open)| {
        let count = lines.len();
        let with_end = |(at, (line, end)): (usize, (Vec<u8>, &[u8]))| {
            let end = if is_open && at + 1 == count { b"" } else { end };
            [&line[..], end].concat()
        };
        lines.into_iter().enumerate().flat_map(with_end).collect()
    })
}

/// Whether a line sets `A`, by the rule of the README.
fn sets_a(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let Some((name, _)) = text.split_once('=') else { return false };
    let is_blank = |c: char| c.is_ascii_whitespace();
    let words: Vec<_> = name.split(is_blank).filter(|word| !word.is_empty()).collect();
    words == ["A"] || words == ["export", "A"]
}

/// The lines that do not set `A`.
fn others(content: &[u8]) -> Vec<&[u8]> {
    lines(content).filter(|line| !sets_a(line)).collect()
}

fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split_inclusive(|byte| *byte == b'\n')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_line_of_the_name_remains(content in content()) {
        let folder = Folder::new();
        let file = folder.file(".env");
        std::fs::write(&file, &content).unwrap();
        let spec: SinkSpec = folder.spec("env:", ".env", "#A").with_overwrite(true);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();

        let delivered = runtime.block_on(deliver(spec, &pinata("ci")));

        let after = std::fs::read(&file).unwrap();
        if delivered.is_err() {
            // A value with an open quote.
            prop_assert_eq!(after, content);
            return Ok(());
        }
        // The last line gets an end if a line follows.
        let mut before = content.clone();
        let is_new = !lines(&content).any(sets_a);
        if is_new && !matches!(content.last(), None | Some(b'\n')) {
            let is_windows = content.windows(2).any(|pair| pair == b"\r\n");
            before.extend_from_slice(if is_windows { b"\r\n" } else { b"\n" });
        }
        prop_assert_eq!(others(&after), others(&before));
        let set: Vec<_> = lines(&after).filter(|line| sets_a(line)).collect();
        prop_assert_eq!(set.len(), 1);
        let text = String::from_utf8(set[0].to_vec()).unwrap();
        prop_assert!(text.trim_end().ends_with(&format!("A={TOKEN}")), "{}", text);
    }

    #[test]
    fn value_is_read_back_or_refused(token in "[!-~]{1,24}") {
        let folder = Folder::new();
        let spec = folder.spec("env:", ".env", "#A");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        match runtime.block_on(deliver(spec, &with_token(&token))) {
            Ok(()) => prop_assert_eq!(sourced(&folder), token),
            Err(_) => prop_assert!(token.contains(['\'', '\\']), "{}", token),
        }
    }
}
