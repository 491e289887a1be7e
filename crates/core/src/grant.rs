use crate::{Permission, PermissionSet};

/// A provider's own permission, and the neutral permissions that it opens.
///
/// ```
/// use pinning_keys_core::{Grant, Permission};
///
/// let grant = Grant::new("groups.write", &[Permission::GroupsWrite]);
/// assert!(grant.opens().contains(Permission::GroupsRead), "implied");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    name: &'static str,
    /// Empty unless they differ from the name.
    wire_names: &'static [&'static str],
    opens: PermissionSet,
    is_native: bool,
    is_escalating: bool,
}

impl Grant {
    /// A grant of this name that opens these permissions and what they imply. The name is also
    /// sent, unless [`with_wire_names`](Self::with_wire_names) sets others.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission};
    ///
    /// let grant = Grant::new("pinning.unpin", &[Permission::PinsRemove]);
    /// assert_eq!(grant.name(), "pinning.unpin");
    /// ```
    #[must_use]
    pub const fn new(name: &'static str, opens: &[Permission]) -> Self {
        Self {
            name,
            wire_names: &[],
            opens: PermissionSet::of(opens).closed(),
            is_native: false,
            is_escalating: false,
        }
    }

    /// A grant that opens no neutral permission. It is granted only to a request that names it in
    /// [`needs_native`](crate::ScopeRequest::needs_native).
    ///
    /// If the holder can use it to get more than the key grants, mark it as
    /// [`escalating`](Self::escalating).
    ///
    /// ```
    /// use pinning_keys_core::{Grant, PermissionTable, ScopeRequest};
    ///
    /// static GRANTS: [Grant; 1] = [Grant::native("readReplications")];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    ///
    /// let translation = TABLE.translate(&ScopeRequest::needs_native("example:readReplications"))?;
    /// assert_eq!(translation.granted().to_string(), "example:readReplications");
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    #[must_use]
    pub const fn native(name: &'static str) -> Self {
        Self { is_native: true, ..Self::new(name, &[]) }
    }

    /// Makes this a compound grant: sets the wire names, all of which are sent for it.
    ///
    /// Only a key with all of them can do what the grant opens. If a permission that the grant opens
    /// is implied by another, the wire names that open it must be among them: a provider need not
    /// know that changing groups implies reading them.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission, PermissionTable, ScopeRequest};
    ///
    /// static GRANTS: [Grant; 1] = [Grant::new("files-list", &[Permission::PinsList])
    ///     .with_wire_names(&["listBuckets", "listFiles"])];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    ///
    /// let translation = TABLE.translate(&ScopeRequest::reader())?;
    /// assert_eq!(translation.wire_names().collect::<Vec<_>>(), ["listBuckets", "listFiles"]);
    /// assert_eq!(TABLE.read(["listFiles"]).scope().to_string(), "nothing");
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    #[must_use]
    pub const fn with_wire_names(mut self, names: &'static [&'static str]) -> Self {
        self.wire_names = names;
        self
    }

    /// Marks a [native](Self::native) grant with which the holder can get more than the key grants,
    /// such as one to issue keys without listing them. A request gets it only if it also needs
    /// [`keys:manage`](Permission::KeysManage).
    ///
    /// ```
    /// use pinning_keys_core::{Grant, PermissionTable, ScopeRequest};
    ///
    /// static GRANTS: [Grant; 1] = [Grant::native("writeKeys").escalating()];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    ///
    /// assert!(TABLE.translate(&ScopeRequest::needs_native("example:writeKeys")).is_err());
    /// ```
    #[must_use]
    pub const fn escalating(mut self) -> Self {
        self.is_escalating = true;
        self
    }

    /// The name in requests and refusals, such as `org:files:read` or `pinning.unpin`, which is also
    /// the name on the wire unless the grant is a [compound](Self::with_wire_names).
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The names that are sent for the grant: its own, or those of a
    /// [compound](Self::with_wire_names).
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission};
    ///
    /// assert_eq!(Grant::new("read", &[Permission::PinsList]).wire_names(), ["read"]);
    /// ```
    pub const fn wire_names(&self) -> &[&'static str] {
        if self.wire_names.is_empty() { std::slice::from_ref(&self.name) } else { self.wire_names }
    }

    /// Everything that the grant opens.
    pub const fn opens(&self) -> PermissionSet {
        self.opens
    }

    /// Whether the grant opens no neutral permission, because it was made by
    /// [`native`](Self::native).
    pub const fn is_native(&self) -> bool {
        self.is_native
    }

    /// Whether the holder can use the grant to get more than the key grants.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission};
    ///
    /// assert!(Grant::new("org:write", &[Permission::KeysManage]).is_escalating());
    /// assert!(!Grant::new("org:read", &[Permission::AccountRead]).is_escalating());
    /// ```
    pub const fn is_escalating(&self) -> bool {
        self.is_escalating || !self.opens.is_disjoint(PermissionSet::ESCALATING)
    }

    pub(crate) const fn is_compound(&self) -> bool {
        !self.wire_names.is_empty()
    }
}
