use crate::search::{fewest_grants, least_cover, selected};
use crate::{Grant, NextStep, PermissionSet, PermissionTable, ScopeChange, ScopeRequest};

/// Why a provider cannot express a request, and what it could express instead.
///
/// `Display` is one line; `{:#}` adds everything that the narrowest grants would also open, and
/// the changes from [`next_step`](Self::next_step).
///
/// ```
/// use pinning_keys_core::{Permission, ScopeError, ScopeRequest};
/// use pinning_keys_pinata::RESOURCES;
///
/// let refusal = RESOURCES.translate(&ScopeRequest::uploader()).unwrap_err();
/// let ScopeError::Inexpressible(why) = refusal else { panic!("the request itself is fine") };
/// assert_eq!(why.too_wide()[0].name(), "org:files:write");
/// assert!(why.beyond().contains(Permission::PinsRemove));
/// assert_eq!(why.fitting_table().unwrap().name(), "endpoints");
/// assert_eq!(
///     why.to_string(),
///     "pinata (resources) cannot grant exactly pins:add-file: the narrowest grant, \
///      org:files:write, also opens 10 other permissions",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inexpressible {
    table: &'static PermissionTable,
    needs: PermissionSet,
    is_exact: bool,
    unopened: PermissionSet,
    /// What grants open, but none within the ceiling.
    uncovered: PermissionSet,
    too_wide: Vec<&'static Grant>,
    beyond: PermissionSet,
    fitting: Option<Fitting>,
}

/// Another table of the provider, which can express the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fitting {
    table: &'static PermissionTable,
    /// Whether that table would grant nothing beyond the needs.
    is_exact: bool,
}

impl Inexpressible {
    /// Works out why `request`, which needs these permissions here, fails if nothing beyond
    /// `ceiling` may be granted.
    pub(crate) fn explain(
        table: &'static PermissionTable,
        request: &ScopeRequest,
        needs: PermissionSet,
        ceiling: PermissionSet,
    ) -> Self {
        let openable = needs & table.reach();
        let uncovered = openable - least_cover(table, openable, ceiling).reach;
        let too_wide = narrowest_grants(table, uncovered);
        let beyond = too_wide.iter().fold(PermissionSet::EMPTY, |all, grant| all | grant.opens());
        Self {
            table,
            needs,
            is_exact: ceiling == needs,
            unopened: needs - table.reach(),
            uncovered,
            beyond: beyond - ceiling,
            too_wide,
            fitting: table.siblings().iter().find_map(|sibling| fits(sibling, request)),
        }
    }

    /// The table that was asked.
    pub fn table(&self) -> &'static PermissionTable {
        self.table
    }

    /// The permissions that the request needs.
    pub fn needed(&self) -> PermissionSet {
        self.needs
    }

    /// Whether the request allowed nothing beyond what it needs.
    pub fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// What is needed, but opened by no grant of the table.
    pub fn unopened(&self) -> PermissionSet {
        self.unopened
    }

    /// The part of [`unopened`](Self::unopened) that only an admin key can do at this provider.
    pub fn admin_only(&self) -> PermissionSet {
        self.unopened & self.table.admin_only()
    }

    /// What is needed and opened by grants, but only by grants that open too much.
    pub fn uncovered(&self) -> PermissionSet {
        self.uncovered
    }

    /// The narrowest grants for [`uncovered`](Self::uncovered).
    pub fn too_wide(&self) -> &[&'static Grant] {
        &self.too_wide
    }

    /// What those grants would also open that was not asked for.
    pub fn beyond(&self) -> PermissionSet {
        self.beyond
    }

    /// The part of [`beyond`](Self::beyond) that no request can tolerate.
    pub fn escalation(&self) -> PermissionSet {
        self.beyond & PermissionSet::ESCALATING
    }

    /// Another table of the same provider that can express the request.
    pub fn fitting_table(&self) -> Option<&'static PermissionTable> {
        self.fitting.map(|fitting| fitting.table)
    }

    /// The changes that would make the request expressible, or the key unnecessary, if there are
    /// any. An admin key is never among them.
    pub fn next_step(&self) -> Option<NextStep> {
        let changes: Vec<_> = self
            .without_unopened()
            .chain(self.with_wider_grants())
            .chain(
                self.fitting
                    .map(|Fitting { table, is_exact }| ScopeChange::UseTable { table, is_exact }),
            )
            .chain(self.table.way_without_key(self.needs).map(ScopeChange::GoWithoutKey))
            .collect();
        (!changes.is_empty()).then_some(NextStep::ChangeScope(changes))
    }

    /// How to go without what no grant opens. If nothing else is needed, nothing would be left.
    fn without_unopened(&self) -> impl Iterator<Item = ScopeChange> + use<> {
        let unopened =
            if self.unopened == self.needs { PermissionSet::EMPTY } else { self.unopened };
        let escalating = unopened & PermissionSet::ESCALATING;
        let prefer = Some(unopened - escalating).filter(|set| !set.is_empty());
        let drop = Some(escalating).filter(|set| !set.is_empty());
        prefer.map(ScopeChange::Prefer).into_iter().chain(drop.map(ScopeChange::Drop))
    }

    fn with_wider_grants(&self) -> Option<ScopeChange> {
        if self.too_wide.is_empty() {
            return None;
        }
        if !self.escalation().is_empty() {
            return Some(ScopeChange::Need(self.escalation()));
        }
        let provider = self.table.provider();
        let grants = self.too_wide.iter().map(|grant| format!("{provider}:{}", grant.name()));
        Some(ScopeChange::Tolerate(grants.collect()))
    }
}

/// The narrowest grant for each of the permissions, whatever else it opens.
fn narrowest_grants(table: &PermissionTable, permissions: PermissionSet) -> Vec<&'static Grant> {
    let reach = least_cover(table, permissions, PermissionSet::ALL).reach;
    selected(table, fewest_grants(table, reach, PermissionSet::EMPTY)).collect()
}

/// How a sibling table expresses the request, if it can. It is not asked for an explanation,
/// because siblings point to each other.
fn fits(table: &'static PermissionTable, request: &ScopeRequest) -> Option<Fitting> {
    // The sibling may refuse what the request tolerates or names, and is then no way out.
    let named = request.named_at(table).ok()?;
    let ceiling = request.ceiling() | named.opens | named.tolerated;
    let needs = request.needed() | named.opens;
    let cover = least_cover(table, (needs | request.preferred()) - named.opens, ceiling);
    let reach = cover.reach | named.opens;
    needs.is_subset(reach).then_some(Fitting { table, is_exact: reach == needs })
}
