use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinning_keys_core::{Credential, Error, ErrorKind, KeyName, Operation, Plan};
use tokio::time::Instant;
use url::form_urlencoded;

use crate::credentials::Session;
use crate::needed_facts::NeededFacts;
use crate::{BaseUrl, Deadline};

/// The size limit for answers to a listing, for [`Call::max_body_bytes`]: 8 MiB.
pub const LIST_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The default size limit.
const BODY_BYTES: usize = 1024 * 1024;

/// All but the "unreserved" characters of a URL (RFC 3986).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The description of one request to a provider's API.
///
/// ```
/// use http::Method;
/// use pinning_keys_core::Operation;
/// use pinning_keys_http::{Call, LIST_BODY_BYTES};
///
/// let list = Call::new(Operation::List, Method::GET, "/v1/keys")
///     .query("name", "user 1")
///     .max_body_bytes(LIST_BODY_BYTES);
/// // A key becomes one segment of the path, whatever it contains.
/// let revoke = Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment("a/b?c#d");
/// ```
#[must_use]
pub struct Call {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    path: Cow<'static, str>,
    /// Escaped, each with its leading slash.
    segments: String,
    /// Escaped, without the question mark.
    query: String,
    pub(crate) json: Option<Bytes>,
    pub(crate) key_name: Option<KeyName>,
    /// Boxed, because few calls have one.
    pub(crate) holder: Option<Box<Credential>>,
    pub(crate) max_body_bytes: usize,
    pub(crate) deadline: Option<Instant>,
    /// A status that is treated as a success.
    pub(crate) expected: Option<StatusCode>,
    /// Whether the request is sent at most once.
    pub(crate) once: bool,
    /// The facts that are not filled in yet; boxed, because few calls need any.
    pub(crate) facts: Option<Box<NeededFacts>>,
    fault: Option<&'static str>,
}

