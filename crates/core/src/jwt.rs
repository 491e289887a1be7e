use crate::disguise::{any_decoding, contains_any, even_wrapped};

/// How a JWT begins, and mostly its payload too: the base64url of `{"`.
const START: &[u8] = b"eyJ";

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
    let mut parts = text.as_bytes().split(|byte| *byte == b'.');
    // An unsigned JWT ends with a dot, behind which there is nothing.
    let (header, payload, signature) = (parts.next(), parts.next(), parts.next());
    let is_complete = payload.is_some_and(|part| !part.is_empty()) && signature.is_some();
    text.as_bytes().starts_with(START)
        && is_complete
        && parts.next().is_none()
        && [header, payload, signature].into_iter().flatten().all(is_base64url)
}

/// Whether a text contains a JWT, plain or percent-encoded. One without its signature counts too:
/// the payload can be read by anyone, and Pinata's contains a secret (seen by third parties).
///
/// ```
/// use pinning_keys_core::contains_jwt;
///
/// assert!(contains_jwt("--token=eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"));
/// assert!(!contains_jwt("--token=-"));
/// ```
#[doc(hidden)]
#[must_use]
pub fn contains_jwt(text: &str) -> bool {
    contains_any(text, b".%") && any_decoding(text, |form| even_wrapped(form, has_jwt))
}

fn has_jwt(text: &[u8]) -> bool {
    let parts: Vec<&[u8]> = text.split(|byte| *byte == b'.').collect();
    parts.windows(2).enumerate().any(|(at, pair)| {
        let (header, payload) = (end_of(pair[0]), pair[1]);
        let is_last = at + 2 == parts.len();
        let is_payload = !payload.is_empty() && is_base64url(payload) && !is_last;
        // Within a word, as in `apiKeyJenkins.prod.eu`, the start of a header proves nothing.
        let is_sure = begins_in_front(header) || begins_object(payload);
        contains_start(header) && (payload.starts_with(START) || is_payload && is_sure)
    })
}

/// The base64url at the end of a text, which can end with the header of a JWT.
fn end_of(text: &[u8]) -> &[u8] {
    text.rsplit(|byte| !is_base64url(&[*byte])).next().unwrap_or_default()
}

fn contains_start(header: &[u8]) -> bool {
    header.windows(START.len()).any(|start| start == START)
}

/// Whether a header begins with no letter or digit in front of it.
fn begins_in_front(header: &[u8]) -> bool {
    let in_front = |bytes: &[u8]| !bytes[0].is_ascii_alphanumeric() && bytes[1..] == *START;
    header.starts_with(START) || header.windows(START.len() + 1).any(in_front)
}

/// Whether a payload decodes to a text that begins with `{"`, `{}`, or `{` and a blank.
fn begins_object(payload: &[u8]) -> bool {
    [&b"ey"[..], b"ew", b"e30"].iter().any(|start| payload.starts_with(start))
}

fn is_base64url(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::{contains_jwt, is_jwt_shaped};

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

    #[test]
    fn jwt_is_found_in_other_text() {
        for text in [
            "eyJh.e30.",
            "eyJh.eyJi",
            "Bearer eyJh.e30.c2ln",
            "PINATA_JWT=\"eyJh.e30.c2ln\"\n",
            "key.eyJh.e30.c2ln.more",
            "keyeyJh.e30.c2ln",
            "key_eyJh.a2V5.c2ln.c2ln.c2ln",
            "{\"JWT\":\"eyJh.e30.c2ln\"}",
            "eyJh%2Ee30%2Ec2ln",
            "eyJh%252Ee30%252Ec2ln",
            "%65yJh.e30.c2ln",
            "eyJ\r\nh.e3\u{200b}0.c2ln",
        ] {
            assert!(contains_jwt(text), "{text:?}");
        }
    }

    #[test]
    fn other_text_contains_no_jwt() {
        for text in [
            "eyJ",
            "eyJh",
            "eyJh.",
            "eyJh.e30",
            "eyJ a.b.c",
            "a.eyJh",
            "100%.txt",
            "e30.e30.c",
            "heyJude.v1.2",
        ] {
            assert!(!contains_jwt(text), "{text:?}");
        }
    }
}
