//! Which texts can be sent in a header.

use http::HeaderValue;

use crate::{Error, ErrorKind};

/// Returns why a secret cannot be a header value, if it cannot, without repeating it; for adapters
/// and credential sources.
///
/// ```
/// use pinning_keys_core::header_fault;
///
/// assert_eq!(header_fault("eyJhbGciOi"), None);
/// assert_eq!(header_fault("").as_deref(), Some("is empty"));
/// ```
#[doc(hidden)]
#[must_use]
pub fn header_fault(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("is empty".to_owned());
    }
    // Nearly every text is valid, and a token has hundreds of characters: a loop without an early
    // exit is many times faster.
    if text.bytes().fold(true, |clean, byte| clean & byte.is_ascii_graphic()) {
        return None;
    }
    let at = text.bytes().position(|byte| !byte.is_ascii_graphic())?;
    Some(format!(
        "has a blank, a line break or a character outside ASCII at position {} of {}",
        at + 1,
        text.len()
    ))
}

/// Returns why a text cannot be the whole value of a header that authenticates, if it cannot,
/// without repeating it; for adapters and credential sources.
///
/// Unlike a token, such a value can have blanks within it, as in `Token 0d2a`.
///
/// ```
/// use pinning_keys_core::header_value_fault;
///
/// assert_eq!(header_value_fault("Token 0d2a"), None);
/// assert_eq!(header_value_fault("Token ").as_deref(), Some("begins or ends with a blank"));
/// ```
#[doc(hidden)]
#[must_use]
pub fn header_value_fault(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("is empty".to_owned());
    }
    let is_unfit = |byte: u8| byte != b' ' && !byte.is_ascii_graphic();
    if let Some(at) = text.bytes().position(is_unfit) {
        return Some(format!(
            "has a line break, a control character or a character outside ASCII at position {} of \
             {}",
            at + 1,
            text.len()
        ));
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        return Some("begins or ends with a blank".to_owned());
    }
    let is_scheme = ["basic", "bearer"].iter().any(|scheme| text.eq_ignore_ascii_case(scheme));
    is_scheme.then(|| "names a scheme, but no credential follows".to_owned())
}

/// Refuses a secret that cannot be a header value.
#[doc(hidden)]
pub fn check_header_text(what: &str, text: &str) -> Result<(), Error> {
    refuse(what, header_fault(text))
}

/// Refuses a text that cannot be the whole value of a header that authenticates.
pub(crate) fn check_header_value(what: &str, text: &str) -> Result<(), Error> {
    refuse(what, header_value_fault(text))
}

fn refuse(what: &str, fault: Option<String>) -> Result<(), Error> {
    match fault {
        None => Ok(()),
        Some(fault) => Err(Error::new(ErrorKind::InvalidInput, format!("{what} {fault}"))
            .with_next_step("copy it again, without the text around it")),
    }
}

pub(crate) fn sensitive(text: &str) -> HeaderValue {
    // The checks above admit only graphic ASCII and blanks, which are valid in every header.
    let mut value = HeaderValue::from_str(text).expect("visible ASCII is a header value");
    value.set_sensitive(true);
    value
}
