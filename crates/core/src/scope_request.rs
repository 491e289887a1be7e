use std::fmt;

use crate::escaping::escaped;
use crate::native_name::{NamedGrants, NativeName};
use crate::text::join;
use crate::tolerance::Tolerated;
use crate::{KeyScope, Permission, PermissionSet, ScopeError, Tolerance, UnknownPermission};

/// What a key must be able to do, and the most that it may be able to do.
///
/// * [`needs`](Self::needs) must be granted, or no key is issued. So must
///   [`needs_native`](Self::needs_native), which names grants of one provider.
/// * [`prefers`](Self::prefers) is granted if the provider can.
/// * [`tolerates`](Self::tolerates) is granted only if the provider cannot separate it from what
///   is needed or preferred.
///
/// Nothing else is ever granted, so `needs` alone is an exact request. Each permission includes
/// what it implies. Only [`admin`](Self::admin) requests an admin key.
///
/// ```
/// use pinning_keys_core::{Permission, ScopeRequest};
///
/// let request = ScopeRequest::needs([Permission::PinsAddFile])
///     .prefers([Permission::PinsAddJson])
///     .tolerates("pinata:org:files:write");
/// assert_eq!(
///     request.to_string(),
///     "needs pins:add-file · prefers pins:add-json · tolerates pinata:org:files:write",
/// );
/// ```
///
/// # Presets
///
/// Common keys have a constructor: [`reader`](Self::reader), [`uploader`](Self::uploader),
/// [`pinner`](Self::pinner) and [`manager`](Self::manager). None of them tolerates anything
/// by itself, so a provider that cannot express one refuses it until the tolerance is written
/// out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRequest {
    admin: bool,
    needs: PermissionSet,
    prefers: PermissionSet,
    tolerates: PermissionSet,
    /// Apart from `needs` and `tolerates`, because only the table that the request meets later knows
    /// what a native name opens. Most requests have none.
    named: Option<Box<NamedGrants>>,
}

impl ScopeRequest {
    /// Requests exactly these permissions, and what they imply.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ScopeRequest};
    ///
    /// let request = ScopeRequest::needs([Permission::PinsList, Permission::PinsAddFile]);
    /// assert_eq!(request.to_string(), "needs pins:list pins:add-file");
    /// ```
    #[must_use]
    pub fn needs(permissions: impl Into<PermissionSet>) -> Self {
        Self {
            admin: false,
            needs: permissions.into().closed(),
            prefers: PermissionSet::EMPTY,
            tolerates: PermissionSet::EMPTY,
            named: None,
        }
    }

    /// Requests exactly this grant of one provider, with the provider's id in front, and what it
    /// opens; for what no neutral permission names.
    ///
    /// It is an error at every other provider, which could not grant it.
    /// [`and_needs_native`](Self::and_needs_native) adds one to any request.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission, PermissionTable, ScopeRequest};
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// static GRANTS: [Grant; 2] =
    ///     [Grant::new("listFiles", &[Permission::PinsList]), Grant::native("readFiles")];
    /// static TABLE: PermissionTable = PermissionTable::new("b2", "capabilities", &GRANTS);
    ///
    /// let request = ScopeRequest::needs_native("b2:readFiles");
    /// assert_eq!(TABLE.translate(&request)?.granted().to_string(), "b2:readFiles");
    /// assert!(RESOURCES.translate(&request).is_err());
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    #[must_use]
    pub fn needs_native(grant: impl Into<String>) -> Self {
        Self::needs(PermissionSet::EMPTY).and_needs_native(grant)
    }

    /// Requests a key that may do everything, including issuing further keys.
    ///
    /// Nothing else yields an admin key: no set of permissions becomes one, and no text that is
    /// read does.
    ///
    /// A limit on its uses ([`with_max_uses`](crate::KeyRequest::with_max_uses)) does not tame it:
    /// one use can issue another admin key without a limit.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    ///
    /// assert!(ScopeRequest::admin().is_admin());
    /// ```
    #[must_use]
    pub fn admin() -> Self {
        Self { admin: true, ..Self::needs(PermissionSet::EMPTY) }
    }

    /// Requests exactly this scope, such as one that was read from an existing key or from a
    /// configuration.
    ///
    /// ```
    /// use pinning_keys_core::{KeyScope, ScopeRequest};
    ///
    /// let scope: KeyScope = "pins:list pins:list-jobs".parse()?;
    /// assert_eq!(ScopeRequest::exactly(scope)?.to_string(), "needs pins:list pins:list-jobs");
    /// assert!(ScopeRequest::exactly(KeyScope::admin()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`ScopeError`] if the scope is empty, or admin: a text that was read must not be able to
    /// request an admin key.
    pub fn exactly(scope: KeyScope) -> Result<Self, ScopeError> {
        match scope.permissions() {
            None => Err(ScopeError::AdminFromScope),
            Some(set) if set.is_empty() => Err(ScopeError::Empty),
            Some(set) => Ok(Self::needs(set)),
        }
    }

