//! Words on the command line that look like secrets, which other programs can see there.

use pinning_keys::adapter::SecretShape;
use pinning_keys_core::contains_jwt;

/// The API secrets of all providers, because a secret can be typed in front of the wrong account.
const HEX_SECRET: SecretShape = SecretShape::hex(64);
const BASE64_SECRET: SecretShape = SecretShape::base64(32);

/// Whether a text contains a JWT, or what looks like an API secret.
pub(crate) fn looks_secret(text: &str) -> bool {
    // Long names of lower-case words can have the length of a secret in base 64.
    let is_random = [char::is_uppercase, char::is_lowercase, char::is_numeric]
        .iter()
        .all(|is_of_kind| text.contains(*is_of_kind));
    contains_jwt(text) || HEX_SECRET.is_in(text) || BASE64_SECRET.is_in(text) && is_random
}
