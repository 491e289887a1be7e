use std::fmt;

use crate::table_rules::first_fault;
use crate::text::padded;
use crate::translation::{self, Translation};
use crate::{
    DataRoute, Grant, Permission, PermissionSet, Reading, ScopeError, ScopeRequest, TableFault,
    reading,
};

/// A provider's grants, and the permissions that each of them opens.
///
/// Describe a provider in one `static`. [`new`](Self::new) checks the table at compile time, so
/// that every request has one best answer, which is found in one pass:
///
/// * Two grants open disjoint sets, or one includes what the other opens. Of two that open the same,
///   the first is granted.
/// * The narrower of two nested grants comes first.
/// * Names are unique. A grant that opens no permission is made by [`Grant::native`].
/// * Each grant that opens permissions has a wire name that only grants which include it share, and
///   each one that lets the holder get more has one that only such grants share. Otherwise, a key
///   with some of the grants could have another one unasked.
/// * A [compound](Grant::with_wire_names) grant has the wire names of what its permissions imply.
/// * The provider's id is not the first word of a permission, such as `pins`.
///
/// The compiler's error names the grants that break a rule, and [`check`](Self::check) returns the
/// same text.
///
/// ```
/// use pinning_keys_core::{Grant, Permission, PermissionTable, ScopeRequest};
///
/// static GRANTS: [Grant; 2] = [
///     Grant::new("read", &[Permission::PinsList]),
///     Grant::new("write", &[Permission::PinsList, Permission::PinsAddFile]),
/// ];
/// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
///
/// let translation = TABLE.translate(&ScopeRequest::reader())?;
/// assert_eq!(translation.grants().map(|grant| grant.name()).collect::<Vec<_>>(), ["read"]);
/// # Ok::<(), pinning_keys_core::ScopeError>(())
/// ```
///
/// A table whose grants overlap is refused by the compiler:
///
/// ```compile_fail,E0080
/// use pinning_keys_core::{Grant, Permission, PermissionTable};
///
/// static GRANTS: [Grant; 2] = [
///     Grant::new("a", &[Permission::PinsList, Permission::PinsAddFile]),
///     Grant::new("b", &[Permission::PinsList, Permission::PinsRemove]),
/// ];
/// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
/// # let _ = TABLE.grants();
/// ```
///
/// Changing what an existing grant opens is a breaking change, because it changes what existing
/// requests are granted.
pub struct PermissionTable {
    provider: &'static str,
    name: &'static str,
    grants: &'static [Grant],
    /// Computed once, because every translation needs it.
    reach: PermissionSet,
    is_flat: bool,
    /// A bit for each grant that is granted only by name: it opens nothing, or the same as an
    /// earlier one.
    by_name_only: u64,
    admin_only: PermissionSet,
    serves: &'static str,
    routes: &'static [DataRoute],
    keyless: PermissionSet,
    keyless_way: &'static str,
    unknowns: &'static [&'static str],
    siblings: &'static [&'static PermissionTable],
}

impl PermissionTable {
    /// A table of a provider's grants; `name` distinguishes it from the provider's other tables.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission, PermissionTable};
    ///
    /// static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    /// assert_eq!(TABLE.to_string(), "example (grants)");
    /// ```
    ///
    /// # Panics
    ///
    /// If the grants break one of the rules above. In a `static` or `const`, where tables belong,
    /// that is a compile error.
    #[must_use]
    pub const fn new(provider: &'static str, name: &'static str, grants: &'static [Grant]) -> Self {
        if let Some(fault) = first_fault(provider, name, grants) {
            // With the names of the grants, which a formatted panic in a constant could not have.
            panic!("{}", fault.text().as_str());
        }
        let by_name_only = by_name_only(grants);
        Self {
            provider,
            name,
            grants,
            reach: reach_of(grants),
            is_flat: is_flat(grants, by_name_only),
            by_name_only,
            admin_only: PermissionSet::EMPTY,
            serves: "",
            routes: &[],
            keyless: PermissionSet::EMPTY,
            keyless_way: "",
            unknowns: &[],
            siblings: &[],
        }
    }