    /// A key that lists and inspects pins. Needs `pins:list`, prefers `pins:list-jobs`.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    ///
    /// let request = ScopeRequest::reader();
    /// assert_eq!(request.to_string(), "needs pins:list · prefers pins:list-jobs");
    /// ```
    #[must_use]
    pub fn reader() -> Self {
        Self::needs([Permission::PinsList]).prefers([Permission::PinsListJobs])
    }

    /// A key that uploads files and nothing else. Needs `pins:add-file`.
    ///
    /// It is exact at Pinata's endpoints and at W3IPFS. Pinata's resources cannot separate
    /// uploading from deleting, so they refuse it until the request tolerates that.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    /// use pinning_keys_pinata::{ENDPOINTS, RESOURCES};
    ///
    /// let request = ScopeRequest::uploader();
    /// assert!(ENDPOINTS.translate(&request).is_ok());
    /// assert!(RESOURCES.translate(&request).is_err());
    /// assert!(RESOURCES.translate(&request.tolerates("pinata:org:files:write")).is_ok());
    /// ```
    #[must_use]
    pub fn uploader() -> Self {
        Self::needs([Permission::PinsAddFile])
    }

    /// A key that pins content by its CID and nothing else. Needs `pins:add-cid`.
    ///
    /// It is exact at the same tables as [`uploader`](Self::uploader), and refused at the same.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    ///
    /// assert_eq!(ScopeRequest::pinner().to_string(), "needs pins:add-cid");
    /// ```
    #[must_use]
    pub fn pinner() -> Self {
        Self::needs([Permission::PinsAddCid])
    }

    /// A key that does everything with pinned files. Needs to list, add files, add CIDs and
    /// remove; prefers the other permissions about files.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ScopeRequest};
    ///
    /// assert!(ScopeRequest::manager().needed().contains(Permission::PinsRemove));
    /// ```
    #[must_use]
    pub fn manager() -> Self {
        use Permission::{
            LinksCreate, PinsAddCid, PinsAddFile, PinsAddJson, PinsEditMetadata, PinsList,
            PinsListJobs, PinsRemove, SignaturesWrite, SwapsWrite, UploadsDelegate,
        };
        Self::needs([PinsList, PinsAddFile, PinsAddCid, PinsRemove]).prefers([
            PinsListJobs,
            PinsAddJson,
            PinsEditMetadata,
            UploadsDelegate,
            LinksCreate,
            SignaturesWrite,
            SwapsWrite,
        ])
    }

    /// Adds a grant of one provider, with the provider's id in front, that must be granted too.
    ///
    /// A grant with which the holder can get more is refused, unless the request also needs
    /// [`keys:manage`](Permission::KeysManage).
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    ///
    /// let request = ScopeRequest::uploader().and_needs_native("b2:readFiles");
    /// assert_eq!(request.to_string(), "needs pins:add-file b2:readFiles");
    /// ```
    #[must_use]
    pub fn and_needs_native(mut self, grant: impl Into<String>) -> Self {
        self.named_mut().needed.push(NativeName::read(grant.into()));
        self
    }

    /// Adds permissions that are granted if the provider can.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ScopeRequest};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let request =
    ///     ScopeRequest::uploader().prefers([Permission::PinsAddJson, Permission::UploadsDelegate]);
    /// let translation = ENDPOINTS.translate(&request)?;
    /// assert_eq!(translation.granted().to_string(), "pins:add-file pins:add-json");
    /// assert_eq!(translation.missing().to_string(), "uploads:delegate");
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    #[must_use]
    pub fn prefers(mut self, permissions: impl Into<PermissionSet>) -> Self {
        self.prefers |= permissions.into().closed();
        self
    }

    /// Adds permissions that may be granted if the provider cannot leave them out.
    ///
    /// Takes permissions, or a text: a permission (`"pins:remove"`), or a provider's grant with
    /// the provider's id in front (`"pinata:org:files:write"`), which means everything that
    /// the grant opens. A grant has no effect at other providers, and neither does one whose
    /// provider's id is missing or misspelt.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ScopeRequest};
    ///
    /// let request = ScopeRequest::uploader()
    ///     .tolerates(Permission::PinsList)
    ///     .tolerates("pinata:org:files:write");
    /// assert!(request.check().is_ok());
    /// ```
    #[must_use]
    pub fn tolerates(mut self, tolerance: impl Into<Tolerance>) -> Self {
        match tolerance.into().0 {
            Tolerated::Permissions(set) => self.tolerates |= set.closed(),
            Tolerated::Native(text) => self.named_mut().tolerated.push(NativeName::read(text)),
        }
        self
    }

