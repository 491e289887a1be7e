use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::jwt::contains_jwt;
use crate::{
    Credential, Error, ErrorKind, Filters, HolderRoute, KeyQuery, KeyRef, KeyRequest, Operation,
    Permission, PermissionTable, ProbePlan, RouteHost, SecretShape, Translation,
};

/// What an issuer supports, and so what it refuses before sending anything.
///
/// ```
/// use pinning_keys_core::{Grant, IssuerProfile, Permission, PermissionTable};
///
/// static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
/// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
///
/// let profile = IssuerProfile::new(&TABLE).with_max_uses_supported(true);
/// assert_eq!(profile.provider(), "example");
/// assert!(profile.supports_max_uses());
/// ```
#[derive(Clone, Debug)]
pub struct IssuerProfile {
    table: &'static PermissionTable,
    max_uses: bool,
    filters: Filters,
    max_name_chars: Option<usize>,
    reserved_names: &'static [&'static str],
    page_size: Option<usize>,
    propagation: Duration,
    revokes_by_id: bool,
    secret_shape: Option<SecretShape>,
    base_url: Option<String>,
    uploads_url: Option<String>,
    probe_plan: Option<ProbePlan>,
}

impl IssuerProfile {
    /// The profile of an issuer that issues keys of this table and supports nothing optional.
    ///
    /// ```
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let profile = IssuerProfile::new(&ENDPOINTS);
    /// assert_eq!(profile.provider(), "pinata");
    /// assert!(!profile.supports_max_uses());
    /// ```
    #[must_use]
    pub fn new(table: &'static PermissionTable) -> Self {
        Self {
            table,
            max_uses: false,
            filters: Filters::NONE,
            max_name_chars: None,
            reserved_names: &[],
            page_size: None,
            propagation: Duration::ZERO,
            revokes_by_id: false,
            secret_shape: None,
            base_url: None,
            uploads_url: None,
            probe_plan: None,
        }
    }

    /// Sets whether the uses of a key can be limited (default: no).
    ///
    /// ```
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// assert!(IssuerProfile::new(&ENDPOINTS).with_max_uses_supported(true).supports_max_uses());
    /// ```
    #[must_use]
    pub fn with_max_uses_supported(mut self, supported: bool) -> Self {
        self.max_uses = supported;
        self
    }

    /// Sets which filters a listing supports (default: [`Filters::NONE`]).
    ///
    /// ```
    /// # use pinning_keys_core::{Filters, IssuerProfile};
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// assert!(IssuerProfile::new(&ENDPOINTS).with_filters(Filters::ALL).filters().name());
    /// ```
    #[must_use]
    pub fn with_filters(mut self, filters: Filters) -> Self {
        self.filters = filters;
        self
    }

    /// Sets the longest name of a key, in characters.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_max_name_chars(NonZeroUsize::MIN);
    /// assert_eq!(profile.max_name_chars(), Some(1));
    /// ```
    #[must_use]
    pub fn with_max_name_chars(mut self, chars: NonZeroUsize) -> Self {
        self.max_name_chars = Some(chars.get());
        self
    }

