//! The secrets that a run has seen, in every form in which they could leak.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinning_keys_core::Credential;
use serde_json::Value;

use crate::disturbance::CANARY;
use crate::harness::{Harness, Outputs};

/// Anything shorter is too likely to appear in a text by chance.
const LEAST_CHARS: usize = 6;

/// The shortest piece of a secret that reports never show: messages get cut.
const PIECE: usize = 12;

/// The replacement for a secret.
const REMOVED: &str = "[secret]";

/// Exactly the characters that must be escaped in a path.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Secrets, to search texts for and to keep out of reports.
#[derive(Default)]
pub(crate) struct Secrets {
    forms: BTreeSet<String>,
}

impl Secrets {
    /// The secrets of the account, as far as the harness lists them.
    pub(crate) fn of_account(harness: &dyn Harness) -> Self {
        let mut secrets = Self::default();
        for secret in harness.outputs().map(Outputs::account_secrets).unwrap_or_default() {
            secrets.add(&secret);
        }
        secrets
    }

    pub(crate) fn add(&mut self, secret: &str) {
        if self.forms.contains(secret) {
            return;
        }
        for text in parts(secret) {
            self.forms.extend(forms(&text).filter(|form| form.len() >= LEAST_CHARS));
        }
    }

    pub(crate) fn add_credential(&mut self, credential: &Credential) {
        credential.expose().secrets().for_each(|secret| self.add(secret));
    }

    pub(crate) fn merge(&mut self, others: Self) {
        self.forms.extend(others.forms);
    }

    /// Whether the text contains one of them, in any form.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.contains(CANARY) || self.forms.iter().any(|form| text.contains(form.as_str()))
    }

    /// The text without them, and without longer pieces of them.
    pub(crate) fn redacted(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let piece = self.forms.iter().map(|form| piece_of(form, rest)).max().unwrap_or(0);
            if piece > 0 {
                clean.push_str(REMOVED);
                rest = &rest[piece..];
            } else {
                clean.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        clean
    }
}

/// The length of the longest piece of the form that the text begins with; 0 if it is too short.
fn piece_of(form: &str, text: &str) -> usize {
    let least = form.len().min(PIECE);
    let matches = |end: &usize| text.get(..*end).is_some_and(|front| form.contains(front));
    if !matches(&least) {
        return 0;
    }
    let ends = (least + 1..=text.len().min(form.len())).filter(|end| text.is_char_boundary(*end));
    ends.take_while(matches).last().unwrap_or(least)
}

/// The parts of a secret that do harm by themselves: the whole, and of a JWT its payload, encoded
/// and decoded, its signature and its secret claims.
fn parts(secret: &str) -> Vec<String> {
    let mut parts = vec![secret.to_owned()];
    let segments: Vec<_> = secret.split('.').collect();
    let [_, payload, signature] = segments[..] else { return parts };
    let claims =
        URL_SAFE_NO_PAD.decode(payload).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(claims) = claims else { return parts };
    parts.extend([payload.to_owned(), signature.to_owned()]);
    if let Ok(members) = serde_json::from_str(&claims) {
        parts.extend(secret_claims(&members).map(str::to_owned));
    }
    parts.push(claims);
    parts
}

/// The claims of a JWT that are secrets by their names. Others, such as the API key that the secret
/// belongs to, are public.
fn secret_claims(claims: &Value) -> impl Iterator<Item = &str> {
    let claims = claims.as_object().into_iter().flatten();
    let secret = claims.filter(|(name, _)| name.to_lowercase().contains("secret"));
    secret.filter_map(|(_, value)| value.as_str())
}

/// A text as it is, escaped in `Debug` forms, JSON and URLs, and in Base64.
fn forms(text: &str) -> impl Iterator<Item = String> {
    let debug = format!("{text:?}");
    let json = Value::from(text).to_string();
    let unquoted = |quoted: &str| quoted[1..quoted.len() - 1].to_owned();
    let percent =
        [NON_ALPHANUMERIC, RESERVED].map(|set| utf8_percent_encode(text, set).to_string());
    let plain = [text.to_owned(), unquoted(&debug), unquoted(&json)];
    let lower = percent.clone().map(|form| with_lower_escapes(&form));
    let base64 = (0..3).flat_map(|before| base64_cores(text, before)).collect::<Vec<_>>();
    plain.into_iter().chain(percent).chain(lower).chain(base64)
}

