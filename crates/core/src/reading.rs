use std::fmt;

use crate::search::{held, selected, unshown};
use crate::text::{join, padded};
use crate::{Grant, KeyScope, PermissionSet, PermissionTable, Restriction};

/// What an existing key may do, read from its native grants.
///
/// `Display` shows all of it:
///
/// ```
/// use pinning_keys_core::Restriction;
/// use pinning_keys_pinata::RESOURCES;
///
/// let reading = RESOURCES.read(["org:files:read", "org:telepathy"]);
/// assert_eq!(reading.scope().to_string(), "pins:list pins:list-jobs");
/// assert!(reading.is_lower_bound(), "nobody knows what org:telepathy opens");
/// assert_eq!(reading.to_string(), "pins:list pins:list-jobs and more");
///
/// let confined = RESOURCES
///     .read(["org:groups:read"])
///     .with_restriction(Restriction::new("in group", "g1"));
/// assert_eq!(confined.to_string(), "groups:read (in group g1)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    scope: KeyScope,
    native: Vec<String>,
    partial: Vec<String>,
    unknown: Vec<String>,
    restrictions: Vec<Restriction>,
    /// Whether something native lets the holder get more.
    has_escalating_names: bool,
}

/// Reads the wire names of a key.
pub(crate) fn read<'a>(
    table: &PermissionTable,
    names: impl IntoIterator<Item = &'a str>,
) -> Reading {
    let names: Vec<_> = names.into_iter().collect();
    let held = held(table, |name| names.contains(name));
    let all = |bits, grant: &Grant| bits | grant.opens();
    let reach = selected(table, held).fold(PermissionSet::EMPTY, all);
    let mut reading = Reading::of(KeyScope::of_closed(reach));
    for grant in selected(table, unshown(table, held)) {
        reading.native.push(table.native_name(grant));
        reading.has_escalating_names |= grant.is_escalating();
    }
    for name in names {
        reading.explain(table, held, name);
    }
    reading
}

impl Reading {
    fn of(scope: KeyScope) -> Self {
        Self {
            scope,
            native: Vec::new(),
            partial: Vec::new(),
            unknown: Vec::new(),
            restrictions: Vec::new(),
            has_escalating_names: false,
        }
    }

    /// Keeps a wire name that belongs to none of the grants that the key has.
    fn explain(&mut self, table: &PermissionTable, held: u64, name: &str) {
        let (mut is_known, mut is_escalating) = (false, false);
        for (i, grant) in table.grants().iter().enumerate() {
            if grant.wire_names().contains(&name) {
                if held & 1 << i != 0 {
                    return;
                }
                is_known = true;
                is_escalating |= grant.is_escalating();
            }
        }
        self.has_escalating_names |= is_escalating;
        let kept = if is_known { &mut self.partial } else { &mut self.unknown };
        kept.push(name.to_owned());
    }

    /// The reading of a key that may do everything.
    ///
    /// ```
    /// # use pinning_keys_core::Reading;
    /// assert!(Reading::admin().scope().is_admin());
    /// ```
    #[must_use]
    pub fn admin() -> Self {
        Self::of(KeyScope::admin())
    }

    /// What the key may do at least, within its [restrictions](Self::restrictions).
    pub fn scope(&self) -> KeyScope {
        self.scope
    }

    /// The grants that the scope does not show, with the provider's id in front, as
    /// [`needs_native`](crate::ScopeRequest::needs_native) takes them: those that open no neutral
    /// permission, and those that open the same as another, unless it is just the first.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, PermissionTable};
    ///
    /// static GRANTS: [Grant; 1] = [Grant::native("readFiles")];
    /// static TABLE: PermissionTable = PermissionTable::new("b2", "capabilities", &GRANTS);
    /// assert_eq!(TABLE.read(["readFiles"]).native(), ["b2:readFiles"]);
    /// ```
    pub fn native(&self) -> &[String] {
        &self.native
    }

