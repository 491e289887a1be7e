use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinning_keys_core::{Credential, Error, ErrorKind, KeyName, Operation, Plan};
use tokio::time::Instant;
use url::form_urlencoded;

use crate::{BaseUrl, Deadline};

/// The longest answer to a listing that is read, for [`Call::max_body_bytes`]: 8 MiB.
pub const LIST_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The longest answer that is read where a call says nothing else.
const BODY_BYTES: usize = 1024 * 1024;

/// All but the characters that mean nothing in a URL (RFC 3986, "unreserved").
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request to a provider's API, described.
///
/// ```
/// use http::Method;
/// use pinning_keys_core::Operation;
/// use pinning_keys_http::{Call, LIST_BODY_BYTES};
///
/// let list = Call::new(Operation::List, Method::GET, "/v1/keys")
///     .query("name", "user 1")
///     .max_body_bytes(LIST_BODY_BYTES);
/// // A key's text goes into the path whole, whatever is in it.
/// let revoke = Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment("a/b?c#d");
/// ```
#[must_use]
pub struct Call {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    path: Cow<'static, str>,
    /// Escaped, each with its slash.
    segments: String,
    /// Escaped, without the question mark.
    query: String,
    pub(crate) json: Option<Bytes>,
    pub(crate) key_name: Option<KeyName>,
    /// Boxed, since few calls have one.
    pub(crate) holder: Option<Box<Credential>>,
    pub(crate) max_body_bytes: usize,
    pub(crate) deadline: Option<Instant>,
    /// A status that is an answer to this call like one of success.
    pub(crate) expected: Option<StatusCode>,
    fault: Option<&'static str>,
}

impl Call {
    /// A request for this operation, by this method, to a path below the base URL such as
    /// `/v1/keys`.
    ///
    /// The path is the adapter's own and is not escaped.
    /// [`ApiClient::call`](crate::ApiClient::call) refuses one that does not begin with a slash
    /// or that reaches beyond the path, since it could lead to another host.
    pub fn new(operation: Operation, method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            operation,
            method,
            path: path.into(),
            segments: String::new(),
            query: String::new(),
            json: None,
            key_name: None,
            holder: None,
            max_body_bytes: BODY_BYTES,
            deadline: None,
            expected: None,
            fault: None,
        }
    }

    /// The request that issues the key of this plan: its method, path and body.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::{Grant, Permission, PermissionTable, Plan, ScopeRequest};
    /// use pinning_keys_http::Call;
    ///
    /// static GRANTS: [Grant; 1] = [Grant::new("list", &[Permission::PinsList])];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    ///
    /// let translation = TABLE.translate(&ScopeRequest::reader())?;
    /// let plan = Plan::new(translation, Method::POST, "/v1/keys", r#"{"list":true}"#.to_owned());
    /// let call = Call::from_plan(plan);
    /// assert_eq!(
    ///     format!("{call:?}"),
    ///     r#"Call { operation: Issue, method: POST, path: "/v1/keys", .. }"#,
    /// );
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn from_plan(plan: Plan) -> Self {
        let (method, path, body) = plan.into_parts();
        Self::new(Operation::Issue, method, path).json(body)
    }

    /// Adds a segment to the path, escaped so that it stays one.
    ///
    /// A text that is empty, `.` or `..` cannot be escaped: all that read URLs take it for a
    /// step in the path, encoded or not. [`ApiClient::call`](crate::ApiClient::call) refuses
    /// it before anything is sent.
    pub fn segment(mut self, text: &str) -> Self {
        self.fault = match text {
            "" => Some("an empty text cannot stand in a request's path"),
            "." | ".." => Some("a text of dots alone cannot stand in a request's path"),
            _ => self.fault,
        };
        self.segments.push('/');
        self.segments.extend(utf8_percent_encode(text, RESERVED));
        self
    }

    /// Adds a name and its value to the query, escaped.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.query.push('=');
        self.query.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        self
    }

    /// Sends this JSON as the body.
    pub fn json(mut self, body: impl Into<Bytes>) -> Self {
        self.json = Some(body.into());
        self
    }

    /// Names the key that the call is about, for errors.
    pub fn for_key(mut self, name: &KeyName) -> Self {
        self.key_name = Some(name.clone());
        self
    }

    /// Authenticates with this issued credential instead of the account's own.
    pub fn as_holder(mut self, credential: &Credential) -> Self {
        self.holder = Some(Box::new(credential.clone()));
        self
    }

    /// Reads at most this much of the answer; 1 MiB where nothing is said.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Takes an answer with this status for one of success, since to this call it says something:
    /// a 404 to a revocation, a 401 to a verification.
    ///
    /// [`Answer::rejected`](crate::Answer::rejected) makes an error of it where it does not.
    pub fn expecting(mut self, status: StatusCode) -> Self {
        self.expected = Some(status);
        self
    }

    /// Ends the call at this moment, rather than when the client's time for one call is over.
    pub fn until(mut self, deadline: Deadline) -> Self {
        self.deadline = Some(deadline.0);
        self
    }

    /// The address of the request.
    ///
    /// It is put together by hand in one text, since joining through a URL parser would
    /// resolve dots and normalise what was escaped on purpose.
    pub(crate) fn uri(&self, base: &BaseUrl) -> Result<Uri, Error> {
        if let Some(fault) = self.fault.or_else(|| path_fault(&self.path)) {
            return Err(Error::new(ErrorKind::InvalidInput, fault));
        }
        let base = base.as_str();
        let length = base.len() + self.path.len() + self.segments.len() + self.query.len() + 1;
        let mut text = String::with_capacity(length);
        text.push_str(base);
        text.push_str(&self.path);
        text.push_str(&self.segments);
        if !self.query.is_empty() {
            text.push('?');
            text.push_str(&self.query);
        }
        // All parts are checked or escaped, so that only the length can be at fault.
        Uri::try_from(text).map_err(|_| {
            Error::new(ErrorKind::InvalidInput, "the request's address would be too long")
        })
    }
}

/// What keeps a text from being a path alone, behind a host and before a query.
fn path_fault(path: &str) -> Option<&'static str> {
    let is_path = path.is_empty() || path.starts_with('/');
    let stays = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '\\' | '@');
    (!is_path || !path.chars().all(stays))
        .then_some("the path of the request does not begin with a slash, or holds more than a path")
}

/// Says nothing of segments, query and body: any of them can hold a key.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
