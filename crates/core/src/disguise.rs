//! Secrets in the forms in which people paste them: percent-encoded, wrapped, or in other text.

use std::borrow::Cow;

/// How often a text is decoded. Two tools in a row may have encoded it.
const DECODINGS: usize = 2;

/// Whether a text contains one of these characters.
pub(crate) fn contains_any<const N: usize>(text: &str, characters: &[u8; N]) -> bool {
    // Most texts contain none. A loop over numbers without an early exit is the fastest way to see
    // that, because the compiler compares many characters at once.
    let found = text.bytes().fold(0, |found, byte| {
        characters.iter().fold(found, |found, other| found | u8::from(byte == *other))
    });
    found != 0
}

/// Whether a text, or what it percent-decodes to, has a property.
pub(crate) fn any_decoding(text: &str, has: impl Fn(&[u8]) -> bool) -> bool {
    let mut form = Cow::Borrowed(text.as_bytes());
    for _ in 0..DECODINGS {
        if has(&form) {
            return true;
        }
        if !form.contains(&b'%') {
            return false;
        }
        form = percent_decoded(&form).into();
    }
    has(&form)
}

/// Whether a text has a property as it is, or without what copying can add to it.
pub(crate) fn even_wrapped(text: &[u8], has: impl Fn(&[u8]) -> bool) -> bool {
    has(text) || matches!(unwrapped(text), Cow::Owned(text) if has(&text))
}

/// The text without what copying can add to it: line breaks, and characters outside ASCII, such as
/// invisible ones.
fn unwrapped(text: &[u8]) -> Cow<'_, [u8]> {
    let stays = |byte: &u8| byte.is_ascii() && !byte.is_ascii_control();
    if text.iter().all(stays) {
        return text.into();
    }
    text.iter().copied().filter(stays).collect()
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        let (byte, after) = escape(rest).unwrap_or((*byte, after));
        decoded.push(byte);
        rest = after;
    }
    decoded
}

/// The byte that an escape at the front of a text stands for, and the text after it.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let [b'%', high, low, after @ ..] = text else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let value = digit(high)? * 16 + digit(low)?;
    Some((u8::try_from(value).ok()?, after))
}
