use std::num::NonZeroUsize;
use std::time::Duration;

use crate::{
    Filters, HolderRoute, NameChars, Permission, PermissionTable, ProbePlan, RouteHost, SecretShape,
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
    /// The latest expiry, if one is supported: `Duration::MAX` if there is no limit.
    latest_expiry: Option<Duration>,
    expiry_unit: Duration,
    expiry_hint: Option<&'static str>,
    admin_keys: bool,
    filters: Filters,
    max_name_chars: Option<usize>,
    name_chars: Option<NameChars>,
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
    /// The profile of an issuer that issues keys of this table and admin keys, and supports nothing
    /// optional.
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
            latest_expiry: None,
            expiry_unit: Duration::from_secs(1),
            expiry_hint: None,
            admin_keys: true,
            filters: Filters::NONE,
            max_name_chars: None,
            name_chars: None,
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

    /// Sets whether a key can be issued with an expiry (default: no).
    ///
    /// ```
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_expiry_supported(true);
    /// assert!(profile.supports_expiry() && profile.max_expiry().is_none());
    /// ```
    #[must_use]
    pub fn with_expiry_supported(mut self, supported: bool) -> Self {
        self.latest_expiry = supported.then(|| self.latest_expiry.unwrap_or(Duration::MAX));
        self
    }

    /// Sets the longest lifetime of a key (default: no limit). This also enables expiries.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let year = Duration::from_secs(365 * 24 * 60 * 60);
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_max_expiry(year);
    /// assert!(profile.supports_expiry() && profile.max_expiry() == Some(year));
    /// ```
    #[must_use]
    pub fn with_max_expiry(mut self, most: Duration) -> Self {
        self.latest_expiry = Some(most);
        self
    }

    /// Sets the unit in which the provider counts the lifetime of a key, such as a day (default: one
    /// second). An expiry of less than one unit is refused. The adapter rounds down with
    /// [`Expiry::units`](crate::Expiry::units), so that no key lives longer than requested.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let day = Duration::from_secs(24 * 60 * 60);
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_expiry_supported(true).with_expiry_unit(day);
    /// assert_eq!(profile.expiry_unit(), day);
    /// ```
    #[must_use]
    pub fn with_expiry_unit(mut self, unit: Duration) -> Self {
        self.expiry_unit = unit;
        self
    }

    /// Sets the next step for a request with an expiry that the provider does not support (default:
    /// to omit it, and to revoke the key yourself).
    ///
    /// ```
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let hint = "leave the expiry out, and limit the key's uses";
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_expiry_hint(hint);
    /// assert_eq!(profile.expiry_hint(), Some(hint));
    /// ```
    #[must_use]
    pub fn with_expiry_hint(mut self, hint: &'static str) -> Self {
        self.expiry_hint = Some(hint);
        self
    }

    /// Sets whether the provider has admin keys (default: yes). If not, a request for one is refused
    /// before anything is sent.
    ///
    /// ```
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// assert!(!IssuerProfile::new(&ENDPOINTS).with_admin_keys_supported(false).supports_admin_keys());
    /// ```
    #[must_use]
    pub fn with_admin_keys_supported(mut self, has: bool) -> Self {
        self.admin_keys = has;
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

    /// Sets which characters names can have (default: all that [`KeyName`](crate::KeyName) allows).
    ///
    /// ```
    /// use pinning_keys_core::NameChars;
    ///
    /// # use pinning_keys_core::IssuerProfile;
    /// # use pinning_keys_pinata::ENDPOINTS;
    /// let chars =
    ///     NameChars::new("letters, digits and -", |c| c.is_ascii_alphanumeric() || c == '-');
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_name_chars(chars);
    /// assert!(profile.name_chars().is_some_and(|chars| chars.allows('-')));
    /// ```
    #[must_use]
    pub fn with_name_chars(mut self, chars: NameChars) -> Self {
        self.name_chars = Some(chars);
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

    /// Sets what [`KeyIssuer::probe`](crate::KeyIssuer::probe) sends (default: keys cannot be probed).
    /// The adapter implements that method too; `ApiClient::probe` of `pinning-keys-http` sends what
    /// the plan says.
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

    /// Whether a key can be issued with an expiry.
    pub fn supports_expiry(&self) -> bool {
        self.latest_expiry.is_some()
    }

    /// The longest lifetime of a key; `None` if there is no limit, or if an expiry is not supported.
    pub fn max_expiry(&self) -> Option<Duration> {
        self.latest_expiry.filter(|most| *most < Duration::MAX)
    }

    /// The unit in which the provider counts the lifetime of a key.
    pub fn expiry_unit(&self) -> Duration {
        self.expiry_unit
    }

    /// What to do instead if an expiry is not supported, unless it is the default.
    pub fn expiry_hint(&self) -> Option<&'static str> {
        self.expiry_hint
    }

    /// Whether the provider has admin keys.
    pub fn supports_admin_keys(&self) -> bool {
        self.admin_keys
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

    /// The characters that names can have, if the provider allows fewer than
    /// [`KeyName`](crate::KeyName).
    pub fn name_chars(&self) -> Option<NameChars> {
        self.name_chars
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

    /// Whether revoking by a [`KeyRef`](crate::KeyRef) without an [`id`](crate::KeyRef::id) costs a listing.
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
}

fn without_slash(mut url: String) -> String {
    url.truncate(url.trim_end_matches('/').len());
    url
}
