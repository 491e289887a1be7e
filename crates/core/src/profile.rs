use std::time::Duration;

use crate::{
    Credential, Error, ErrorKind, KeyQuery, KeyRef, KeyRequest, Operation, PermissionTable,
    Translation,
};

/// What an issuer offers, and what it refuses before sending anything.
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
}

/// Which filters of a [`KeyQuery`] a provider has.
///
/// ```
/// use pinning_keys_core::Filters;
///
/// let filters = Filters::NONE.with_name(true);
/// assert!(filters.name());
/// assert!(!filters.revoked());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    name: bool,
    revoked: bool,
    uses: bool,
}

impl Filters {
    /// Every filter.
    pub const ALL: Self = Self { name: true, revoked: true, uses: true };

    /// No filter.
    pub const NONE: Self = Self { name: false, revoked: false, uses: false };

    /// Sets whether keys can be filtered by [`KeyQuery::with_name_containing`].
    #[must_use]
    pub const fn with_name(mut self, supported: bool) -> Self {
        self.name = supported;
        self
    }

    /// Sets whether keys can be filtered by [`KeyQuery::with_revoked`].
    #[must_use]
    pub const fn with_revoked(mut self, supported: bool) -> Self {
        self.revoked = supported;
        self
    }

    /// Sets whether keys can be filtered by [`KeyQuery::with_limited_use`] and
    /// [`KeyQuery::with_exhausted`].
    #[must_use]
    pub const fn with_uses(mut self, supported: bool) -> Self {
        self.uses = supported;
        self
    }

    /// Whether keys can be filtered by a part of their name.
    pub const fn name(self) -> bool {
        self.name
    }

    /// Whether keys can be filtered by whether they are revoked.
    pub const fn revoked(self) -> bool {
        self.revoked
    }

    /// Whether keys can be filtered by their limit on uses.
    pub const fn uses(self) -> bool {
        self.uses
    }
}

impl IssuerProfile {
    /// The profile of an issuer that makes keys of this table, and offers nothing optional.
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
        }
    }

    /// Says whether keys can be limited in their uses.
    #[must_use]
    pub fn with_max_uses_supported(mut self, supported: bool) -> Self {
        self.max_uses = supported;
        self
    }

    /// Says which filters a listing takes.
    #[must_use]
    pub fn with_filters(mut self, filters: Filters) -> Self {
        self.filters = filters;
        self
    }

    /// Says how long a key's name may be, in characters.
    #[must_use]
    pub fn with_max_name_chars(mut self, chars: usize) -> Self {
        self.max_name_chars = Some(chars);
        self
    }

    /// Says which names the provider keeps for keys of its own.
    #[must_use]
    pub fn with_reserved_names(mut self, names: &'static [&'static str]) -> Self {
        self.reserved_names = names;
        self
    }

    /// Says how many keys a page of a listing has.
    #[must_use]
    pub fn with_page_size(mut self, keys: usize) -> Self {
        self.page_size = Some(keys);
        self
    }

    /// Says how long a change may take to take effect.
    #[must_use]
    pub fn with_propagation(mut self, time: Duration) -> Self {
        self.propagation = time;
        self
    }

    /// Says whether keys are revoked by the provider's own id for them, so that revoking by a
    /// reference without one costs a listing.
    ///
    /// Whoever revokes many keys then lists once, in place of once a key.
    #[must_use]
    pub fn with_revoke_by_id(mut self, by_id: bool) -> Self {
        self.revokes_by_id = by_id;
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

    /// Whether keys can be limited in their uses.
    pub fn supports_max_uses(&self) -> bool {
        self.max_uses
    }

    /// Which filters a listing takes.
    pub fn filters(&self) -> Filters {
        self.filters
    }

    /// How long a key's name may be, in characters, where the provider is narrower than
    /// [`KeyName::MAX_CHARS`](crate::KeyName::MAX_CHARS).
    pub fn max_name_chars(&self) -> Option<usize> {
        self.max_name_chars
    }

    /// The names that the provider keeps for keys of its own.
    pub fn reserved_names(&self) -> &'static [&'static str] {
        self.reserved_names
    }

    /// How many keys a page of a listing has, where that is known.
    pub fn page_size(&self) -> Option<usize> {
        self.page_size
    }

    /// How long a new key or a revocation may take to take effect.
    pub fn propagation(&self) -> Duration {
        self.propagation
    }

    /// Whether revoking by a [`KeyRef`] without an [`id`](KeyRef::id) costs a listing.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, IssuerProfile, Permission, PermissionTable};
    ///
    /// static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    ///
    /// let profile = IssuerProfile::new(&TABLE);
    /// assert!(!profile.revokes_by_id());
    /// assert!(profile.with_revoke_by_id(true).revokes_by_id());
    /// ```
    pub fn revokes_by_id(&self) -> bool {
        self.revokes_by_id
    }

    /// Checks a request against the profile and translates its scope; for adapters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inexpressible`] where the table cannot express the scope,
    /// [`ErrorKind::Unsupported`] for a limit on uses that the provider lacks,
    /// [`ErrorKind::InvalidInput`] for a name that is too long for it, and
    /// [`ErrorKind::NameReserved`] for one that it keeps for itself.
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
        // No text has more characters than bytes, so that most need not be counted.
        if let Some(most) = self.max_name_chars.filter(|most| name.len() > *most) {
            let chars = name.chars().count();
            if chars > most {
                let message = format!("the name has {chars} characters, and the limit is {most}");
                return Err(Error::new(ErrorKind::InvalidInput, message).with_provider(provider));
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

    /// Checks that the provider has the filters that a query asks for; for adapters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] where it lacks one.
    pub fn check_query(&self, query: &KeyQuery) -> Result<(), Error> {
        let filters = self.filters;
        let uses = query.limited_use().is_some() || query.exhausted().is_some();
        let lacking = [
            (query.name_containing().is_some() && !filters.name, "filtering keys by name"),
            (query.revoked().is_some() && !filters.revoked, "filtering keys by revocation"),
            (uses && !filters.uses, "filtering keys by uses"),
        ];
        match lacking.iter().find(|(lacks, _)| *lacks) {
            Some((_, what)) => Err(self.unsupported(what).with_operation(Operation::List)),
            None => Ok(()),
        }
    }

    /// Checks that a key to be revoked is of this provider; for adapters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] where it is another provider's.
    pub fn check_key_ref(&self, key: &KeyRef) -> Result<(), Error> {
        self.check_provider("key reference", key.provider()).map_err(|error| {
            error
                .with_operation(Operation::Revoke)
                .with_next_step("revoke it with an issuer of that provider")
        })
    }

    /// Checks that a credential to be verified is of this provider; for adapters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] where it is another provider's.
    pub fn check_credential(&self, credential: &Credential) -> Result<(), Error> {
        self.check_provider("credential", credential.provider()).map_err(|error| {
            error
                .with_operation(Operation::Verify)
                .with_next_step("verify it with an issuer of that provider")
        })
    }

    fn check_provider(&self, what: &str, provider: &str) -> Result<(), Error> {
        if provider == self.provider() {
            return Ok(());
        }
        let message = format!("the {what} belongs to {provider}, not to this provider");
        Err(Error::new(ErrorKind::InvalidInput, message).with_provider(self.provider()))
    }

    fn unsupported(&self, what: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("the provider does not support {what}"))
            .with_provider(self.provider())
    }
}
