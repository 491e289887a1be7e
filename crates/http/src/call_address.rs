//! The address of a call: its path and query.

use std::borrow::Cow;

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinning_keys_core::{Error, ErrorKind};
use url::form_urlencoded;

use crate::BaseUrl;
use crate::credentials::Session;
use crate::needed_facts::NeededFacts;

/// All but the "unreserved" characters of a URL (RFC 3986).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The address of a call below a base URL.
pub(crate) struct CallAddress {
    /// As the adapter wrote it.
    path: Cow<'static, str>,
    /// Escaped, each with its leading slash.
    segments: String,
    /// Escaped, without the question mark.
    query: String,
    /// What keeps a segment from being one.
    fault: Option<&'static str>,
}

impl CallAddress {
    #[inline] // A call is large, and its address would be copied once more.
    pub(crate) fn new(path: Cow<'static, str>) -> Self {
        Self { path, segments: String::new(), query: String::new(), fault: None }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Whether the path contains `{name}`.
    pub(crate) fn has_place_of(&self, name: &str) -> bool {
        self.path.contains(&format!("{{{name}}}"))
    }

    /// Adds a segment to the path, escaped.
    pub(crate) fn add_segment(&mut self, text: &str) {
        self.fault = segment_fault(text).or(self.fault);
        self.segments.push('/');
        self.segments.extend(utf8_percent_encode(text, RESERVED));
    }

    /// Adds a parameter to the query, escaped.
    pub(crate) fn add_parameter(&mut self, name: &str, value: &str) {
        add_parameter(&mut self.query, name, value);
    }

    /// The address at this base URL, without facts.
    pub(crate) fn uri(&self, base: &BaseUrl) -> Result<Uri, Error> {
        self.uri_of(base, &self.path, &self.query)
    }

    /// The address at this base URL with these facts of this session.
    pub(crate) fn fill(
        &self,
        facts: &NeededFacts,
        base: &BaseUrl,
        session: Option<&Session>,
    ) -> Result<Uri, Error> {
        let mut path = self.path.to_string();
        for name in &facts.path {
            let value = NeededFacts::value(session, name)?;
            if let Some(fault) = segment_fault(value) {
                return Err(Error::new(ErrorKind::CredentialUnavailable, fault));
            }
            // An escaped value has no braces, so nothing in it is replaced later.
            let value = utf8_percent_encode(value, RESERVED).to_string();
            path = path.replace(&format!("{{{name}}}"), &value);
        }
        let mut query = self.query.clone();
        for (parameter, name) in &facts.query {
            add_parameter(&mut query, parameter, NeededFacts::value(session, name)?);
        }
        self.uri_of(base, &path, &query)
    }

    /// The address at this base URL with this path and query.
    ///
    /// It is assembled by hand, because a URL parser would resolve dots and normalise what was
    /// escaped on purpose.
    fn uri_of(&self, base: &BaseUrl, path: &str, query: &str) -> Result<Uri, Error> {
        if let Some(fault) = self.fault.or_else(|| path_fault(path)) {
            return Err(Error::new(ErrorKind::InvalidInput, fault));
        }
        let base = base.as_str();
        let length = base.len() + path.len() + self.segments.len() + query.len() + 1;
        let mut text = String::with_capacity(length);
        text.push_str(base);
        text.push_str(path);
        text.push_str(&self.segments);
        if !query.is_empty() {
            text.push('?');
            text.push_str(query);
        }
        // All parts are checked or escaped, so only the length can be wrong.
        Uri::try_from(text)
            .map_err(|_| Error::new(ErrorKind::InvalidInput, "the request's address is too long"))
    }
}

/// Adds a parameter to a query, escaped.
fn add_parameter(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(form_urlencoded::byte_serialize(name.as_bytes()));
    query.push('=');
    query.extend(form_urlencoded::byte_serialize(value.as_bytes()));
}

/// What keeps a text from being a segment of a path.
fn segment_fault(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("an empty text cannot be a segment of the request's path"),
        "." | ".." => Some("\".\" and \"..\" cannot be a segment of the request's path"),
        _ => None,
    }
}

/// What keeps a text from being a path and nothing more.
fn path_fault(path: &str) -> Option<&'static str> {
    let is_path = path.is_empty() || path.starts_with('/');
    let stays = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '\\' | '@');
    (!is_path || !path.chars().all(stays))
        .then_some("the request's path does not begin with a slash or contains more than a path")
}