    /// Checks the rules above, and names the grants that break one. It suits tests of a table that
    /// does not compile yet, and tables that are not constants.
    ///
    /// ```
    /// use pinning_keys_core::{Grant, Permission, PermissionTable};
    ///
    /// static GRANTS: [Grant; 2] =
    ///     [Grant::new("write", &[Permission::GroupsWrite]), Grant::new("read", &[Permission::GroupsRead])];
    /// let fault = PermissionTable::check("example", "grants", &GRANTS).unwrap_err();
    /// assert_eq!(fault.to_string(), "grant read comes after write, which includes it");
    /// ```
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn check(
        provider: &'static str,
        name: &'static str,
        grants: &'static [Grant],
    ) -> Result<(), TableFault> {
        first_fault(provider, name, grants).map_or(Ok(()), Err)
    }

    /// Sets what only an admin key can do at this provider.
    ///
    /// ```
    /// # use pinning_keys_core::{Grant, Permission, PermissionTable};
    /// # static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS)
    ///     .with_admin_only(&[Permission::KeysManage]);
    /// assert!(TABLE.admin_only().contains(Permission::KeysManage));
    /// ```
    ///
    /// # Panics
    ///
    /// If a grant opens one of them. In a `static` or `const` that is a compile error.
    #[must_use]
    pub const fn with_admin_only(mut self, permissions: &[Permission]) -> Self {
        self.admin_only = PermissionSet::of(permissions);
        assert!(
            self.admin_only.is_disjoint(self.reach()),
            "a grant opens an admin-only permission"
        );
        self
    }

    /// Sets the routes that keys of this table serve, as in "for key holders that call …".
    ///
    /// ```
    /// # use pinning_keys_core::{Grant, Permission, PermissionTable};
    /// # static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    /// static TABLE: PermissionTable =
    ///     PermissionTable::new("example", "grants", &GRANTS).with_serves("/v3/*");
    /// assert_eq!(TABLE.serves(), "/v3/*");
    /// ```
    #[must_use]
    pub const fn with_serves(mut self, routes: &'static str) -> Self {
        self.serves = routes;
        self
    }

