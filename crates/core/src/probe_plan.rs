use std::borrow::Cow;
use std::fmt;

use http::Method;

use crate::{DataRoute, Permission, PermissionSet};

/// One request that a probe sends with the key, on a route for the holders of keys; for adapters.
///
/// A request that could change something must be one that the provider refuses after it has checked
/// the key's scope, and only if a source shows that it checks the scope first.
///
/// ```
/// use pinning_keys_core::http::Method;
/// use pinning_keys_core::{CredentialForm, DataRoute, Permission, ProbeRequest};
///
/// static ROUTES: [DataRoute; 1] =
///     [DataRoute::new(Permission::PinsList, Method::GET, "/files", CredentialForm::Bearer)];
/// static LIST: ProbeRequest =
///     ProbeRequest::reading(&ROUTES, Permission::PinsList).with_query("limit", "1");
/// assert_eq!(LIST.to_string(), "GET /files?limit=1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeRequest {
    route: &'static DataRoute,
    value: Option<(&'static str, &'static str)>,
    query: Option<(&'static str, &'static str)>,
    body: Option<&'static str>,
}

impl ProbeRequest {
    /// A request on the first of these routes that reads what the permission names.
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, Permission, ProbeRequest, http::Method};
    /// # static ROUTES: [DataRoute; 1] =
    /// #     [DataRoute::new(Permission::PinsList, Method::GET, "/files", CredentialForm::Bearer)];
    /// static LIST: ProbeRequest = ProbeRequest::reading(&ROUTES, Permission::PinsList);
    /// assert_eq!(LIST.path(), "/files");
    /// ```
    ///
    /// # Panics
    ///
    /// If there is none. In a `static` or `const`, where requests belong, that is a compile error.
    #[must_use]
    pub const fn reading(routes: &'static [DataRoute], permission: Permission) -> Self {
        Self::on(routes, permission, true)
    }

    /// A request on the first of these routes that changes what the permission names.
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, Permission, ProbeRequest, http::Method};
    /// # const REMOVE: Permission = Permission::PinsRemove;
    /// # static ROUTES: [DataRoute; 1] =
    /// #     [DataRoute::new(REMOVE, Method::DELETE, "/files/{id}", CredentialForm::Bearer)];
    /// static REQUEST: ProbeRequest = ProbeRequest::writing(&ROUTES, REMOVE).with_value("id", "-");
    /// assert_eq!(REQUEST.to_string(), "DELETE /files/-");
    /// ```
    ///
    /// # Panics
    ///
    /// As [`reading`](Self::reading).
    #[must_use]
    pub const fn writing(routes: &'static [DataRoute], permission: Permission) -> Self {
        Self::on(routes, permission, false)
    }

    const fn on(routes: &'static [DataRoute], permission: Permission, reads: bool) -> Self {
        let mut i = 0;
        while i < routes.len() {
            let route = &routes[i];
            let is_read = matches!(*route.method(), Method::GET);
            if route.permission() as u8 == permission as u8 && is_read == reads {
                return Self { route, value: None, query: None, body: None };
            }
            i += 1;
        }
        panic!("no route of this kind is known for the permission");
    }

    /// Fills in the segment of the path named `name` with a value that needs no escapes.
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, Permission, ProbeRequest, http::Method};
    /// # const SHOW: Permission = Permission::PinsList;
    /// # static ROUTES: [DataRoute; 1] =
    /// #     [DataRoute::new(SHOW, Method::GET, "/files/{id}", CredentialForm::Bearer)];
    /// let show = ProbeRequest::reading(&ROUTES, SHOW).with_value("id", "-");
    /// assert_eq!(show.path(), "/files/-");
    /// ```
    #[must_use]
    pub const fn with_value(mut self, name: &'static str, value: &'static str) -> Self {
        self.value = Some((name, value));
        self
    }

    /// Sets a parameter of the query.
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, Permission, ProbeRequest, http::Method};
    /// # static ROUTES: [DataRoute; 1] =
    /// #     [DataRoute::new(Permission::PinsList, Method::GET, "/files", CredentialForm::Bearer)];
    /// let list = ProbeRequest::reading(&ROUTES, Permission::PinsList);
    /// assert_eq!(list.with_query("limit", "1").query(), Some(("limit", "1")));
    /// ```
    #[must_use]
    pub const fn with_query(mut self, name: &'static str, value: &'static str) -> Self {
        self.query = Some((name, value));
        self
    }

    /// Sets the body, which is well-formed JSON.
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, Permission, ProbeRequest, http::Method};
    /// # static ROUTES: [DataRoute; 1] =
    /// #     [DataRoute::new(Permission::PinsAddCid, Method::POST, "/pins", CredentialForm::Bearer)];
    /// let pin = ProbeRequest::writing(&ROUTES, Permission::PinsAddCid);
    /// assert_eq!(pin.with_json("{}").body(), Some("{}"));
    /// ```
    #[must_use]
    pub const fn with_json(mut self, body: &'static str) -> Self {
        self.body = Some(body);
        self
    }

    /// The permission that the answer is about.
    pub const fn permission(&self) -> Permission {
        self.route.permission()
    }

    /// The HTTP method.
    pub const fn method(&self) -> &'static Method {
        self.route.method()
    }

    /// The path below the base URL.
    pub fn path(&self) -> Cow<'static, str> {
        let path = self.route.path();
        match self.value {
            Some((name, value)) => path.replace(&format!("{{{name}}}"), value).into(),
            None => path.into(),
        }
    }

    /// The parameter of the query, if there is one.
    pub const fn query(&self) -> Option<(&'static str, &'static str)> {
        self.query
    }

    /// The body, if there is one.
    pub const fn body(&self) -> Option<&'static str> {
        self.body
    }
}

