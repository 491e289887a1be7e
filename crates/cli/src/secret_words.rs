//! Words on the command line that look like secrets, which other programs can see there.

use pinning_keys::adapter::SecretShape;
use pinning_keys_core::contains_jwt;

use crate::failure::Failure;

/// The API secrets of all providers, because a secret can be typed in front of the wrong account.
const HEX_SECRET: SecretShape = SecretShape::hex(64);
const BASE64_SECRET: SecretShape = SecretShape::base64(32);

/// Refuses a text that looks like a secret. It is not repeated.
pub(crate) fn refuse_secret(what: &str, text: &str) -> Result<(), Failure> {
    if looks_secret(text) { Err(secret_word(what)) } else { Ok(()) }
}

/// The failure of a text that looks like a secret.
pub(crate) fn secret_word(what: &str) -> Failure {
    let message =
        format!("{what} looks like a secret, which other programs can see among the arguments");
    Failure::usage(message)
        .with_next("to revoke its key:   pinning-keys revoke --token -   reads it from stdin")
        .with_next("to check it:         pinning-keys verify -")
}

/// Whether a text contains a JWT, or what looks like an API secret.
pub(crate) fn looks_secret(text: &str) -> bool {
    // Long names of lower-case words can have the length of a secret in base 64.
    let is_random = [char::is_uppercase, char::is_lowercase, char::is_numeric]
        .iter()
        .all(|is_of_kind| text.contains(*is_of_kind));
    contains_jwt(text) || HEX_SECRET.is_in(text) || BASE64_SECRET.is_in(text) && is_random
}

#[cfg(test)]
mod tests {
    use super::looks_secret;

    #[test]
    fn secrets_are_recognised_and_names_are_not() {
        let hex = "0123456789abcdef".repeat(4);
        for secret in [
            "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln",
            "PINATA_JWT=eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln",
            &hex,
            "q8N3vTzXk1+/fJ0aWm5YbR7cLd2eUiOpGhSsEtQrZ4w=",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
        for name in [
            "ci-deploy",
            "0d2a0d2a0d2a0d2a0d2a",
            "ci-deploy-production-europe-west-2025-01-01",
            "a name with blanks",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
