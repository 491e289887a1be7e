//! The forms in which the secrets of a credential can appear in other text.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use pinning_keys_core::Credential;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

/// The shortest part of a token that is a secret by itself. A shorter one would appear by chance.
const SHORTEST_PART: usize = 16;

/// The secrets of a credential, each
///
/// * as it is, as JSON writes it, and percent-encoded,
/// * in both alphabets of base 64, alone or inside something longer that was encoded whole,
/// * of Basic authentication, the user and the password with the colon, and what encodes them,
/// * and, of a JWT, the payload and the signature: tools show them separately, and the payload of
///   Pinata's contains the API secret.
///
/// The header of a JWT, the API key and the user are not secrets.
pub(crate) fn secret_forms(credential: &Credential) -> Vec<SecretString> {
    let exposed = credential.expose();
    let mut forms = Vec::new();
    // A header is encoded again if it is stored as a whole, as in a Kubernetes secret.
    let basic = exposed.user().zip(exposed.password());
    let header = basic.map(|(user, password)| {
        let text = Zeroizing::new(format!("{user}:{password}"));
        Zeroizing::new(STANDARD.encode(text.as_bytes()))
    });
    for secret in exposed.secrets().chain(header.as_ref().map(|text| text.as_str())) {
        push(&mut forms, secret);
        push_escaped(&mut forms, secret);
        push_base64(&mut forms, secret);
    }
    let parts = exposed.bearer().into_iter().flat_map(|token| token.split('.').skip(1));
    parts.filter(|part| part.len() >= SHORTEST_PART).for_each(|part| push(&mut forms, part));
    forms
}

/// Adds a form unless it is known: some encodings change nothing.
fn push(forms: &mut Vec<SecretString>, form: &str) {
    if !forms.iter().any(|known| known.expose_secret() == form) {
        forms.push(form.into());
    }
}

/// Percent-encoded in both cases, and as JSON, if these differ from the secret itself.
fn push_escaped(forms: &mut Vec<SecretString>, secret: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !secret.bytes().all(is_plain) {
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            let mut form = Zeroizing::new(String::with_capacity(3 * secret.len()));
            for byte in secret.bytes() {
                if is_plain(byte) {
                    form.push(char::from(byte));
                } else {
                    let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
                    form.extend(['%', char::from(digits[high]), char::from(digits[low])]);
                }
            }
            push(forms, &form);
        }
    }
    if secret.contains(['"', '\\']) {
        let mut form = Zeroizing::new(String::with_capacity(2 * secret.len()));
        for character in secret.chars() {
            form.extend(matches!(character, '"' | '\\').then_some('\\'));
            form.push(character);
        }
        push(forms, &form);
    }
}

/// In base 64: alone, and behind zero, one or two other bytes without the characters that depend on
/// what is around the secret.
fn push_base64(forms: &mut Vec<SecretString>, secret: &str) {
    for (before, begin) in [(0, 0), (1, 2), (2, 3)] {
        let mut bytes = Zeroizing::new(Vec::with_capacity(before + secret.len()));
        bytes.extend_from_slice(&b"  "[..before]);
        bytes.extend_from_slice(secret.as_bytes());
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = Zeroizing::new(alphabet.encode(&*bytes));
            let end = text.len() - usize::from(bytes.len() % 3 != 0);
            if before == 0 && end < text.len() {
                push(forms, &text);
            }
            if begin < end {
                push(forms, &text[begin..end]);
            }
        }
    }
}
