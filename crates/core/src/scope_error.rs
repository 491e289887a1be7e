use std::error::Error as StdError;
use std::fmt;

use crate::text::{join, nearest, shortened};
use crate::translation::{fewest_grants, least_reach, selected};
use crate::{Grant, Permission, PermissionSet, PermissionTable, ScopeRequest, UnknownPermission};

/// Why a [`ScopeRequest`] gets no key.
///
/// Its `Display` is several lines for people: what stands in the way, and the request that
/// would be granted instead. It never suggests an admin key as the easier way.
///
/// ```
/// use pinning_keys_core::{Permission, ScopeError, ScopeRequest};
/// use pinning_keys_pinata::RESOURCES;
///
/// let refusal = RESOURCES.translate(&ScopeRequest::uploader()).unwrap_err();
/// let ScopeError::Inexpressible(why) = refusal else { panic!("it can be asked for") };
/// assert_eq!(why.too_wide()[0].name(), "org:files:write");
/// assert!(why.beyond().contains(Permission::PinsRemove));
/// assert_eq!(why.fitting_table().unwrap().name(), "endpoints");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// The request needs nothing.
    Empty,
    /// An admin key was asked for, and bounds on what it may do.
    AdminWithBounds,
    /// An admin key was asked for by a scope, which may have been read from anywhere.
    AdminFromScope,
    /// A permission with which the holder can get others is preferred or tolerated.
    #[non_exhaustive]
    Escalating {
        /// The escalating permissions.
        permissions: PermissionSet,
        /// The tolerated native name that opens them, if one does.
        brought_by: Option<String>,
    },
    /// A tolerated text is neither a permission nor a native name.
    MalformedTolerance(UnknownPermission),
    /// A tolerated native name is not in the provider's vocabulary.
    #[non_exhaustive]
    UnknownGrant {
        /// The text that was tolerated, such as `pinata:org:file:write`.
        text: String,
        /// The text that was probably meant.
        nearest: Option<String>,
    },
    /// The provider has no grants that lie between the request's floor and its ceiling.
    Inexpressible(Box<Inexpressible>),
}

impl ScopeError {
    /// What to do about it, if anything is known.
    pub fn next_step(&self) -> Option<crate::NextStep> {
        None
    }

    pub(crate) fn unknown_grant(text: &str, name: &str, table: &PermissionTable) -> Self {
        let names = table.grants().iter().map(Grant::name);
        let siblings = table.siblings().iter().flat_map(|table| table.grants()).map(Grant::name);
        let nearest = nearest(name, names.chain(siblings));
        Self::UnknownGrant {
            text: text.to_owned(),
            nearest: nearest.map(|name| format!("{}:{name}", table.provider())),
        }
    }
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "the request needs nothing, and a key that may do nothing is not issued\n  \
                 name what it must be able to do:  ScopeRequest::needs([Permission::PinsList])",
            ),
            Self::AdminWithBounds => f.write_str(
                "an admin key may do everything, so it can neither prefer nor tolerate anything\n  \
                 to bound the key:  name what it must be able to do, with ScopeRequest::needs(…)\n  \
                 to bound nothing:  leave prefers(…) and tolerates(…) out",
            ),
            Self::AdminFromScope => f.write_str(
                "a scope that says \"admin\" is not enough to ask for an admin key\n  \
                 if this program is to make one, it says so itself:  ScopeRequest::admin()",
            ),
            Self::Escalating { permissions, brought_by: None } => write!(
                f,
                "{permissions} can be neither preferred nor tolerated: it lets a key make wider \
                 keys\n  if the key must have it, name it in needs"
            ),
            Self::Escalating { permissions, brought_by: Some(name) } => write!(
                f,
                "{name:?} cannot be tolerated: it opens {permissions}, which lets a key make wider \
                 keys\n  if the key must have {permissions}, name it in needs; if not, tolerate \
                 something narrower"
            ),
            Self::MalformedTolerance(unknown) => write!(
                f,
                "{unknown}\n  tolerates(…) takes a permission or a provider's native name, such as \
                 \"pinata:org:files:write\""
            ),
            Self::UnknownGrant { text, nearest } => {
                let provider = text.split_once(':').map_or("that provider", |(id, _)| id);
                write!(f, "{:?} is no permission of {provider}", shortened(text))?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean {nearest:?}?"),
                    None => f.write_str("; its table lists them: PermissionTable::grants"),
                }
            }
            Self::Inexpressible(why) => why.fmt(f),
        }
    }
}

