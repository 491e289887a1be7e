//! Makes text of a provider fit to be shown: one short line without secrets.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::clean_text::is_format;

/// The mark for removed text.
const REMOVED: &str = "…";

/// The shortest piece of a secret that is removed: servers may quote a part of a token.
const PIECE: usize = 8;

/// The shortest secret that is removed.
const SHORTEST: usize = 4;

/// The shortest run of characters that looks like a token, whoever owns it.
const TOKEN: usize = 16;

/// Removes secrets from text, in whichever form they appear.
///
/// It is created with an error and not before, so that a successful call pays nothing for it.
pub(crate) struct Cleaner {
    /// The secrets as they are, percent-encoded and in base 64, all folded.
    forms: Vec<Vec<u8>>,
}

impl Cleaner {
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut forms = Vec::new();
        for secret in secrets {
            forms.push(fold(secret.as_bytes()));
            forms.push(fold(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string().as_bytes()));
            // Base 64 of a text depends on how many bytes precede it.
            forms.extend((0..3).map(|before| fold(&base64_core(secret.as_bytes(), before))));
        }
        // Shorter ones protect nothing, and removing them would garble ordinary text.
        forms.retain(|form| form.len() >= SHORTEST);
        Self { forms }
    }

    /// Quotes the provider on one line of at most `chars` characters, without secrets and without
    /// anything that looks like a token.
    pub(crate) fn quote(&self, text: &str, chars: usize) -> String {
        let mut rest = text.trim().chars().map(plain);
        // The rest is not shown, so it is not searched: this keeps long texts quick.
        let line: String = rest.by_ref().take(chars + PIECE).collect();
        let line = without_tokens(&self.without_secrets(&line));
        if rest.next().is_none() {
            return shortened(line.trim(), chars);
        }
        // The cut may have left a part of a secret that is too short to be found.
        let shown = line.chars().count().saturating_sub(PIECE).min(chars);
        shortened(&line, shown)
    }

    /// Removes secrets and nothing else.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let folded = fold(text.as_bytes());
        let mut clean = String::with_capacity(text.len());
        let mut rest = 0;
        let mut at = 0;
        while at < folded.len() {
            match self.longest_piece(&folded[at..]) {
                0 => at += 1,
                length => {
                    // Secrets are ASCII, so a piece begins and ends between characters.
                    clean.push_str(&text[rest..at]);
                    clean.push_str(REMOVED);
                    at += length;
                    rest = at;
                }
            }
        }
        clean.push_str(&text[rest..]);
        clean
    }

    /// The number of bytes at the front of `text` that are a secret or a long enough part of one.
    fn longest_piece(&self, text: &[u8]) -> usize {
        self.forms.iter().map(|form| piece_of(form, text)).max().unwrap_or(0)
    }
}

/// The number of bytes at the front of `text` that appear in `form`.
fn piece_of(form: &[u8], text: &[u8]) -> usize {
    let least = form.len().min(PIECE);
    let mut longest = 0;
    for from in 0..=form.len() - least {
        // Most places differ in the first byte, and a token has thousands of them.
        if form[from] == text[0] {
            longest = longest.max(common_prefix(&form[from..], text));
        }
    }
    if longest < least { 0 } else { longest }
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// The bytes without differences that do not hide a secret: case, and the two alphabets of
/// base 64.
fn fold(bytes: &[u8]) -> Vec<u8> {
    let fold = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other.to_ascii_lowercase(),
    };
    bytes.iter().map(fold).collect()
}

/// The characters of base 64 that depend on `bytes` alone if `before` other bytes precede them.
fn base64_core(bytes: &[u8], before: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |at: usize| {
        let byte = at.checked_sub(before * 8).and_then(|at| bytes.get(at / 8)).copied();
        byte.map(|byte| usize::from(byte >> (7 - at % 8) & 1))
    };
    let sextets = (before + bytes.len()) * 8 / 6;
    (0..sextets)
        .filter_map(|sextet| (0..6).try_fold(0, |value, i| Some(value << 1 | bit(sextet * 6 + i)?)))
        .map(|value| ALPHABET[value])
        .collect()
}

/// Replaces each run of characters that looks like a token with a mark.
fn without_tokens(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|c| !is_token_char(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(run);
        let looks_secret = run >= TOKEN && token.bytes().any(|byte| byte.is_ascii_digit());
        clean.push_str(if looks_secret { REMOVED } else { token });
        let gap = after.find(is_token_char).unwrap_or(after.len());
        clean.push_str(&after[..gap]);
        rest = &after[gap..];
    }
    clean
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '.' | '-')
}

/// Replaces characters that would break the line, reverse it, or not be seen with a space.
fn plain(c: char) -> char {
    if c.is_control() || is_format(c) { ' ' } else { c }
}

fn shortened(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((cut, _)) => format!("{}{REMOVED}", text[..cut].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    fn quote(secret: &str, text: &str) -> String {
        Cleaner::new([secret].into_iter()).quote(text, 200)
    }

    #[test]
    fn secret_is_removed_in_every_form() {
        let secret = "open?Sesame/now";
        for text in [
            "bad token open?Sesame/now!",
            "bad token OPEN?SESAME/NOW!",
            "bad token open%3FSesame%2Fnow!",
            "bad token open%3fSesame%2fnow!",
            "bad token open?Ses…, ",
        ] {
            let clean = quote(secret, text).to_lowercase();
            assert!(clean.starts_with("bad token …"), "{clean}");
            assert!(!clean.contains("sesame"), "{clean}");
        }
    }

    #[test]
    fn text_like_a_token_is_removed() {
        let clean = quote("x", "key 0123456789abcdef0123 of user-42 has no NO_SCOPES_FOUND_AT_ALL");
        assert_eq!(clean, "key … of user-42 has no NO_SCOPES_FOUND_AT_ALL");
    }

    #[test]
    fn quoted_text_is_one_short_line() {
        assert_eq!(quote("-", "a\r\nb\tc\u{202e}d\u{2060}e\0"), "a  b c d e");
        assert_eq!(Cleaner::new(std::iter::empty()).quote("word word", 4), "word…");
        assert_eq!(Cleaner::new(std::iter::empty()).quote("ääää", 4), "ääää");
    }

    proptest! {
        #[test]
        fn base64_of_text_around_a_secret_is_removed(
            before in "[ -~]{0,5}", secret in "[!-~]{12,40}", after in "[ -~]{0,5}",
        ) {
            let cleaner = Cleaner::new([secret.as_str()].into_iter());
            let whole = format!("{before}{secret}{after}");
            for encoded in [STANDARD.encode(&whole), URL_SAFE_NO_PAD.encode(&whole)] {
                let clean = cleaner.without_secrets(&encoded);
                // What is left are the few characters that the neighbours have a part in.
                let left = clean.chars().filter(|c| *c != '…').count();
                prop_assert!(left <= (before.len() + after.len()) * 4 / 3 + 6, "{clean}");
            }
        }

        #[test]
        fn no_text_causes_a_panic(secret in "[!-~]{1,30}", text in ".{0,300}") {
            let clean = quote(&secret, &text);
            prop_assert!(clean.chars().count() <= 201);
        }
    }
}