    /// Sets the routes that carry out what the grants open. Of several routes for a permission, the
    /// main one comes first.
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, Grant, Permission, PermissionTable};
    /// # use pinning_keys_core::http::Method;
    /// # static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    /// static ROUTES: [DataRoute; 1] =
    ///     [DataRoute::new(Permission::PinsList, Method::GET, "/files", CredentialForm::Bearer)];
    /// static TABLE: PermissionTable =
    ///     PermissionTable::new("example", "grants", &GRANTS).with_routes(&ROUTES);
    /// assert_eq!(TABLE.routes()[0].path(), "/files");
    /// ```
    ///
    /// # Panics
    ///
    /// If no grant opens the permission of a route. In a `static` or `const` that is a compile
    /// error.
    #[must_use]
    pub const fn with_routes(mut self, routes: &'static [DataRoute]) -> Self {
        let mut i = 0;
        while i < routes.len() {
            assert!(
                self.reach.contains(routes[i].permission()),
                "no grant opens the permission of a route"
            );
            i += 1;
        }
        self.routes = routes;
        self
    }

    /// Sets what the provider lets others do without a key, and how, so that a refusal can point to
    /// it.
    ///
    /// ```
    /// # use pinning_keys_core::{Grant, Permission, PermissionTable, ScopeRequest};
    /// static GRANTS: [Grant; 1] =
    ///     [Grant::new("write", &[Permission::PinsAddFile, Permission::PinsRemove])];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS)
    ///     .with_keyless(&[Permission::PinsAddFile], "sign_upload signs a URL for uploads");
    ///
    /// let refusal = TABLE.translate(&ScopeRequest::uploader()).unwrap_err();
    /// let advice = refusal.next_step().unwrap().to_string();
    /// assert!(advice.ends_with("to need no key:  sign_upload signs a URL for uploads"));
    /// ```
    #[must_use]
    pub const fn with_keyless(mut self, permissions: &[Permission], way: &'static str) -> Self {
        self.keyless = PermissionSet::of(permissions);
        self.keyless_way = way;
        self
    }

    /// Sets what no provider document settles about the grants, one sentence each.
    ///
    /// ```
    /// # use pinning_keys_core::{Grant, Permission, PermissionTable};
    /// # static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    /// static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS)
    ///     .with_unknowns(&["whether read also opens /stats"]);
    /// assert_eq!(TABLE.unknowns().len(), 1);
    /// ```
    #[must_use]
    pub const fn with_unknowns(mut self, unknowns: &'static [&'static str]) -> Self {
        self.unknowns = unknowns;
        self
    }

    /// Sets the provider's other tables, so that a refusal can point to one that fits.
    ///
    /// ```
    /// # use pinning_keys_core::{Grant, Permission, PermissionTable};
    /// # static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    /// static OLD: PermissionTable = PermissionTable::new("example", "old", &GRANTS);
    /// static NEW: PermissionTable =
    ///     PermissionTable::new("example", "new", &GRANTS).with_siblings(&[&OLD]);
    /// assert_eq!(NEW.siblings(), [&OLD]);
    /// ```
    #[must_use]
    pub const fn with_siblings(mut self, siblings: &'static [&'static Self]) -> Self {
        self.siblings = siblings;
        self
    }

    /// The provider's id, such as `pinata`.
    pub const fn provider(&self) -> &'static str {
        self.provider
    }

    /// The table's name, such as `resources`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The grants, each before the wider ones that include it.
    pub const fn grants(&self) -> &'static [Grant] {
        self.grants
    }

    /// The text that names a grant in requests: the provider's id and the grant's name.
    pub(crate) fn native_name(&self, grant: &Grant) -> String {
        format!("{}:{}", self.provider, grant.name())
    }

    /// The grants that are sent with this wire name.
    pub(crate) fn grants_with(&self, name: &str) -> impl Iterator<Item = &'static Grant> {
        self.grants.iter().filter(move |grant| grant.wire_names().contains(&name))
    }

    /// Whether another grant opens exactly what this one opens.
    pub(crate) fn has_twin(&self, grant: &Grant) -> bool {
        self.grants.iter().filter(|other| other.opens() == grant.opens()).count() > 1
    }

    /// The grant of this name.
    ///
    /// ```
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// assert!(RESOURCES.grant("org:files:read").is_some());
    /// assert!(RESOURCES.grant("org:telepathy").is_none());
    /// ```
    pub fn grant(&self, name: &str) -> Option<&'static Grant> {
        self.grants.iter().find(|grant| grant.name() == name)
    }

    /// What only an admin key can do here.
    pub const fn admin_only(&self) -> PermissionSet {
        self.admin_only
    }

    /// The routes that keys of this table serve; empty if unknown.
    pub const fn serves(&self) -> &'static str {
        self.serves
    }

    /// The routes that carry out what the grants open, as far as they are known.
    pub const fn routes(&self) -> &'static [DataRoute] {
        self.routes
    }

    /// What no provider document settles about the grants, one sentence each.
    pub const fn unknowns(&self) -> &'static [&'static str] {
        self.unknowns
    }

    /// The provider's other tables.
    pub const fn siblings(&self) -> &'static [&'static Self] {
        self.siblings
    }

    /// Everything that the grants open together.
    pub const fn reach(&self) -> PermissionSet {
        self.reach
    }

    /// How to do all of this without a key, if there is a way.
    pub(crate) fn way_without_key(&self, needs: PermissionSet) -> Option<&'static str> {
        needs.is_subset(self.keyless).then_some(self.keyless_way)
    }

    /// Whether no grant includes another, so that only one set of grants opens a given set of
    /// permissions.
    pub(crate) const fn is_flat(&self) -> bool {
        self.is_flat
    }

    /// A bit for each grant that no permission alone leads to.
    pub(crate) const fn by_name_only(&self) -> u64 {
        self.by_name_only
    }

    /// Finds the grants that answer a request best.
    ///
    /// They open everything that the request needs, and nothing beyond what it needs, prefers or
    /// tolerates. Of the sets of grants that do, the answer covers the most of what is preferred,
    /// then opens the least beyond it, then has the fewest grants.
    ///
    /// Allocates nothing unless it fails.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    /// use pinning_keys_pinata::{ENDPOINTS, RESOURCES};
    ///
    /// let upload = ScopeRequest::uploader();
    /// assert_eq!(ENDPOINTS.translate(&upload)?.granted().to_string(), "pins:add-file");
    /// assert!(RESOURCES.translate(&upload).is_err(), "org:files:write also deletes");
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`ScopeError`] if the request is wrong at every provider ([`ScopeRequest::check`]),
    /// needs or tolerates a grant that the provider does not have, or cannot be expressed here. The
    /// next step of an [`Inexpressible`](crate::Inexpressible) is the request that would be granted.
    pub fn translate(&'static self, request: &ScopeRequest) -> Result<Translation, ScopeError> {
        translation::translate(self, request)
    }

    /// Reads what a key with these wire names may do.
    ///
    /// Names that the table does not know are kept, and make the reading a lower bound. So do names
    /// that are only a part of a [compound](Grant::with_wire_names) grant.
    ///
    /// ```
    /// # use pinning_keys_core::{Grant, Permission, PermissionTable};
    /// # static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    /// # static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    /// let reading = TABLE.read(["read", "telepathy"]);
    /// assert_eq!(reading.scope().to_string(), "pins:list");
    /// assert_eq!(reading.unknown(), ["telepathy"]);
    /// assert!(reading.is_lower_bound());
    /// ```
    pub fn read<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Reading {
        reading::read(self, names)
    }
}