impl Call {
    /// A request for this operation with this method, to a path below the base URL such as
    /// `/v1/keys`.
    ///
    /// The path is the adapter's own and is not escaped.
    /// [`ApiClient::call`](crate::ApiClient::call) refuses one that does not begin with a slash
    /// or that contains more than a path, because it could lead to another host.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::Call;
    ///
    /// let call = Call::new(Operation::List, Method::GET, "/v1/keys");
    /// ```
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
            once: false,
            facts: None,
            fault: None,
        }
    }

    /// The request that issues the key of this plan and name: the plan's method, path and body, with
    /// the facts that its [placeholders](Plan::with_placeholder) stand for.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::{Grant, KeyName, Permission, PermissionTable, Plan, ScopeRequest};
    /// use pinning_keys_http::Call;
    ///
    /// static GRANTS: [Grant; 1] = [Grant::new("list", &[Permission::PinsList])];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    ///
    /// let translation = TABLE.translate(&ScopeRequest::reader())?;
    /// let plan = Plan::new(translation, Method::POST, "/v1/keys", r#"{"list":true}"#.to_owned());
    /// let call = Call::from_plan(plan, &KeyName::new("dashboard")?);
    /// assert_eq!(
    ///     format!("{call:?}"),
    ///     r#"Call { operation: Issue, method: POST, path: "/v1/keys", .. }"#,
    /// );
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[inline] // A call is large, and would be copied once more.
    pub fn from_plan(plan: Plan, name: &KeyName) -> Self {
        if !plan.placeholders().is_empty() {
            return Self::from_plan_with_facts(plan, name);
        }
        let (method, path, body) = plan.into_parts();
        Self::new(Operation::Issue, method, path).json(body).for_key(name)
    }

    #[cold]
    fn from_plan_with_facts(plan: Plan, name: &KeyName) -> Self {
        let placeholders = plan.placeholders().to_vec();
        let (method, path, body) = plan.into_parts();
        let call = Self::new(Operation::Issue, method, path).json(body).for_key(name);
        placeholders.into_iter().fold(call, Self::with_fact)
    }

    /// Adds a fact of the account's session, such as the id of the account.
    ///
    /// If the path that was given to [`new`](Self::new) contains `{name}`, the fact replaces that,
    /// escaped as one segment. Otherwise it becomes a string in the JSON body: a member of this name
    /// in front of the others. Other text that looks like a placeholder is sent as it is.
    ///
    /// [`ApiClient::call`](crate::ApiClient::call) fails before it sends anything if the account's
    /// credential does not give the fact
    /// ([`AccountCredential::with_fact`](crate::credentials::AccountCredential::with_fact)), or if
    /// the call is made [as a key holder](Self::as_holder).
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::Call;
    ///
    /// // GET /accounts/a1b2c3/keys
    /// let list = Call::new(Operation::List, Method::GET, "/accounts/{account}/keys");
    /// let list = list.with_fact("account");
    /// // {"accountId":"a1b2c3","maxKeyCount":100}
    /// let list = Call::new(Operation::List, Method::POST, "/list").json(r#"{"maxKeyCount":100}"#);
    /// let list = list.with_fact("accountId");
    /// ```
    pub fn with_fact(mut self, name: &'static str) -> Self {
        let facts = self.facts.get_or_insert_default();
        if self.path.contains(&format!("{{{name}}}")) {
            facts.path.push(name);
        } else {
            facts.body.push(name);
        }
        self
    }

    /// Adds a parameter to the query whose value is a fact of the account's session, as for
    /// [`with_fact`](Self::with_fact).
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::Call;
    ///
    /// // GET /v1/keys?account=a1b2c3
    /// let list = Call::new(Operation::List, Method::GET, "/v1/keys");
    /// let list = list.query_fact("account", "accountId");
    /// ```
    pub fn query_fact(mut self, parameter: &'static str, name: &'static str) -> Self {
        self.facts.get_or_insert_default().query.push((parameter, name));
        self
    }

    /// Adds a segment to the path, escaped so that it stays one segment.
    ///
    /// An empty text, `.` and `..` cannot be escaped: URL parsers treat them as steps in the path,
    /// encoded or not. [`ApiClient::call`](crate::ApiClient::call) refuses them before anything is
    /// sent.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::Call;
    ///
    /// // DELETE /v1/keys/a%2Fb
    /// let call = Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment("a/b");
    /// ```
    pub fn segment(mut self, text: &str) -> Self {
        self.fault = segment_fault(text).or(self.fault);
        self.segments.push('/');
        self.segments.extend(utf8_percent_encode(text, RESERVED));
        self
    }

    /// Adds a parameter to the query, escaped.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::Call;
    ///
    /// // GET /v1/keys?name=user+1
    /// let call = Call::new(Operation::List, Method::GET, "/v1/keys").query("name", "user 1");
    /// ```
    pub fn query(mut self, name: &str, value: &str) -> Self {
        add_parameter(&mut self.query, name, value);
        self
    }

    /// Sets the body, which is JSON.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::Call;
    ///
    /// let call = Call::new(Operation::Issue, Method::POST, "/v1/keys").json(r#"{"list":true}"#);
    /// ```
    pub fn json(mut self, body: impl Into<Bytes>) -> Self {
        self.json = Some(body.into());
        self
    }

    /// Sets the name of the key that the call is about, for errors.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::{KeyName, Operation};
    /// use pinning_keys_http::Call;
    ///
    /// let name = KeyName::new("user-42")?;
    /// let call = Call::new(Operation::Issue, Method::POST, "/v1/keys").for_key(&name);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn for_key(mut self, name: &KeyName) -> Self {
        self.key_name = Some(name.clone());
        self
    }

    /// Authenticates with this issued credential instead of the account's own.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::{Credential, Operation};
    /// use pinning_keys_http::Call;
    ///
    /// let credential = Credential::bearer("example", "eyJhbGciOi")?;
    /// let call = Call::new(Operation::Verify, Method::GET, "/v1/self").as_holder(&credential);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn as_holder(mut self, credential: &Credential) -> Self {
        self.holder = Some(Box::new(credential.clone()));
        self
    }

    /// Sets the size limit of the answer (default: 1 MiB).
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::{Call, LIST_BODY_BYTES};
    ///
    /// let list = Call::new(Operation::List, Method::GET, "/v1/keys");
    /// let list = list.max_body_bytes(LIST_BODY_BYTES);
    /// ```
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Treats an answer with this status as a success, because it is an answer to the question: a
    /// 404 to a revocation, a 401 to a verification.
    ///
    /// If it turns out to be a failure, [`Answer::rejected`](crate::Answer::rejected) creates the
    /// error.
    ///
    /// ```
    /// use http::{Method, StatusCode};
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::Call;
    ///
    /// let revoke = Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment("some-key");
    /// let revoke = revoke.expecting(StatusCode::NOT_FOUND);
    /// ```
    pub fn expecting(mut self, status: StatusCode) -> Self {
        self.expected = Some(status);
        self
    }

    /// Sends the request at most once: it is not retried, and no redirect is followed.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::Operation;
    /// use pinning_keys_http::Call;
    ///
    /// let list = Call::new(Operation::Probe, Method::GET, "/v1/files").once();
    /// ```
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Ends the call at this moment instead of after the client's deadline for one call.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_core::{Error, Operation};
    /// use pinning_keys_http::{ApiClient, Call};
    ///
    /// /// Makes two calls, which end within the deadline of one.
    /// async fn look_up_and_revoke(client: &ApiClient) -> Result<(), Error> {
    ///     let until = client.deadline_from_now();
    ///     let list = Call::new(Operation::List, Method::GET, "/v1/keys");
    ///     client.call(list.until(until)).await?;
    ///     let revoke = Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment("some-key");
    ///     client.call(revoke.until(until)).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn until(mut self, deadline: Deadline) -> Self {
        self.deadline = Some(deadline.0);
        self
    }

    /// The request's address and body at this base URL with the facts of this session.
    pub(crate) fn fill(
        &self,
        base: &BaseUrl,
        session: Option<&Session>,
    ) -> Result<(Uri, Option<Bytes>), Error> {
        let Some(facts) = &self.facts else {
            return Ok((self.uri(base)?, self.json.clone()));
        };
        let mut path = self.path.to_string();
        for name in &facts.path {
            let value = NeededFacts::value(session, name)?;
            if let Some(fault) = segment_fault(value) {
                return Err(Error::new(ErrorKind::CredentialUnavailable, fault));
            }
            // An escaped value has no braces, so nothing in it is replaced later.
            let value = utf8_percent_encode(value, RESERVED).to_string();
            path = path.replacen(&format!("{{{name}}}"), &value, 1);
        }
        let mut query = self.query.clone();
        for (parameter, name) in &facts.query {
            add_parameter(&mut query, parameter, NeededFacts::value(session, name)?);
        }
        let json = match &self.json {
            json if facts.body.is_empty() => json.clone(),
            json => Some(facts.fill_body(json.as_deref().unwrap_or_default(), session)?),
        };
        Ok((self.uri_of(base, &path, &query)?, json))
    }

    /// The address of the request, without facts.
    pub(crate) fn uri(&self, base: &BaseUrl) -> Result<Uri, Error> {
        self.uri_of(base, &self.path, &self.query)
    }

    /// The address of the request with this path and query.
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

/// Shows nothing of segments, query and body: any of them can contain a key.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
