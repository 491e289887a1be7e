use std::fmt;

use crate::text::join;
use crate::{
    Grant, KeyScope, Permission, PermissionSet, PermissionTable, ScopeError, UnknownPermission,
};

/// What is asked of a key: a floor that it must have and a ceiling that it must not pass.
///
/// * [`needs`](Self::needs) must be granted, or no key is issued.
/// * [`prefers`](Self::prefers) is granted where the provider can.
/// * [`tolerates`](Self::tolerates) may come along where the provider cannot separate it
///   from what is needed or preferred.
///
/// Nothing else is ever granted: `needs` alone is an exact request. What a permission
/// implies counts with it. An admin key comes from [`admin`](Self::admin) alone.
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
/// by itself, so a provider that cannot express one refuses it until the tolerance is
/// written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRequest {
    admin: bool,
    needs: PermissionSet,
    prefers: PermissionSet,
    tolerates: PermissionSet,
    /// Beside `tolerates` and not in it, since what a native name opens is known only to
    /// the table that the request meets later.
    tolerates_native: Vec<NativeName>,
}

impl ScopeRequest {
    /// Asks for exactly these permissions, and what they imply.
    #[must_use]
    pub fn needs(permissions: impl Into<PermissionSet>) -> Self {
        Self {
            admin: false,
            needs: permissions.into().closed(),
            prefers: PermissionSet::EMPTY,
            tolerates: PermissionSet::EMPTY,
            tolerates_native: Vec::new(),
        }
    }

    /// Asks for a key that may do everything, and make further keys.
    ///
    /// This is the only way to an admin key: no set of permissions becomes one.
    #[must_use]
    pub fn admin() -> Self {
        Self { admin: true, ..Self::needs(PermissionSet::EMPTY) }
    }

    /// Asks for exactly this scope, such as one that was read from an existing key or from a
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
    /// A [`ScopeError`] for the scope that is empty, and for admin: a text that was read must
    /// not be able to ask for an admin key.
    pub fn exactly(scope: KeyScope) -> Result<Self, ScopeError> {
        match scope.permissions() {
            None => Err(ScopeError::AdminFromScope),
            Some(set) if set.is_empty() => Err(ScopeError::Empty),
            Some(set) => Ok(Self::needs(set)),
        }
    }

    /// A key that lists and inspects pins. Needs `pins:list`, prefers `pins:list-jobs`.
    #[must_use]
    pub fn reader() -> Self {
        Self::needs([Permission::PinsList]).prefers([Permission::PinsListJobs])
    }

    /// A key that uploads files and nothing else. Needs `pins:add-file`.
    ///
    /// Exact at Pinata's endpoints and at W3IPFS. Pinata's resources cannot separate
    /// uploading from deleting, so there it is refused until the request also says
    /// `.tolerates("pinata:org:files:write")`.
    #[must_use]
    pub fn uploader() -> Self {
        Self::needs([Permission::PinsAddFile])
    }

    /// A key that pins content by its CID and nothing else. Needs `pins:add-cid`.
    ///
    /// Where it is exact and where it is refused: as with [`uploader`](Self::uploader).
    #[must_use]
    pub fn pinner() -> Self {
        Self::needs([Permission::PinsAddCid])
    }

    /// A key that does everything with pinned files. Needs to list, add files, add CIDs and
    /// remove; prefers the other permissions about files.
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

    /// Asks for these permissions too, where the provider can grant them.
    #[must_use]
    pub fn prefers(mut self, permissions: impl Into<PermissionSet>) -> Self {
        self.prefers |= permissions.into().closed();
        self
    }

    /// Accepts these permissions where the provider cannot leave them out.
    ///
    /// Takes permissions, or a text: a permission's own (`"pins:remove"`), or a provider's
    /// native name behind the provider's id (`"pinata:org:files:write"`), which stands for
    /// all that the native permission opens. A native name has no effect at other providers.
    #[must_use]
    pub fn tolerates(mut self, tolerance: impl Into<Tolerance>) -> Self {
        match tolerance.into().0 {
            Tolerated::Permissions(set) => self.tolerates |= set.closed(),
            Tolerated::Native(text) => self.tolerates_native.push(NativeName::read(text)),
        }
        self
    }

    /// Whether an admin key is asked for.
    pub fn is_admin(&self) -> bool {
        self.admin
    }

    /// What must be granted. Empty for an admin request.
    pub fn needed(&self) -> PermissionSet {
        self.needs
    }

    /// What is granted where the provider can, beyond what is needed.
    pub fn preferred(&self) -> PermissionSet {
        self.prefers - self.needs
    }

