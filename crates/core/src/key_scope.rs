use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Permission, PermissionSet, UnknownPermission};

const ADMIN: &str = "admin";
const NOTHING: &str = "nothing";

/// What a key may do: everything ([`admin`](Self::admin)), or a set of permissions that is
/// closed under implication.
///
/// Closed means that the scope includes what its permissions imply: a scope with `groups:write`
/// always has `groups:read`. `admin` is separate and never arises from a set, however full. The
/// empty scope exists, because providers have such keys, but it cannot be requested.
///
/// The text form is `admin`, `nothing`, or the permissions separated by spaces or commas. In
/// serde it is `"admin"` or a list.
///
/// ```
/// use pinning_keys_core::{KeyScope, Permission};
///
/// let scope: KeyScope = "pins:list, groups:write".parse()?;
/// assert!(scope.allows(Permission::GroupsRead));
/// assert_eq!(scope.to_string(), "pins:list groups:read groups:write");
/// # Ok::<(), pinning_keys_core::UnknownPermission>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyScope(Reach);

/// Private, so that no scope can hold a set that is not closed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Reach {
    Admin,
    Closed(PermissionSet),
}

impl KeyScope {
    /// The scope of a key that may do everything, including what the provider adds later.
    ///
    /// ```
    /// # use pinning_keys_core::KeyScope;
    /// assert_eq!(KeyScope::admin().to_string(), "admin");
    /// ```
    #[must_use]
    pub const fn admin() -> Self {
        Self(Reach::Admin)
    }

    /// The scope of a key that may do nothing. Such a key can be listed, but not issued.
    ///
    /// ```
    /// # use pinning_keys_core::KeyScope;
    /// assert_eq!(KeyScope::nothing().to_string(), "nothing");
    /// ```
    #[must_use]
    pub const fn nothing() -> Self {
        Self(Reach::Closed(PermissionSet::EMPTY))
    }

    /// The scope of these permissions and what they imply.
    ///
    /// ```
    /// use pinning_keys_core::{KeyScope, Permission};
    ///
    /// let scope = KeyScope::of([Permission::GroupsWrite].into());
    /// assert_eq!(scope.to_string(), "groups:read groups:write");
    /// ```
    #[must_use]
    pub const fn of(permissions: PermissionSet) -> Self {
        Self(Reach::Closed(permissions.closed()))
    }

    /// The scope of a set that is already closed, such as what grants open together.
    pub(crate) fn of_closed(permissions: PermissionSet) -> Self {
        debug_assert_eq!(permissions, permissions.closed());
        Self(Reach::Closed(permissions))
    }

    /// Whether this is the scope of an admin key.
    pub const fn is_admin(self) -> bool {
        matches!(self.0, Reach::Admin)
    }

    /// Whether the key may do nothing at all.
    pub const fn is_nothing(self) -> bool {
        matches!(self.0, Reach::Closed(set) if set.is_empty())
    }

    /// Whether a key of this scope may do what `permission` names.
    ///
    /// ```
    /// use pinning_keys_core::{KeyScope, Permission};
    ///
    /// assert!(KeyScope::admin().allows(Permission::KeysManage));
    /// assert!(!KeyScope::nothing().allows(Permission::PinsList));
    /// ```
    pub const fn allows(self, permission: Permission) -> bool {
        match self.0 {
            Reach::Admin => true,
            Reach::Closed(set) => set.contains(permission),
        }
    }

    /// What a key with both scopes may do.
    ///
    /// ```
    /// use pinning_keys_core::KeyScope;
    ///
    /// assert!(KeyScope::nothing().and(KeyScope::admin()).is_admin());
    /// ```
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Reach::Closed(a), Reach::Closed(b)) => Self(Reach::Closed(a.union(b))),
            _ => Self::admin(),
        }
    }

    /// The permissions, or `None` for an admin key, which no list can describe.
    pub const fn permissions(self) -> Option<PermissionSet> {
        match self.0 {
            Reach::Admin => None,
            Reach::Closed(set) => Some(set),
        }
    }
}

impl From<PermissionSet> for KeyScope {
    fn from(permissions: PermissionSet) -> Self {
        Self::of(permissions)
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reach::Admin => f.pad(ADMIN),
            Reach::Closed(set) => fmt::Display::fmt(&set, f),
        }
    }
}

impl fmt::Debug for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyScope({self})")
    }
}

impl FromStr for KeyScope {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            ADMIN => return Ok(Self::admin()),
            NOTHING => return Ok(Self::nothing()),
            _ => {}
        }
        let mut set = PermissionSet::EMPTY;
        for part in text.split([' ', ',']).filter(|part| !part.is_empty()) {
            set |= part.parse::<Permission>()?;
        }
        // A blank text is more likely a lost value than a request for nothing.
        if set.is_empty() { Err(UnknownPermission::new(text)) } else { Ok(Self::of(set)) }
    }
}

impl Serialize for KeyScope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Reach::Admin => serializer.serialize_str(ADMIN),
            Reach::Closed(set) => set.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for KeyScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScopeVisitor)
    }
}

struct ScopeVisitor;

impl<'de> serde::de::Visitor<'de> for ScopeVisitor {
    type Value = KeyScope;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"admin\" or a list of permissions")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<KeyScope, E> {
        match text {
            ADMIN => Ok(KeyScope::admin()),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<KeyScope, A::Error> {
        let mut set = PermissionSet::EMPTY;
        while let Some(permission) = list.next_element::<Permission>()? {
            set |= permission;
        }
        Ok(KeyScope::of(set))
    }
}
