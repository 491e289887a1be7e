//! What a JWT says about itself, for adapters.
//!
//! All of it is a claim: no signature is checked, so anyone can write such a token.
//!
//! ```
//! use pinning_keys_http::jwt_claims;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Subject {
//!     sub: String,
//! }
//!
//! // The payload is {"sub":"user-1"}.
//! let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2ln";
//! assert_eq!(jwt_claims::read::<Subject>(jwt).unwrap().sub, "user-1");
//! ```

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pinning_keys_core::is_jwt_shaped;
use secrecy::{ExposeSecret, SecretSlice};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Number;

/// 9999-12-31T23:59:59Z, the last time that can be written in RFC 3339.
const LAST_TIME: u64 = 253_402_300_799;

/// Reads the claims that `T` names; `None` if the text is no JWT, or if a claim is absent or of
/// another type.
///
/// `T` should name no more than is needed: the rest of the payload, which may contain secrets, is
/// wiped.
///
/// ```
/// use pinning_keys_http::jwt_claims;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Subject {
///     sub: String,
/// }
///
/// assert!(jwt_claims::read::<Subject>("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").is_none());
/// ```
#[must_use]
pub fn read<T: DeserializeOwned>(jwt: &str) -> Option<T> {
    let encoded = jwt.split('.').nth(1).filter(|_| is_jwt_shaped(jwt))?;
    let payload = SecretSlice::from(URL_SAFE_NO_PAD.decode(encoded).ok()?);
    let payload = payload.expose_secret();
    // An array would be read as the members in their order.
    payload.starts_with(b"{").then(|| serde_json::from_slice(payload).ok())?
}

/// The time from which a JWT is refused, according to its `exp` claim (RFC 7519, section 4.1.4).
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use pinning_keys_http::jwt_claims;
///
/// // The payload is {"exp":1700000000}.
/// let expiry = jwt_claims::expiry("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2ln");
/// assert_eq!(expiry, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)));
/// ```
#[must_use]
pub fn expiry(jwt: &str) -> Option<SystemTime> {
    #[derive(Deserialize)]
    struct Claims {
        exp: Number,
    }

    let Claims { exp } = read(jwt)?;
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