    /// Sets the names that the provider reserves.
    ///
    /// ```
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_reserved_names(&["Default"]);
    /// assert_eq!(profile.reserved_names(), ["Default"]);
    /// ```
    #[must_use]
    pub fn with_reserved_names(mut self, names: &'static [&'static str]) -> Self {
        self.reserved_names = names;
        self
    }

    /// Sets how many keys a page of a listing has.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_page_size(NonZeroUsize::MIN);
    /// assert_eq!(profile.page_size(), Some(1));
    /// ```
    #[must_use]
    pub fn with_page_size(mut self, keys: NonZeroUsize) -> Self {
        self.page_size = Some(keys.get());
        self
    }

    /// Sets how long a change may take to become effective (default: zero).
    ///
    /// ```
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// use std::time::Duration;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_propagation(Duration::from_secs(60));
    /// assert_eq!(profile.propagation(), Duration::from_secs(60));
    /// ```
    #[must_use]
    pub fn with_propagation(mut self, time: Duration) -> Self {
        self.propagation = time;
        self
    }

    /// Sets whether keys are revoked by the provider's own id, so that revoking by a reference
    /// without one costs a listing (default: no).
    ///
    /// A program that revokes many keys then lists once instead of once for each key.
    ///
    /// ```
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// assert!(IssuerProfile::new(&ENDPOINTS).with_revoke_by_id(true).revokes_by_id());
    /// ```
    #[must_use]
    pub fn with_revoke_by_id(mut self, by_id: bool) -> Self {
        self.revokes_by_id = by_id;
        self
    }

    /// Sets the form of the provider's API secrets, so that a secret that was passed as a public
    /// value is refused (default: unknown).
    ///
    /// ```
    /// # use pinning_keys_core::{IssuerProfile, SecretShape};
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// const SECRET: SecretShape = SecretShape::hex(64);
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_secret_shape(SECRET);
    /// assert_eq!(profile.secret_shape(), Some(SECRET));
    /// ```
    #[must_use]
    pub fn with_secret_shape(mut self, shape: SecretShape) -> Self {
        self.secret_shape = Some(shape);
        self
    }

    /// Sets the base URL of the provider's API, below which the holders of keys find its routes
    /// (default: not known, so that there are no [`holder_routes`](Self::holder_routes)).
    ///
    /// ```
    /// # use pinning_keys_core::{IssuerProfile, Permission};
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_base_url("https://example.com/");
    /// assert_eq!(profile.base_url(), Some("https://example.com"));
    /// let list = profile.holder_routes(Permission::PinsList).next().unwrap();
    /// assert_eq!(list.url(), "https://example.com/data/pinList");
    /// ```
    #[must_use]
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(without_slash(url.into()));
        self
    }

    /// Sets the base URL of the host that takes uploads, if the provider has one (default: not
    /// known).
    ///
    /// ```
    /// # use pinning_keys_core::{IssuerProfile, Permission};
    /// # use pinning_keys_pinata::RESOURCES;
    /// let profile = IssuerProfile::new(&RESOURCES)
    ///     .with_base_url("https://example.com")
    ///     .with_uploads_url("https://uploads.example.com");
    /// let upload = profile.holder_routes(Permission::PinsAddFile).next().unwrap();
    /// assert_eq!(upload.url(), "https://uploads.example.com/v3/files");
    /// ```
    #[must_use]
    pub fn with_uploads_url(mut self, url: impl Into<String>) -> Self {
        self.uploads_url = Some(without_slash(url.into()));
        self
    }

    /// Sets what a probe of a key sends (default: keys cannot be probed).
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, http::Method};
    /// # use pinning_keys_core::{IssuerProfile, Permission, ProbePlan, ProbeRequest};
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// # static ROUTES: [DataRoute; 1] =
    /// #     [DataRoute::new(Permission::PinsList, Method::GET, "/files", CredentialForm::Bearer)];
    /// static REQUESTS: [ProbeRequest; 1] =
    ///     [ProbeRequest::reading(&ROUTES, Permission::PinsList)];
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_probe_plan(ProbePlan::new(&REQUESTS));
    /// assert_eq!(profile.probe_plan().unwrap().requests().len(), 1);
    /// ```
    #[must_use]
    pub fn with_probe_plan(mut self, plan: ProbePlan) -> Self {
        self.probe_plan = Some(plan);
        self
    }

    /// The provider's id, such as `pinata`.
    pub fn provider(&self) -> &'static str {
        self.table.provider()
    }

    /// The table that scopes are translated with.
    pub fn table(&self) -> &'static PermissionTable {
        self.table
    }

    /// Whether the uses of a key can be limited.
    pub fn supports_max_uses(&self) -> bool {
        self.max_uses
    }

    /// The filters that a listing supports.
    pub fn filters(&self) -> Filters {
        self.filters
    }

    /// The longest name of a key, in characters, if the provider allows less than
    /// [`KeyName::MAX_CHARS`](crate::KeyName::MAX_CHARS).
    pub fn max_name_chars(&self) -> Option<usize> {
        self.max_name_chars
    }

    /// The names that the provider reserves.
    pub fn reserved_names(&self) -> &'static [&'static str] {
        self.reserved_names
    }

    /// How many keys a page of a listing has, if that is known.
    pub fn page_size(&self) -> Option<usize> {
        self.page_size
    }

    /// How long a new key or a revocation may take to become effective.
    pub fn propagation(&self) -> Duration {
        self.propagation
    }

    /// Whether revoking by a [`KeyRef`] without an [`id`](KeyRef::id) costs a listing.
    pub fn revokes_by_id(&self) -> bool {
        self.revokes_by_id
    }

    /// The form of the provider's API secrets, if one is known that public values do not have.
    pub fn secret_shape(&self) -> Option<SecretShape> {
        self.secret_shape
    }

    /// The base URL of the provider's API, without a slash at its end, if it is known.
    pub fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    /// What a probe of a key sends, or `None` if keys cannot be probed.
    pub fn probe_plan(&self) -> Option<ProbePlan> {
        self.probe_plan
    }

    /// The routes on which the holder of a key uses this permission, the main one first.
    ///
    /// There are none if no grant of the table opens the permission, if no source names a route
    /// for it, or if the address of the host is not known. A route that the provider has retired is
    /// not returned.
    ///
    /// ```
    /// # use pinning_keys_core::{IssuerProfile, Permission};
    /// # use pinning_keys_pinata::RESOURCES;
    /// let profile = IssuerProfile::new(&RESOURCES).with_base_url("https://example.com");
    /// let routes: Vec<_> = profile.holder_routes(Permission::GroupsRead).collect();
    /// assert_eq!(routes[0].to_string(), "GET https://example.com/v3/groups/{network}");
    /// assert_eq!(routes[1].to_string(), "GET https://example.com/v3/groups/{network}/{id}");
    /// ```
    pub fn holder_routes(&self, permission: Permission) -> impl Iterator<Item = HolderRoute> + '_ {
        let routes = self.table.routes().iter();
        routes.filter(move |route| route.permission() == permission).filter_map(|route| {
            let base_url = match route.host() {
                RouteHost::Api => &self.base_url,
                RouteHost::Uploads => &self.uploads_url,
            };
            base_url.as_deref().map(|base_url| HolderRoute::below(base_url, route))
        })
    }

    /// Checks a request against the profile and translates its scope; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{ErrorKind, IssuerProfile, KeyRequest, ScopeRequest};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_reserved_names(&["Default"]);
    /// let request = KeyRequest::new("uploads", ScopeRequest::uploader())?;
    /// assert_eq!(profile.check_request(&request)?.granted().to_string(), "pins:add-file");
    ///
    /// let reserved = KeyRequest::new("Default", ScopeRequest::uploader())?;
    /// assert_eq!(profile.check_request(&reserved).unwrap_err().kind(), ErrorKind::NameReserved);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inexpressible`] if the table cannot express the scope,
    /// [`ErrorKind::Unsupported`] for a limit on uses that the provider lacks,
    /// [`ErrorKind::InvalidInput`] for a name that is too long for it, and
    /// [`ErrorKind::NameReserved`] for one that it reserves.
    pub fn check_request(&self, request: &KeyRequest) -> Result<Translation, Error> {
        self.translation(request).map_err(|error| {
            error.with_operation(Operation::Issue).with_key_name(request.name().clone())
        })
    }

    fn translation(&self, request: &KeyRequest) -> Result<Translation, Error> {
        self.check_name(request)?;
        if request.max_uses().is_some() && !self.max_uses {
            return Err(self.unsupported("limiting a key's uses"));
        }
        let translation = self.table.translate(request.scope());
        translation.map_err(|error| Error::from(error).with_provider(self.provider()))
    }

    fn check_name(&self, request: &KeyRequest) -> Result<(), Error> {
        let (name, provider) = (request.name().as_str(), self.provider());
        // A text has at most as many characters as bytes, so most need not be counted.
        if let Some(most) = self.max_name_chars.filter(|most| name.len() > *most) {
            let chars = name.chars().count();
            if chars > most {
                let message = format!("the name has {chars} characters, and the limit is {most}");
                return Err(self.invalid(message));
            }
        }
        if self.reserved_names.contains(&name) {
            let message = format!("the provider reserves the name {name:?}");
            return Err(Error::new(ErrorKind::NameReserved, message)
                .with_provider(provider)
                .with_next_step("give the key another name"));
        }
        Ok(())
    }

    /// Checks that the provider supports the filters of a query, and that none shows a JWT; for
    /// adapters.
    ///
    /// ```
    /// use pinning_keys_core::{Filters, IssuerProfile, KeyQuery};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_filters(Filters::NONE.with_name(true));
    /// assert!(profile.check_query(&KeyQuery::new().with_name_containing("user")).is_ok());
    /// assert!(profile.check_query(&KeyQuery::new().with_revoked(false)).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if it lacks one, and [`ErrorKind::InvalidInput`] if the name to
    /// filter by contains a JWT, because filters appear in URLs.
    pub fn check_query(&self, query: &KeyQuery) -> Result<(), Error> {
        let filters = self.filters;
        let uses = query.limited_use().is_some() || query.exhausted().is_some();
        let lacking = [
            (query.name_containing().is_some() && !filters.name(), "name", "record.name()"),
            (query.revoked().is_some() && !filters.revoked(), "revocation", "record.is_revoked()"),
            (uses && !filters.uses(), "uses", "record.uses() with record.max_uses()"),
        ];
        if let Some((_, what, instead)) = lacking.iter().find(|(lacks, ..)| *lacks) {
            return Err(self
                .unsupported(&format!("filtering keys by {what}"))
                .with_operation(Operation::List)
                .with_next_step(format!(
                    "set only filters that issuer.profile().filters() has; without this one, list \
                     all keys and compare {instead}"
                )));
        }
        if query.name_containing().is_some_and(contains_jwt) {
            return Err(self
                .invalid("the name to filter by contains a JWT")
                .with_operation(Operation::List)
                .with_next_step("filter by the name of a key; a JWT is a secret"));
        }
        Ok(())
    }

    /// Checks that a key to be revoked belongs to this provider, and that its reference contains no
    /// secret; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{IssuerProfile, KeyRef, SecretShape};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_secret_shape(SecretShape::hex(8));
    /// assert!(profile.check_key_ref(&KeyRef::new("pinata", "0d2a")?).is_ok());
    /// assert!(profile.check_key_ref(&KeyRef::new("w3ipfs", "0d2a")?).is_err());
    /// assert!(profile.check_key_ref(&KeyRef::new("pinata", "5ec2e75e")?).is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it belongs to another provider, or if its API key or id has
    /// the [form of a secret](Self::secret_shape). The error does not show it.
    pub fn check_key_ref(&self, key: &KeyRef) -> Result<(), Error> {
        self.check_reference(key).map_err(|error| error.with_operation(Operation::Revoke))
    }

    fn check_reference(&self, key: &KeyRef) -> Result<(), Error> {
        self.check_provider("key reference", key.provider())
            .map_err(|error| error.with_next_step("revoke it with an issuer of that provider"))?;
        self.check_public("API key of the key reference", Some(key.api_key()))?;
        self.check_public("id of the key reference", key.id())
    }

    /// Checks that a credential to be verified belongs to this provider, and that its API key is
    /// not a secret; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{Credential, IssuerProfile};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS);
    /// assert!(profile.check_credential(&Credential::bearer("pinata", "eyJhbGciOi")?).is_ok());
    /// assert!(profile.check_credential(&Credential::bearer("w3ipfs", "eyJhbGciOi")?).is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it belongs to another provider, or if its API key has the
    /// [form of a secret](Self::secret_shape). The error does not show it.
    pub fn check_credential(&self, credential: &Credential) -> Result<(), Error> {
        self.check_parts(credential).map_err(|error| error.with_operation(Operation::Verify))
    }

    fn check_parts(&self, credential: &Credential) -> Result<(), Error> {
        self.check_provider("credential", credential.provider())
            .map_err(|error| error.with_next_step("verify it with an issuer of that provider"))?;
        self.check_public("API key of the credential", credential.api_key())
    }

    /// Refuses a text that has the form of the provider's secrets.
    fn check_public(&self, what: &str, text: Option<&str>) -> Result<(), Error> {
        match (self.secret_shape, text) {
            (Some(shape), Some(text)) if shape.is_in(text) => Err(self
                .invalid(format!("the {what} has the form of an API secret ({shape})"))
                .with_next_step("a key pair has a public part, the API key, and the API secret")),
            _ => Ok(()),
        }
    }

    fn check_provider(&self, what: &str, provider: &str) -> Result<(), Error> {
        if provider == self.provider() {
            return Ok(());
        }
        Err(self.invalid(format!("the {what} belongs to {provider}, not to this provider")))
    }

    fn invalid(&self, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::InvalidInput, message).with_provider(self.provider())
    }

    pub(crate) fn unsupported(&self, what: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("the provider does not support {what}"))
            .with_provider(self.provider())
    }
}

fn without_slash(mut url: String) -> String {
    url.truncate(url.trim_end_matches('/').len());
    url
}
