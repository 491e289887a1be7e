use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use pinning_keys_core::{Credential, Error, KeyName, Operation, Plan};
use tokio::time::Instant;

use crate::call_address::CallAddress;
use crate::credentials::Session;
use crate::needed_facts::NeededFacts;
use crate::{BaseUrl, Deadline};

/// The size limit for answers to a listing, for [`Call::max_body_bytes`]: 8 MiB.
pub const LIST_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The default size limit.
const BODY_BYTES: usize = 1024 * 1024;

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
    pub(crate) address: CallAddress,
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
            address: CallAddress::new(path.into()),
            json: None,
            key_name: None,
            holder: None,
            max_body_bytes: BODY_BYTES,
            deadline: None,
            expected: None,
            once: false,
            facts: None,
        }
    }

    /// The request that issues the key of this plan and name: the plan's method, path and body,
    /// with the facts that its [placeholders](Plan::with_placeholder) stand for.
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
    /// escaped as one segment. Otherwise it becomes a string in the JSON body: a member of this
    /// name in front of the others, which must not have the name too. Other text that looks like a placeholder is sent unchanged.
    ///
    /// [`ApiClient::call`](crate::ApiClient::call) fails before it sends anything if the account's
    /// credential does not provide the fact
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
        let place = if self.address.has_place_of(name) { &mut facts.path } else { &mut facts.body };
        // Declared twice, it is still one member.
        if !place.contains(&name) {
            place.push(name);
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
        self.address.add_segment(text);
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
        self.address.add_parameter(name, value);
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
    /// error. Another call replaces the status: any other arrives as an error, whose status and
    /// provider code say what it means.
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
            return Ok((self.address.uri(base)?, self.json.clone()));
        };
        let uri = self.address.fill(facts, base, session)?;
        let json = match &self.json {
            json if facts.body.is_empty() => json.clone(),
            json => Some(facts.fill_body(json.as_deref().unwrap_or_default(), session)?),
        };
        Ok((uri, json))
    }
}

/// Shows nothing of segments, query and body: any of them can contain a key.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.address.path())
            .finish_non_exhaustive()
    }
}
