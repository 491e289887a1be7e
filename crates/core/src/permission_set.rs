use std::fmt;
use std::iter::FusedIterator;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, Sub, SubAssign};

use bitflags::bitflags;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Permission;
use crate::text::{join, padded};

bitflags! {
    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    struct Bits: u64 {
        /// A bit for each permission, at the position of its discriminant.
        const KNOWN = ((1 << (Permission::ALL.len() - 1)) << 1) - 1;
    }
}

/// A set of [`Permission`]s: plain set algebra, without any added meaning.
///
/// In particular, a set is *not* closed under implication: it can contain `groups:write` without
/// `groups:read`. [`KeyScope`](crate::KeyScope) closes sets, so that unions and differences here
/// are what they seem.
///
/// ```
/// use pinning_keys_core::{Permission, PermissionSet};
///
/// let upload = PermissionSet::of(&[Permission::PinsAddFile, Permission::PinsAddJson]);
/// let all = upload | Permission::PinsRemove;
/// assert_eq!((all - upload).to_string(), "pins:remove");
/// assert!(upload.is_subset(all));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PermissionSet(Bits);

impl PermissionSet {
    /// The empty set.
    pub const EMPTY: Self = Self(Bits::empty());

    /// The set of every [`Permission`].
    pub const ALL: Self = Self(Bits::KNOWN);

    /// The permissions that let their holder get others; see [`Permission::is_escalating`].
    pub const ESCALATING: Self = {
        let mut set = Self::EMPTY;
        let mut i = 0;
        while i < Permission::ALL.len() {
            if Permission::ALL[i].is_escalating() {
                set = set.with(Permission::ALL[i]);
            }
            i += 1;
        }
        set
    };