/// Shows provider and name only.
impl fmt::Debug for PermissionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PermissionTable({self})")
    }
}

/// `pinata (resources)`, as in "at pinata (resources)".
impl fmt::Display for PermissionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, |f| write!(f, "{} ({})", self.provider, self.name))
    }
}

impl PartialEq for PermissionTable {
    fn eq(&self, other: &Self) -> bool {
        self.provider == other.provider && self.name == other.name
    }
}

impl Eq for PermissionTable {}

const fn reach_of(grants: &[Grant]) -> PermissionSet {
    let mut reach = PermissionSet::EMPTY;
    let mut i = 0;
    while i < grants.len() {
        reach = reach.union(grants[i].opens());
        i += 1;
    }
    reach
}

/// Whether all grants that permissions lead to are disjoint. Grants that are not are nested.
const fn is_flat(grants: &[Grant], by_name_only: u64) -> bool {
    let mut permissions = 0;
    let mut i = 0;
    while i < grants.len() {
        if by_name_only & (1 << i) == 0 {
            permissions += grants[i].opens().len();
        }
        i += 1;
    }
    permissions == reach_of(grants).len()
}

/// The grants that open nothing, or exactly what an earlier one opens.
const fn by_name_only(grants: &[Grant]) -> u64 {
    let mut bits = 0;
    let mut i = 0;
    while i < grants.len() {
        let mut is_first = !grants[i].opens().is_empty();
        let mut j = 0;
        while j < i {
            let (earlier, later) = (grants[j].opens(), grants[i].opens());
            is_first = is_first && !(earlier.is_subset(later) && later.is_subset(earlier));
            j += 1;
        }
        if !is_first {
            bits |= 1 << i;
        }
        i += 1;
    }
    bits
}