impl StdError for ScopeError {}

impl From<Inexpressible> for ScopeError {
    fn from(why: Inexpressible) -> Self {
        Self::Inexpressible(Box::new(why))
    }
}

/// Why a provider cannot express a request, and what it could express instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inexpressible {
    table: &'static PermissionTable,
    needs: PermissionSet,
    is_exact: bool,
    unopened: PermissionSet,
    /// What grants open, but none of them within the ceiling.
    uncovered: PermissionSet,
    too_wide: Vec<&'static Grant>,
    beyond: PermissionSet,
    fitting: Option<Fitting>,
}

/// Another table of the provider, which can express the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fitting {
    table: &'static PermissionTable,
    /// Whether nothing beyond the needs would be granted there.
    is_exact: bool,
}

impl Inexpressible {
    /// Works out why `request`, of which nothing beyond `ceiling` may be granted, fails.
    pub(crate) fn explain(
        table: &'static PermissionTable,
        request: &ScopeRequest,
        ceiling: PermissionSet,
    ) -> Self {
        let needs = request.needed();
        let openable = needs & table.reach();
        let uncovered = openable - least_reach(table, openable, ceiling).reach;
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

    /// What is needed but opened by no grant of the table.
    pub fn unopened(&self) -> PermissionSet {
        self.unopened
    }

    /// The part of [`unopened`](Self::unopened) that an admin key can do at this provider.
    pub fn admin_only(&self) -> PermissionSet {
        self.unopened & self.table.admin_only()
    }

    /// The narrowest grants that would open the rest, but open too much besides.
    pub fn too_wide(&self) -> &[&'static Grant] {
        &self.too_wide
    }

    /// What those grants would bring along that was not asked for.
    pub fn beyond(&self) -> PermissionSet {
        self.beyond
    }

    /// Another table of the same provider that can express the request.
    pub fn fitting_table(&self) -> Option<&'static PermissionTable> {
        self.fitting.map(|fitting| fitting.table)
    }

    /// What of [`beyond`](Self::beyond) can be tolerated by no request.
    fn escalation(&self) -> PermissionSet {
        self.beyond & PermissionSet::ESCALATING
    }
}

/// The narrowest grant for each of the permissions, whatever else it opens.
fn narrowest_grants(table: &PermissionTable, permissions: PermissionSet) -> Vec<&'static Grant> {
    let reach = least_reach(table, permissions, PermissionSet::ALL).reach;
    selected(table, fewest_grants(table, reach)).collect()
}

/// How a sibling table expresses the request, if it can. Asked without an explanation, since
/// siblings point to each other.
fn fits(table: &'static PermissionTable, request: &ScopeRequest) -> Option<Fitting> {
    // What the request tolerates can be refused there, and then the table is no way out.
    let ceiling = request.ceiling() | request.native_tolerance(table).ok()?;
    let needs = request.needed();
    let reach = least_reach(table, needs | request.preferred(), ceiling).reach;
    needs.is_subset(reach).then_some(Fitting { table, is_exact: reach == needs })
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of what nothing opens, more is not to be had either.
        let exactly = if self.is_exact && self.unopened.is_empty() { "exactly " } else { "" };
        let needs = List(self.needs);
        write!(f, "cannot grant {exactly}{needs} at {}; nothing was sent", self.table)?;
        self.write_unopened(f)?;
        self.write_too_wide(f)?;
        self.write_fitting(f)
    }
}