    /// The set of these permissions. Works in constants, unlike `collect`.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, PermissionSet};
    ///
    /// const UPLOADS: PermissionSet = PermissionSet::of(&[Permission::PinsAddFile]);
    /// assert_eq!(UPLOADS.len(), 1);
    /// ```
    #[must_use]
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut set = Self::EMPTY;
        let mut i = 0;
        while i < permissions.len() {
            set = set.with(permissions[i]);
            i += 1;
        }
        set
    }

    /// This set with `permission` added.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, PermissionSet};
    ///
    /// let set = PermissionSet::EMPTY.with(Permission::PinsList);
    /// assert!(set.contains(Permission::PinsList));
    /// ```
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        self.union(Self(Bits::from_bits_truncate(1 << permission as u8)))
    }

    /// The permissions that are in this set or in `other`; the same as `|`.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, PermissionSet};
    ///
    /// let (list, add) = (Permission::PinsList.into(), Permission::PinsAddFile.into());
    /// assert_eq!(PermissionSet::union(list, add), list | add);
    /// ```
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0.union(other.0))
    }

    /// The permissions that are in both sets; the same as `&`.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, PermissionSet};
    ///
    /// let list = PermissionSet::from(Permission::PinsList);
    /// assert_eq!(PermissionSet::ALL.intersection(list), list);
    /// ```
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0.intersection(other.0))
    }

    /// The permissions that are in this set but not in `other`; the same as `-`.
    ///
    /// ```
    /// use pinning_keys_core::PermissionSet;
    ///
    /// let safe = PermissionSet::ALL.difference(PermissionSet::ESCALATING);
    /// assert!(safe.is_disjoint(PermissionSet::ESCALATING));
    /// ```
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0.difference(other.0))
    }

    /// Whether `permission` is in the set.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, PermissionSet};
    ///
    /// assert!(PermissionSet::ESCALATING.contains(Permission::KeysManage));
    /// ```
    pub const fn contains(self, permission: Permission) -> bool {
        self.0.contains(Bits::from_bits_truncate(1 << permission as u8))
    }

    /// Whether everything in this set is also in `other`.
    ///
    /// ```
    /// use pinning_keys_core::PermissionSet;
    ///
    /// assert!(PermissionSet::EMPTY.is_subset(PermissionSet::ESCALATING));
    /// ```
    pub const fn is_subset(self, other: Self) -> bool {
        other.0.contains(self.0)
    }

    /// Whether the two sets have no permission in common.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, PermissionSet};
    ///
    /// let list = PermissionSet::from(Permission::PinsList);
    /// assert!(list.is_disjoint(PermissionSet::ESCALATING));
    /// ```
    pub const fn is_disjoint(self, other: Self) -> bool {
        !self.0.intersects(other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The number of permissions in the set.
    pub const fn len(self) -> usize {
        self.0.bits().count_ones() as usize
    }

    /// Whether everything in `other` is also in this set.
    ///
    /// ```
    /// use pinning_keys_core::PermissionSet;
    ///
    /// assert!(PermissionSet::ALL.is_superset(PermissionSet::ESCALATING));
    /// ```
    pub const fn is_superset(self, other: Self) -> bool {
        other.is_subset(self)
    }

    /// The permissions in the set, in the order of [`Permission::ALL`].
    pub fn iter(self) -> Permissions {
        Permissions { left: self }
    }

    /// The permissions' texts as a sentence lists them, separated by commas.
    pub(crate) fn comma_separated(self) -> impl fmt::Display {
        CommaSeparated(self)
    }

    /// The set with everything that its members imply; see [`Permission::implies`].
    pub(crate) const fn closed(self) -> Self {
        let mut set = self;
        let mut i = 0;
        while i < Permission::ALL.len() {
            if self.contains(Permission::ALL[i]) {
                set = set.union(Permission::ALL[i].implies());
            }
            i += 1;
        }
        set
    }
}

impl Default for PermissionSet {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl From<Permission> for PermissionSet {
    fn from(permission: Permission) -> Self {
        Self::of(&[permission])
    }
}

impl<const N: usize> From<[Permission; N]> for PermissionSet {
    fn from(permissions: [Permission; N]) -> Self {
        Self::of(&permissions)
    }
}

impl From<&[Permission]> for PermissionSet {
    fn from(permissions: &[Permission]) -> Self {
        Self::of(permissions)
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl Extend<Permission> for PermissionSet {
    fn extend<I: IntoIterator<Item = Permission>>(&mut self, permissions: I) {
        *self |= permissions.into_iter().collect::<Self>();
    }
}

impl<T: Into<Self>> BitOr<T> for PermissionSet {
    type Output = Self;

    fn bitor(self, other: T) -> Self {
        self.union(other.into())
    }
}

impl<T: Into<Self>> BitOrAssign<T> for PermissionSet {
    fn bitor_assign(&mut self, other: T) {
        *self = self.union(other.into());
    }
}

impl<T: Into<Self>> BitAnd<T> for PermissionSet {
    type Output = Self;

    fn bitand(self, other: T) -> Self {
        self.intersection(other.into())
    }
}

impl<T: Into<Self>> BitAndAssign<T> for PermissionSet {
    fn bitand_assign(&mut self, other: T) {
        *self = self.intersection(other.into());
    }
}

impl<T: Into<Self>> Sub<T> for PermissionSet {
    type Output = Self;

    fn sub(self, other: T) -> Self {
        self.difference(other.into())
    }
}

impl<T: Into<Self>> SubAssign<T> for PermissionSet {
    fn sub_assign(&mut self, other: T) {
        *self = self.difference(other.into());
    }
}

impl IntoIterator for PermissionSet {
    type Item = Permission;
    type IntoIter = Permissions;

    fn into_iter(self) -> Permissions {
        self.iter()
    }
}

impl IntoIterator for &PermissionSet {
    type Item = Permission;
    type IntoIter = Permissions;

    fn into_iter(self) -> Permissions {
        self.iter()
    }
}

/// The permissions in a [`PermissionSet`], in the order of [`Permission::ALL`].
///
/// ```
/// use pinning_keys_core::{Permission, PermissionSet};
///
/// let set = PermissionSet::of(&[Permission::PinsRemove, Permission::PinsList]);
/// assert_eq!(set.iter().len(), 2);
/// assert_eq!(set.iter().next(), Some(Permission::PinsList));
/// ```
#[derive(Clone, Debug)]
pub struct Permissions {
    left: PermissionSet,
}

impl Iterator for Permissions {
    type Item = Permission;

    fn next(&mut self) -> Option<Permission> {
        let first = Permission::ALL.get(self.left.0.bits().trailing_zeros() as usize).copied()?;
        self.left -= first;
        Some(first)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.len(), Some(self.left.len()))
    }
}

impl ExactSizeIterator for Permissions {}

impl FusedIterator for Permissions {}

/// The permissions' texts, separated by spaces; `nothing` for the empty set.
impl fmt::Display for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.pad("nothing");
        }
        padded(f, |f| join(f, self.iter(), " "))
    }
}

struct CommaSeparated(PermissionSet);

impl fmt::Display for CommaSeparated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, self.0.iter(), ", ")
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}

/// A list of the permissions' texts.
impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Permission>::deserialize(deserializer)?.into_iter().collect())
    }
}
