//! What a JWT says about itself.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Number;

/// 9999-12-31T23:59:59Z, the last time that can be written in RFC 3339.
const LAST_TIME: u64 = 253_402_300_799;

/// The time from which a JWT is refused, according to its `exp` claim (RFC 7519, section 4.1.4).
///
/// No signature is checked. The rest of the payload, which may contain secrets, is not kept.
pub(crate) fn expiry(jwt: &str) -> Option<SystemTime> {
    #[derive(Deserialize)]
    struct Claims {
        exp: Number,
    }

    let payload = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    // An array would be read as the members in their order.
    let is_object = payload.starts_with(b"{");
    let Claims { exp } = is_object.then(|| serde_json::from_slice(&payload).ok())??;
    let since_epoch = match exp.as_u64() {
        Some(seconds) => Duration::from_secs(seconds),
        // The claim may have a fraction.
        None => Duration::try_from_secs_f64(exp.as_f64()?).ok()?,
    };
    let is_writable = since_epoch.as_secs() <= LAST_TIME;
    is_writable.then(|| SystemTime::UNIX_EPOCH + since_epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expiry_of(payload: &str) -> Option<u64> {
        let jwt = format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
        let since_epoch = expiry(&jwt)?.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Some(since_epoch.as_secs())
    }

    #[test]
    fn expiry_is_read_from_its_claim_alone() {
        for (payload, expected) in [
            (r#"{"exp":1700000000}"#, Some(1_700_000_000)),
            (r#"{"sub":"a","exp":1700000000.9,"nested":{"exp":1}}"#, Some(1_700_000_000)),
            (r#"{"exp":253402300799}"#, Some(LAST_TIME)),
            // What is no time, or none that can be shown.
            (r#"{"exp":253402300800}"#, None),
            (r#"{"exp":1e300}"#, None),
            (r#"{"exp":-1}"#, None),
            (r#"{"exp":"1700000000"}"#, None),
            (r#"{"exp":null}"#, None),
            (r#"{"iat":1700000000}"#, None),
            ("[1700000000]", None),
            ("1700000000", None),
            ("not JSON", None),
        ] {
            assert_eq!(expiry_of(payload), expected, "{payload}");
        }
        for other in ["", "eyJh", "a.!.c", "..", "eyJh.e30"] {
            assert_eq!(expiry(other), None, "{other}");
        }
    }
}
