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
    opens: PermissionSet,
}

impl Grant {
    /// A grant that is called `name` on the wire and opens these permissions and what they imply.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission};
    ///
    /// let grant = Grant::new("pinning.unpin", &[Permission::PinsRemove]);
    /// assert_eq!(grant.name(), "pinning.unpin");
    /// ```
    #[must_use]
    pub const fn new(name: &'static str, opens: &[Permission]) -> Self {
        Self { name, opens: PermissionSet::of(opens).closed() }
    }

    /// The name on the wire, such as `org:files:read` or `pinning.unpin`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Everything that the grant opens.
    pub const fn opens(&self) -> PermissionSet {
        self.opens
    }
}