    /// What may come along: permissions, and grants with their provider's id in front.
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
        permissions.chain(self.tolerates_native.iter().map(|native| native.text.as_str()))
    }

    /// Finds what is wrong with the request whatever the provider.
    ///
    /// [`KeyRequest::new`](crate::KeyRequest::new) and
    /// [`PermissionTable::translate`](PermissionTable::translate) do this by themselves.
    ///
    /// # Errors
    ///
    /// A [`ScopeError`] where the request needs nothing, prefers or tolerates an escalating
    /// permission, bounds an admin key, or tolerates a text that cannot be a native name.
    pub fn check(&self) -> Result<(), ScopeError> {
        let bounds = self.needs | self.prefers | self.tolerates;
        if self.admin {
            let bounded = !bounds.is_empty() || !self.tolerates_native.is_empty();
            return if bounded { Err(ScopeError::AdminWithBounds) } else { Ok(()) };
        }
        let escalating = (self.prefers | self.tolerates) & PermissionSet::ESCALATING;
        if !escalating.is_empty() {
            return Err(ScopeError::Escalating { permissions: escalating, brought_by: None });
        }
        if self.needs.is_empty() {
            return Err(ScopeError::Empty);
        }
        match self.tolerates_native.iter().find(|name| name.provider().is_none()) {
            Some(malformed) => {
                let unknown = UnknownPermission::new(&malformed.text);
                Err(ScopeError::MalformedTolerance(unknown))
            }
            None => Ok(()),
        }
    }

    /// What the native names in `tolerates` open at `table`.
    pub(crate) fn native_tolerance(
        &self,
        table: &'static PermissionTable,
    ) -> Result<PermissionSet, ScopeError> {
        let mut tolerated = PermissionSet::EMPTY;
        for native in &self.tolerates_native {
            if native.provider() != Some(table.provider()) {
                continue;
            }
            let Some(grant) = table.grant(native.name()) else {
                // A name of the provider's other vocabulary says nothing about this one.
                if table.siblings().iter().any(|sibling| sibling.grant(native.name()).is_some()) {
                    continue;
                }
                return Err(ScopeError::unknown_grant(&native.text, native.name(), table));
            };
            self.refuse_escalating(&native.text, grant)?;
            tolerated |= grant.opens();
        }
        Ok(tolerated)
    }

    fn refuse_escalating(&self, text: &str, grant: &Grant) -> Result<(), ScopeError> {
        let escalating = (grant.opens() & PermissionSet::ESCALATING) - self.needs;
        if escalating.is_empty() {
            return Ok(());
        }
        Err(ScopeError::Escalating { permissions: escalating, brought_by: Some(text.to_owned()) })
    }

    /// What may be granted at all, but for the native names; those depend on the table.
    pub(crate) fn ceiling(&self) -> PermissionSet {
        self.needs | self.prefers | self.tolerates
    }
}

/// A provider's native name behind the provider's id, such as `pinata:org:files:write`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NativeName {
    text: String,
    /// Where the colon behind the provider's id stands; nowhere in a text that is no native
    /// name. Looked for once, since a request may be translated often.
    colon: Option<usize>,
}

impl NativeName {
    fn read(text: String) -> Self {
        let colon = text.find(':').filter(|colon| {
            let (provider, name) = (&text[..*colon], &text[colon + 1..]);
            // What begins like a permission is a misspelt one.
            !provider.is_empty() && !name.is_empty() && !Permission::has_area(provider)
        });
        Self { text, colon }
    }

    fn provider(&self) -> Option<&str> {
        self.colon.map(|colon| &self.text[..colon])
    }

    fn name(&self) -> &str {
        self.colon.map_or("", |colon| &self.text[colon + 1..])
    }
}

impl fmt::Display for ScopeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.admin {
            return f.write_str("admin");
        }
        write!(f, "needs {}", self.needs)?;
        if !self.preferred().is_empty() {
            write!(f, " · prefers {}", self.preferred())?;
        }
        if self.tolerates.is_empty() && self.tolerates_native.is_empty() {
            return Ok(());
        }
        f.write_str(" · tolerates ")?;
        join(f, self.tolerated(), " ")
    }
}

/// What [`ScopeRequest::tolerates`] takes: permissions, or the text of a permission or of a
/// provider's native name.
#[derive(Clone, Debug)]
pub struct Tolerance(Tolerated);

#[derive(Clone, Debug)]
enum Tolerated {
    Permissions(PermissionSet),
    Native(String),
}

impl<T: Into<PermissionSet>> From<T> for Tolerance {
    fn from(permissions: T) -> Self {
        Self(Tolerated::Permissions(permissions.into()))
    }
}

impl From<&str> for Tolerance {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Tolerance {
    fn from(text: String) -> Self {
        Self(match Permission::known(&text) {
            Some(permission) => Tolerated::Permissions(permission.into()),
            None => Tolerated::Native(text),
        })
    }
}
