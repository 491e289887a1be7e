/// Whether a text has the shape of a JWT: three parts of base64url with dots between them, the
/// first of which begins a JSON object (RFC 7519). For adapters and credential sources.
///
/// It checks no signature and decodes nothing, so a text of this shape need not be a JWT.
///
/// ```
/// use pinning_keys_core::is_jwt_shaped;
///
/// assert!(is_jwt_shaped("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"));
/// assert!(!is_jwt_shaped("0d2a0d2a0d2a0d2a0d2a"));
/// ```
#[doc(hidden)]
#[must_use]
pub fn is_jwt_shaped(text: &str) -> bool {
    // The base64url of `{"`.
    const START: &str = "eyJ";
    let is_base64url = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let mut parts = text.split('.');
    // An unsigned JWT ends with a dot, behind which there is nothing.
    let (header, payload, signature) = (parts.next(), parts.next(), parts.next());
    let is_complete = payload.is_some_and(|part| !part.is_empty()) && signature.is_some();
    text.starts_with(START)
        && is_complete
        && parts.next().is_none()
        && [header, payload, signature].into_iter().flatten().all(is_base64url)
}

#[cfg(test)]
mod tests {
    use super::is_jwt_shaped;

    #[test]
    fn three_parts_of_base64url_have_the_shape() {
        for jwt in ["eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.a-b_c"] {
            assert!(is_jwt_shaped(jwt), "{jwt}");
        }
    }

    #[test]
    fn other_texts_do_not() {
        let others = [
            "",
            "eyJ",
            "eyJh.e30",
            "eyJh..c2ln",
            "eyJh.e30.c2ln.e30",
            "e30.e30.c2ln",
            "eyJh.e+0.c2ln",
            "eyJh.e30.c2ln\n",
            "\"eyJh.e30.c2ln\"",
        ];
        for other in others {
            assert!(!is_jwt_shaped(other), "{other:?}");
        }
    }
}