    /// The wire names that are only a part of a
    /// [compound grant](crate::Grant::with_wire_names). What they let the key do has no neutral
    /// name.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission, PermissionTable};
    ///
    /// static GRANTS: [Grant; 1] = [Grant::new("files-list", &[Permission::PinsList])
    ///     .with_wire_names(&["listBuckets", "listFiles"])];
    /// static TABLE: PermissionTable = PermissionTable::new("b2", "capabilities", &GRANTS);
    ///
    /// let reading = TABLE.read(["listFiles"]);
    /// assert_eq!(reading.partial(), ["listFiles"]);
    /// assert!(reading.scope().is_nothing());
    /// ```
    pub fn partial(&self) -> &[String] {
        &self.partial
    }

    /// The native grants that the table does not know.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// What the key is confined to; empty if it is not.
    pub fn restrictions(&self) -> &[Restriction] {
        &self.restrictions
    }

    /// Whether the key may be able to do more than [`scope`](Self::scope) and
    /// [`native`](Self::native) say, because of a wire name that is [unknown](Self::unknown) or only
    /// a [part](Self::partial) of a grant.
    ///
    /// A [restriction](Self::restrictions) does not matter here: it confines whatever the key may
    /// do.
    pub fn is_lower_bound(&self) -> bool {
        !self.unknown.is_empty() || !self.partial.is_empty()
    }

    /// Whether the holder may be able to get more than the key grants: an admin key, a key with
    /// [`keys:manage`](crate::Permission::KeysManage) or with a native grant that
    /// [escalates](crate::Grant::escalating), or one with an unknown grant.
    ///
    /// ```
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// assert!(RESOURCES.read(["org:write"]).may_escalate());
    /// assert!(RESOURCES.read(["org:telepathy"]).may_escalate());
    /// assert!(!RESOURCES.read(["org:files:write"]).may_escalate());
    /// ```
    pub fn may_escalate(&self) -> bool {
        let escalates = |set: PermissionSet| !set.is_disjoint(PermissionSet::ESCALATING);
        self.has_escalating_names
            || !self.unknown.is_empty()
            || self.scope.permissions().is_none_or(escalates)
    }

    /// What a key with the grants of both readings may do.
    ///
    /// ```
    /// use pinning_keys_pinata::{ENDPOINTS, RESOURCES};
    ///
    /// let both = RESOURCES.read(["org:groups:read"]).and(ENDPOINTS.read(["pinning.unpin"]));
    /// assert_eq!(both.scope().to_string(), "pins:remove groups:read");
    /// ```
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.scope = self.scope.and(other.scope);
        self.native.extend(other.native);
        self.partial.extend(other.partial);
        self.unknown.extend(other.unknown);
        self.restrictions.extend(other.restrictions);
        self.has_escalating_names |= other.has_escalating_names;
        self
    }

    /// Adds a native grant that could not be read, which makes this a lower bound.
    ///
    /// ```
    /// use pinning_keys_core::Reading;
    ///
    /// assert!(Reading::admin().with_unknown("superuser").is_lower_bound());
    /// ```
    #[must_use]
    pub fn with_unknown(mut self, grant: impl Into<String>) -> Self {
        self.unknown.push(grant.into());
        self
    }

    /// Adds a restriction of the key.
    ///
    /// ```
    /// use pinning_keys_core::Restriction;
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// let reading = RESOURCES.read(["org:files:read"]);
    /// let reading = reading.with_restriction(Restriction::new("in bucket", "b1"));
    /// assert!(!reading.is_lower_bound(), "the permissions are known");
    /// assert_eq!(reading.restrictions().len(), 1);
    /// ```
    #[must_use]
    pub fn with_restriction(mut self, restriction: Restriction) -> Self {
        self.restrictions.push(restriction);
        self
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, |f| {
            if self.native.is_empty() || !self.scope.is_nothing() {
                write!(f, "{}", self.scope)?;
            }
            let separator = if self.scope.is_nothing() { "" } else { " " };
            if !self.native.is_empty() {
                f.write_str(separator)?;
                join(f, &self.native, " ")?;
            }
            if self.is_lower_bound() {
                f.write_str(" and more")?;
            }
            if self.restrictions.is_empty() {
                return Ok(());
            }
            f.write_str(" (")?;
            join(f, &self.restrictions, ", ")?;
            f.write_str(")")
        })
    }
}
