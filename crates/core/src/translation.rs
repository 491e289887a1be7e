use std::fmt;

use crate::inexpressible::Inexpressible;
use crate::native_name::Named;
use crate::search::{Cover, fewest_grants, held, least_cover, selected, unshown};
use crate::{Grant, Granted, KeyScope, PermissionSet, PermissionTable, ScopeError, ScopeRequest};

/// The grants that answer a [`ScopeRequest`] at one provider, and what they open.
///
/// Returned by [`PermissionTable::translate`], before anything is sent.
///
/// ```
/// use pinning_keys_core::{Grant, ScopeRequest};
/// use pinning_keys_pinata::RESOURCES;
///
/// let request = ScopeRequest::uploader().tolerates("pinata:org:files:write");
/// let translation = RESOURCES.translate(&request)?;
/// assert_eq!(translation.grants().map(Grant::name).collect::<Vec<_>>(), ["org:files:write"]);
/// assert_eq!(translation.extra().len(), 10);
/// assert!(translation.missing().is_empty());
/// # Ok::<(), pinning_keys_core::ScopeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Translation {
    table: &'static PermissionTable,
    /// A bit for each of the table's grants.
    grants: u64,
    scope: KeyScope,
    missing: PermissionSet,
    extra: PermissionSet,
}

impl Translation {
    /// The table that was used.
    pub fn table(&self) -> &'static PermissionTable {
        self.table
    }

    /// The grants to send, in the order of the table. There are none for an admin key, which every
    /// provider issues by other means than its grants.
    pub fn grants(&self) -> impl Iterator<Item = &'static Grant> + use<> {
        selected(self.table, self.grants)
    }

    /// Every grant of the table, in its order, with whether to send it. Providers that take a flag
    /// for each grant need this. If grants share wire names, send the
    /// [`wire_names`](Self::wire_names) instead.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let translation = ENDPOINTS.translate(&ScopeRequest::reader())?;
    /// let sent = translation.each_grant().filter(|(_, is_sent)| *is_sent);
    /// assert_eq!(sent.count(), translation.grants().count());
    /// assert_eq!(translation.each_grant().count(), ENDPOINTS.grants().len());
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    pub fn each_grant(&self) -> impl Iterator<Item = (&'static Grant, bool)> + use<> {
        let chosen = self.grants;
        let grants = self.table.grants().iter().enumerate();
        grants.map(move |(i, grant)| (grant, chosen & 1 << i != 0))
    }

    /// Whether this grant of the table is among those to send.
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let translation = ENDPOINTS.translate(&ScopeRequest::uploader())?;
    /// assert!(translation.includes(ENDPOINTS.grant("pinning.pinFileToIPFS").unwrap()));
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    pub fn includes(&self, grant: &Grant) -> bool {
        self.grants().any(|chosen| chosen.name() == grant.name())
    }

    /// The wire names to send for the grants, each once. They are the names of the grants, unless
    /// some are [compound](Grant::with_wire_names).
    ///
    /// ```
    /// use pinning_keys_core::ScopeRequest;
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let translation = ENDPOINTS.translate(&ScopeRequest::uploader())?;
    /// assert_eq!(translation.wire_names().collect::<Vec<_>>(), ["pinning.pinFileToIPFS"]);
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    pub fn wire_names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let (table, grants) = (self.table, self.grants);
        table.grants().iter().enumerate().flat_map(move |(i, grant)| {
            let names = if grants & 1 << i == 0 { &[] } else { grant.wire_names() };
            let earlier = grants & ((1 << i) - 1);
            names.iter().copied().filter(move |name| {
                !selected(table, earlier).any(|grant| grant.wire_names().contains(name))
            })
        })
    }

    /// What a key with these grants may do.
    #[inline] // Nearly every table has no grants but those that the scope shows.
    pub fn granted(&self) -> Granted {
        // The wire names of a compound grant may include a native one that was not named.
        let held = match self.table.by_name_only() {
            0 => 0,
            _ => held(self.table, |name| self.wire_names().any(|sent| sent == *name)),
        };
        Granted::new(self.scope, self.table, unshown(self.table, held))
    }

    /// What is preferred and not granted.
    pub fn missing(&self) -> PermissionSet {
        self.missing
    }

    /// The permissions that are granted beyond what is needed and preferred: the tolerated part.
    pub fn extra(&self) -> PermissionSet {
        self.extra
    }
}

impl fmt::Debug for Translation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Translation")
            .field("table", &self.table)
            .field("grants", &self.grants().map(Grant::name).collect::<Vec<_>>())
            .field("granted", &self.granted())
            .field("missing", &self.missing)
            .field("extra", &self.extra)
            .finish_non_exhaustive()
    }
}

pub(crate) fn translate(
    table: &'static PermissionTable,
    request: &ScopeRequest,
) -> Result<Translation, ScopeError> {
    request.check()?;
    translate_checked(table, request)
}

/// The same for a request that was [checked](ScopeRequest::check).
pub(crate) fn translate_checked(
    table: &'static PermissionTable,
    request: &ScopeRequest,
) -> Result<Translation, ScopeError> {
    // Most requests name no grants.
    let named = if request.names_grants() { request.named_at(table)? } else { Named::NOTHING };
    if request.is_admin() {
        return Ok(Translation {
            table,
            grants: 0,
            scope: KeyScope::admin(),
            missing: PermissionSet::EMPTY,
            extra: PermissionSet::EMPTY,
        });
    }
    let Named { needed: by_name, opens, tolerated } = named;
    let needed = request.needed() | opens;
    let ceiling = request.ceiling() | opens | tolerated;
    let wanted = needed | request.preferred();
    let Cover { reach, grants } = least_cover(table, wanted - opens, ceiling);
    let reach = reach | opens;
    if !needed.is_subset(reach) {
        return Err(Inexpressible::explain(table, request, needed, ceiling).into());
    }
    let grants = if table.is_flat() { grants } else { fewest_grants(table, reach, opens) };
    Ok(Translation {
        table,
        grants: grants | by_name,
        scope: KeyScope::of_closed(reach),
        missing: request.preferred() - reach,
        extra: reach - wanted,
    })
}