/// Such as `PUT /pinning/hashMetadata {}`.
impl fmt::Display for ProbeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method(), self.path())?;
        if let Some((name, value)) = self.query {
            write!(f, "?{name}={value}")?;
        }
        self.body.map_or(Ok(()), |body| write!(f, " {body}"))
    }
}

/// Everything that [`KeyIssuer::probe`](crate::KeyIssuer::probe) may send, known before it sends
/// anything; from [`IssuerProfile::probe_plan`](crate::IssuerProfile::probe_plan).
///
/// `Display` shows all of it:
///
/// ```
/// use pinning_keys_core::KeyIssuer;
///
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let vars = emulator.pinata().vars().into_iter();
/// # let vars = vars.chain([("PINNING_KEYS_TABLE", "endpoints".to_owned())]);
/// # let issuer = pinning_keys::IssuerConfig::from_vars(vars)?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// let plan = issuer.profile().probe_plan().expect("Pinata's keys can be probed");
/// assert!(plan.to_string().contains("pins:remove          DELETE /pinning/unpin/-"));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbePlan {
    requests: &'static [ProbeRequest],
}

impl ProbePlan {
    /// A plan to verify the credential and then send these requests; for adapters.
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, http::Method};
    /// use pinning_keys_core::{Permission, ProbePlan, ProbeRequest};
    ///
    /// # static ROUTES: [DataRoute; 1] =
    /// #     [DataRoute::new(Permission::PinsList, Method::GET, "/files", CredentialForm::Bearer)];
    /// static REQUESTS: [ProbeRequest; 1] =
    ///     [ProbeRequest::reading(&ROUTES, Permission::PinsList)];
    /// static PLAN: ProbePlan = ProbePlan::new(&REQUESTS);
    /// assert_eq!(PLAN.requests()[0].permission(), Permission::PinsList);
    /// ```
    ///
    /// # Panics
    ///
    /// If two requests are about the same permission. In a `static` or `const` that is a compile
    /// error.
    #[must_use]
    pub const fn new(requests: &'static [ProbeRequest]) -> Self {
        let mut asked = PermissionSet::EMPTY;
        let mut i = 0;
        while i < requests.len() {
            let permission = requests[i].permission();
            assert!(!asked.contains(permission), "two requests are about the same permission");
            asked = asked.with(permission);
            i += 1;
        }
        Self { requests }
    }

    /// The requests that follow the verification, in order. A probe learns nothing about permissions
    /// that none of them is about.
    pub const fn requests(&self) -> &'static [ProbeRequest] {
        self.requests
    }
}

impl fmt::Display for ProbePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.requests.len();
        write!(f, "verifies the key, and then sends at most {most} requests with it")?;
        for request in self.requests {
            write!(f, "\n  {:<20} {request}", request.permission())?;
        }
        Ok(())
    }
}

/// The caller's consent to spend uses of the key that is probed.
///
/// Neither a credential nor a token shows whether its uses are limited, and each request of a probe
/// may count as one. Without this consent, see
/// [`KeyIssuerExt::probe_unlimited`](crate::KeyIssuerExt::probe_unlimited).
///
/// ```
/// use pinning_keys_core::{Credential, Error, KeyIssuer, ProbeConsent};
///
/// async fn probe(issuer: &dyn KeyIssuer, pasted: &Credential) -> Result<(), Error> {
///     println!("{}", issuer.probe(pasted, ProbeConsent::to_spend_uses()).await?);
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeConsent(());

impl ProbeConsent {
    /// Consents to spend as many uses as the [`ProbePlan`] has requests, and one for the
    /// verification.
    ///
    /// ```
    /// let consent = pinning_keys_core::ProbeConsent::to_spend_uses();
    /// ```
    #[must_use]
    pub const fn to_spend_uses() -> Self {
        Self(())
    }
}