    /// Whether an admin key is requested.
    pub fn is_admin(&self) -> bool {
        self.admin
    }

    /// The permissions that must be granted; empty for an admin request.
    pub fn needed(&self) -> PermissionSet {
        self.needs
    }

    /// The grants that must be granted too, with their provider's id in front.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    ///
    /// let request = ScopeRequest::needs_native("b2:readFiles");
    /// assert_eq!(request.needed_native().collect::<Vec<_>>(), ["b2:readFiles"]);
    /// ```
    pub fn needed_native(&self) -> impl Iterator<Item = &str> {
        self.native_needs().iter().map(NativeName::text)
    }

    /// What is granted if the provider can, beyond what is needed.
    pub fn preferred(&self) -> PermissionSet {
        self.prefers - self.needs
    }

    /// What is tolerated: permissions, and grants with their provider's id in front.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ScopeRequest};
    ///
    /// let request = ScopeRequest::uploader()
    ///     .tolerates("pinata:org:files:write")
    ///     .tolerates(Permission::PinsList);
    /// assert_eq!(request.tolerated().collect::<Vec<_>>(), ["pins:list", "pinata:org:files:write"]);
    /// ```
    pub fn tolerated(&self) -> impl Iterator<Item = &str> {
        let permissions = self.tolerates.iter().map(|permission| -> &str { permission.as_str() });
        permissions.chain(self.native_tolerances().iter().map(NativeName::text))
    }

    /// Checks what can be wrong with the request at every provider.
    ///
    /// [`KeyRequest::new`](crate::KeyRequest::new) and
    /// [`PermissionTable::translate`](crate::PermissionTable::translate) call it.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ScopeRequest};
    ///
    /// assert!(ScopeRequest::needs([]).check().is_err());
    /// assert!(ScopeRequest::reader().tolerates(Permission::KeysManage).check().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// A [`ScopeError`] if the request needs nothing, prefers or tolerates an escalating
    /// permission, bounds an admin key, or needs or tolerates a text that cannot be a grant.
    pub fn check(&self) -> Result<(), ScopeError> {
        let bounds = self.needs | self.prefers | self.tolerates;
        if self.admin {
            let bounded = !bounds.is_empty() || self.names_grants();
            return if bounded { Err(ScopeError::AdminWithBounds) } else { Ok(()) };
        }
        let escalating = (self.prefers | self.tolerates) & PermissionSet::ESCALATING;
        if !escalating.is_empty() {
            return Err(ScopeError::Escalating { permissions: escalating, brought_by: None });
        }
        if self.needs.is_empty() && self.native_needs().is_empty() {
            return Err(ScopeError::Empty);
        }
        if self.names_grants() { self.check_names() } else { Ok(()) }
    }

    fn check_names(&self) -> Result<(), ScopeError> {
        let is_malformed = |name: &&NativeName| name.provider().is_none();
        if let Some(malformed) = self.native_needs().iter().find(is_malformed) {
            return Err(ScopeError::MalformedGrant { text: malformed.text().to_owned() });
        }
        match self.native_tolerances().iter().find(is_malformed) {
            Some(malformed) => {
                let unknown = UnknownPermission::new(malformed.text());
                Err(ScopeError::MalformedTolerance(unknown))
            }
            None => Ok(()),
        }
    }

    /// Whether the request names grants of a provider.
    pub(crate) fn names_grants(&self) -> bool {
        self.named.is_some()
    }

    fn named_mut(&mut self) -> &mut NamedGrants {
        self.named.get_or_insert_default()
    }

    /// The grants that are needed by name.
    pub(crate) fn native_needs(&self) -> &[NativeName] {
        self.named.as_ref().map_or(&[], |named| &named.needed)
    }

    /// The grants that are tolerated by name.
    pub(crate) fn native_tolerances(&self) -> &[NativeName] {
        self.named.as_ref().map_or(&[], |named| &named.tolerated)
    }

    /// Everything that may be granted, except for native names, which depend on the table.
    pub(crate) fn ceiling(&self) -> PermissionSet {
        self.needs | self.prefers | self.tolerates
    }
}

impl fmt::Display for ScopeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.admin {
            return f.write_str("admin");
        }
        f.write_str("needs ")?;
        if self.native_needs().is_empty() || !self.needs.is_empty() {
            write!(f, "{}", self.needs)?;
        }
        if !self.native_needs().is_empty() {
            f.write_str(if self.needs.is_empty() { "" } else { " " })?;
            join(f, self.needed_native().map(escaped), " ")?;
        }
        if !self.preferred().is_empty() {
            write!(f, " · prefers {}", self.preferred())?;
        }
        if self.tolerates.is_empty() && self.native_tolerances().is_empty() {
            return Ok(());
        }
        f.write_str(" · tolerates ")?;
        // Names in a file or from a user can contain anything.
        join(f, self.tolerated().map(escaped), " ")
    }
}