impl Inexpressible {
    fn write_unopened(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let admin_only = self.admin_only();
        if !admin_only.is_empty() {
            write_list(f, "no scoped key can have", admin_only)?;
            f.write_str(" there: only admin keys do")?;
        }
        let unopened = self.unopened - admin_only;
        if !unopened.is_empty() {
            write_list(f, "no permission there opens", unopened)?;
        }
        if self.unopened == self.needs {
            // Nothing is left that could be asked for, but for what others could need.
            let elsewhere = unopened.is_empty() || self.fitting.is_some();
            return if elsewhere {
                Ok(())
            } else {
                write_list(
                    f,
                    "what keys can have there:",
                    self.table.reach() - PermissionSet::ESCALATING,
                )
            };
        }
        let escalating = self.unopened & PermissionSet::ESCALATING;
        let others = self.unopened - escalating;
        if !others.is_empty() {
            write!(f, "\n  to go without:   move {} from needs to prefers", List(others))?;
        }
        if !escalating.is_empty() {
            write!(f, "\n  to go without:   leave {} out of needs", List(escalating))?;
        }
        Ok(())
    }

    fn write_too_wide(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.too_wide.is_empty() {
            return Ok(());
        }
        let (noun, is, opens) = match self.too_wide.len() {
            1 => ("permission", "is", "opens"),
            _ => ("permissions", "are", "open"),
        };
        let names: Vec<_> = self.too_wide.iter().map(|grant| grant.name()).collect();
        let (names, uncovered) = (names.join(" and "), List(self.uncovered));
        let lead = format!("the narrowest {noun} for {uncovered} {is} {names}, which also {opens}");
        write_list(f, &lead, self.beyond)?;
        if self.escalation().is_empty() {
            f.write_str("\n  to accept this:  ")?;
            for grant in &self.too_wide {
                write!(f, ".tolerates(\"{}:{}\")", self.table.provider(), grant.name())?;
            }
            return Ok(());
        }
        let escalation = List(self.escalation());
        write!(
            f,
            "\n  {escalation} cannot be tolerated: it lets a key make wider keys\n  if the key \
             must have it, name it in needs"
        )
    }

    fn write_fitting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Fitting { table, is_exact }) = self.fitting else {
            return Ok(());
        };
        let label = if self.too_wide.is_empty() { "to have this: " } else { "to avoid this:" };
        let exactly = if is_exact { " exactly" } else { "" };
        let line =
            format!("  {label}   the table {} grants this{exactly}", table.name().to_uppercase());
        write!(f, "\n{line}")?;
        if table.serves().is_empty() {
            return Ok(());
        }
        let holders = format!("for key holders that call {}", table.serves());
        let fits = line.chars().count() + ", ".len() + holders.chars().count() <= LINE_CHARS;
        let separator = if fits { " " } else { "\n                   " };
        write!(f, ",{separator}{holders}")
    }
}

/// The longest line of a text for people, in characters.
const LINE_CHARS: usize = 100;

/// Writes a line that ends in a list, which continues in lines of its own where it is long.
fn write_list(f: &mut fmt::Formatter<'_>, lead: &str, set: PermissionSet) -> fmt::Result {
    let line = format!("  {lead} {}", List(set));
    if line.chars().count() <= LINE_CHARS {
        return write!(f, "\n{line}");
    }
    write!(f, "\n  {lead}")?;
    let mut column = LINE_CHARS;
    for (i, permission) in set.iter().enumerate() {
        if i > 0 {
            f.write_str(",")?;
        }
        // The comma behind it counts too.
        let chars = " ,".len() + permission.as_str().len();
        if column + chars > LINE_CHARS {
            f.write_str("\n   ")?;
            column = "   ".len();
        }
        write!(f, " {permission}")?;
        column += chars;
    }
    Ok(())
}

/// A set as people read it in a sentence, with commas.
struct List(PermissionSet);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, self.0.iter().map(Permission::as_str), ", ")
    }
}