/// A percent-encoded text with its escapes in lower case.
fn with_lower_escapes(text: &str) -> String {
    let mut left = 0_u8;
    let lower = |c: char| {
        let is_escape = left > 0;
        left = if c == '%' { 2 } else { left.saturating_sub(1) };
        if is_escape { c.to_ascii_lowercase() } else { c }
    };
    text.chars().map(lower).collect()
}

/// The Base64 of a text at an offset of `before` bytes, without the characters that depend on its
/// neighbours.
fn base64_cores(text: &str, before: usize) -> [String; 2] {
    let bytes = [&[b' '; 3][..before], text.as_bytes()].concat();
    [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)].map(|encoded| {
        let begin = [0, 2, 3][before];
        let end = encoded.len() - usize::from(bytes.len() % 3 != 0);
        encoded[begin.min(end)..end].to_owned()
    })
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const PLAIN: &str = "s3cr3t/with+\"all\"\\that=needs%escapes";

    fn secrets(secret: &str) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add(secret);
        secrets
    }

    fn jwt() -> (String, String) {
        let claims = r#"{"email":"a@b.example","scopedKeySecret":"f00dcafe12345678"}"#;
        let segments = [r#"{"alg":"HS256"}"#, claims, "signed, sealed"]
            .map(|text| URL_SAFE_NO_PAD.encode(text));
        (segments.join("."), claims.to_owned())
    }

    #[track_caller]
    fn assert_found_and_redacted(secrets: &Secrets, hidden: &str) {
        let text = format!("before {hidden} after");
        assert!(secrets.is_in(&text), "{text}");
        assert_eq!(secrets.redacted(&text), "before [secret] after");
    }

    #[test]
    fn secret_is_found_in_every_form() {
        let secrets = secrets(PLAIN);
        let quoted = |text: &str| text[1..text.len() - 1].to_owned();
        let percent = utf8_percent_encode(PLAIN, NON_ALPHANUMERIC).to_string();
        assert_found_and_redacted(&secrets, PLAIN);
        assert_found_and_redacted(&secrets, &quoted(&format!("{PLAIN:?}")));
        assert_found_and_redacted(&secrets, &quoted(&Value::from(PLAIN).to_string()));
        assert_found_and_redacted(&secrets, &percent);
        let lower = percent.replace("%2F", "%2f").replace("%2B", "%2b");
        let lower = lower.replace("%5C", "%5c").replace("%3D", "%3d");
        assert_found_and_redacted(&secrets, &lower);
        assert_found_and_redacted(&secrets, &utf8_percent_encode(PLAIN, RESERVED).to_string());
    }

    #[test]
    fn secret_is_found_inside_base64() {
        let secrets = secrets(PLAIN);
        for before in ["", "x", "xy", "user:", "{\"password\":\""] {
            let whole = format!("{before}{PLAIN}\"}}");
            for encoded in [STANDARD.encode(&whole), URL_SAFE_NO_PAD.encode(&whole)] {
                assert!(secrets.is_in(&encoded), "{encoded}");
                assert!(!secrets.is_in(&secrets.redacted(&encoded)), "{encoded}");
            }
        }
    }

    #[test]
    fn every_part_of_a_jwt_but_its_header_is_secret() {
        let (jwt, claims) = jwt();
        let secrets = secrets(&jwt);
        let [header, payload, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!() };
        for part in [&jwt, payload, signature, &claims, "f00dcafe12345678"] {
            assert_found_and_redacted(&secrets, part);
        }
        assert!(!secrets.is_in(header));
        assert!(!secrets.is_in("a@b.example"));
    }

    #[test]
    fn cut_message_keeps_no_piece_of_a_secret() {
        let secrets = secrets(PLAIN);
        assert_eq!(secrets.redacted("it is s3cr3t/with+\"all…"), "it is [secret]…");
        assert_eq!(secrets.redacted("naïve: nothing to hide"), "naïve: nothing to hide");
    }

    #[test]
    fn short_text_is_not_a_secret() {
        assert!(!secrets("abc").is_in("abcabc"));
    }
}
