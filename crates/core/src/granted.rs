use std::fmt;

use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::search::selected;
use crate::text::padded;
use crate::{Grant, KeyScope, Permission, PermissionSet, PermissionTable};

/// What a key may do: its [scope](KeyScope), and the grants of the provider that the scope does not
/// show.
///
/// The text form and the form in serde are those of the scope, followed by these grants with the
/// provider's id in front.
///
/// ```
/// use pinning_keys_core::{Grant, Permission, PermissionTable, ScopeRequest};
///
/// static GRANTS: [Grant; 2] =
///     [Grant::new("listFiles", &[Permission::PinsList]), Grant::native("readFiles")];
/// static TABLE: PermissionTable = PermissionTable::new("b2", "capabilities", &GRANTS);
///
/// let request = ScopeRequest::reader().and_needs_native("b2:readFiles");
/// let granted = TABLE.translate(&request)?.granted();
/// assert!(granted.allows(Permission::PinsList));
/// assert_eq!(granted.to_string(), "pins:list b2:readFiles");
/// # Ok::<(), pinning_keys_core::ScopeError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Granted {
    scope: KeyScope,
    table: &'static PermissionTable,
    /// A bit for each grant of the table that the scope does not show.
    native: u64,
}

impl Granted {
    pub(crate) fn new(scope: KeyScope, table: &'static PermissionTable, native: u64) -> Self {
        Self { scope, table, native }
    }

    /// The permissions, or admin.
    pub fn scope(self) -> KeyScope {
        self.scope
    }

    /// The grants that the scope does not show: [native](Grant::native) ones, which the request
    /// named or whose wire names are all sent for others, and one of several that open the same, if
    /// it is not the first.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// let granted = RESOURCES.translate(&ScopeRequest::reader())?.granted();
    /// assert_eq!(granted.native().count(), 0);
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    pub fn native(self) -> impl Iterator<Item = &'static Grant> {
        selected(self.table, self.native)
    }

    /// Whether this is the scope of an admin key.
    pub fn is_admin(self) -> bool {
        self.scope.is_admin()
    }

    /// Whether the key may do nothing at all.
    pub fn is_nothing(self) -> bool {
        self.native == 0 && self.scope.is_nothing()
    }

    /// Whether the key may do what `permission` names.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ScopeRequest};
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// let granted = RESOURCES.translate(&ScopeRequest::reader())?.granted();
    /// assert!(granted.allows(Permission::PinsList) && !granted.allows(Permission::PinsRemove));
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    pub fn allows(self, permission: Permission) -> bool {
        self.scope.allows(permission)
    }

    /// The permissions, or `None` for an admin key, which no list can describe.
    pub fn permissions(self) -> Option<PermissionSet> {
        self.scope.permissions()
    }

    fn native_texts(self) -> impl Iterator<Item = String> {
        self.native().map(move |grant| self.table.native_name(grant))
    }
}

/// Equal if the scopes are equal, and the same native grants of the same table are granted.
impl PartialEq for Granted {
    fn eq(&self, other: &Self) -> bool {
        let is_same_table = self.native == 0 || self.table == other.table;
        self.scope == other.scope && self.native == other.native && is_same_table
    }
}

impl Eq for Granted {}

/// Equal if nothing native is granted and the scopes are equal.
impl PartialEq<KeyScope> for Granted {
    fn eq(&self, scope: &KeyScope) -> bool {
        self.native == 0 && self.scope == *scope
    }
}

impl PartialEq<Granted> for KeyScope {
    fn eq(&self, granted: &Granted) -> bool {
        granted == self
    }
}

impl From<Granted> for KeyScope {
    fn from(granted: Granted) -> Self {
        granted.scope
    }
}

impl fmt::Display for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.native == 0 {
            return fmt::Display::fmt(&self.scope, f);
        }
        padded(f, |f| {
            let mut separator = "";
            if !self.scope.is_nothing() {
                write!(f, "{}", self.scope)?;
                separator = " ";
            }
            for text in self.native_texts() {
                write!(f, "{separator}{text}")?;
                separator = " ";
            }
            Ok(())
        })
    }
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Granted({self})")
    }
}

/// `"admin"`, or a list of permissions and native grants.
impl Serialize for Granted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(permissions) = self.permissions().filter(|_| self.native != 0) else {
            return self.scope.serialize(serializer);
        };
        let mut list = serializer.serialize_seq(None)?;
        for permission in permissions {
            list.serialize_element(&permission)?;
        }
        for text in self.native_texts() {
            list.serialize_element(&text)?;
        }
        list.end()
    }
}
