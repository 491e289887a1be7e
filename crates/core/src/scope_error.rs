use std::error::Error as StdError;
use std::fmt;

use crate::inexpressible::Inexpressible;
use crate::text::{nearest, shortened};
use crate::{
    Grant, NextStep, Permission, PermissionSet, PermissionTable, ScopeChange, UnknownPermission,
};

/// Why a [`ScopeRequest`](crate::ScopeRequest) is refused.
///
/// `Display` is one line; `{:#}` adds what to do about it, from [`next_step`](Self::next_step).
/// It never suggests an admin key as the easier way.
///
/// ```
/// use pinning_keys_core::{Permission, ScopeError, ScopeRequest};
///
/// let request = ScopeRequest::reader().tolerates(Permission::KeysManage);
/// let error = request.check().unwrap_err();
/// assert!(matches!(error, ScopeError::Escalating { .. }));
/// assert_eq!(
///     format!("{error:#}"),
///     "keys:manage cannot be preferred or tolerated, because it lets a key issue wider keys\n  \
///      to allow it:     name keys:manage in needs",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// The request needs nothing.
    Empty,
    /// The request asks for an admin key and also bounds what the key may do.
    AdminWithBounds,
    /// A scope, which may have been read from anywhere, asks for an admin key.
    AdminFromScope,
    /// The request prefers or tolerates a permission with which the holder can get others.
    #[non_exhaustive]
    Escalating {
        /// The escalating permissions.
        permissions: PermissionSet,
        /// The tolerated grant that opens them, with the provider's id in front, if one does.
        brought_by: Option<String>,
    },
    /// The request names a grant with which the holder can get more, and does not need
    /// [`keys:manage`](crate::Permission::KeysManage).
    #[non_exhaustive]
    EscalatingGrant {
        /// The text that was needed or tolerated, such as `b2:writeKeys`.
        text: String,
    },
    /// A text in [`needs_native`](crate::ScopeRequest::needs_native) is no grant with a provider's
    /// id in front.
    #[non_exhaustive]
    MalformedGrant {
        /// The text that was needed.
        text: String,
    },
    /// The request needs a grant of another provider, or of another table of this one.
    #[non_exhaustive]
    ForeignGrant {
        /// The text that was needed, such as `b2:readFiles`.
        text: String,
        /// The table that was asked.
        table: &'static PermissionTable,
        /// The other table of the same provider that has the grant, if one does.
        sibling: Option<&'static PermissionTable>,
    },
    /// A tolerated text is neither a permission nor a grant with a provider's id in front.
    MalformedTolerance(UnknownPermission),
    /// The provider has no grant of a needed or tolerated name.
    #[non_exhaustive]
    UnknownGrant {
        /// The text that was needed or tolerated, such as `pinata:org:file:write`.
        text: String,
        /// The text that was probably meant.
        nearest: Option<String>,
        /// The table that was asked.
        table: &'static PermissionTable,
    },
    /// No grants of the provider lie between the request's floor and its ceiling.
    Inexpressible(Box<Inexpressible>),
}

impl ScopeError {
    /// What to do about it, if anything is known.
    ///
    /// ```
    /// use pinning_keys_core::{KeyScope, NextStep, ScopeRequest};
    ///
    /// let error = ScopeRequest::exactly(KeyScope::admin()).unwrap_err();
    /// let step = NextStep::from("to issue an admin key:  ScopeRequest::admin()");
    /// assert_eq!(error.next_step(), Some(step));
    /// ```
    pub fn next_step(&self) -> Option<NextStep> {
        Some(match self {
            Self::Empty => {
                "name what the key must be able to do, such as pins:list, in needs".into()
            }
            Self::AdminWithBounds => {
                "to bound the key, name what it must be able to do in needs; for an admin key, \
                 remove prefers and tolerates"
                    .into()
            }
            Self::AdminFromScope => "to issue an admin key:  ScopeRequest::admin()".into(),
            Self::Escalating { permissions, .. } => {
                NextStep::ChangeScope(vec![ScopeChange::Need(*permissions)])
            }
            Self::EscalatingGrant { .. } => {
                NextStep::ChangeScope(vec![ScopeChange::Need(PermissionSet::ESCALATING)])
            }
            Self::MalformedGrant { text } => match text.parse::<Permission>() {
                Ok(permission) => format!("name {permission} in needs").into(),
                Err(_) => "write it such as pinata:org:files:read".into(),
            },
            Self::ForeignGrant { sibling: Some(table), .. } => {
                let change = ScopeChange::UseTable { table, is_exact: false };
                NextStep::ChangeScope(vec![change])
            }
            Self::ForeignGrant { text, table, sibling: None } => {
                let other = text.split_once(':').map_or("its provider", |(id, _)| id);
                let provider = table.provider();
                format!(
                    "issue the key at {other}, or name in needs what it must be able to do at \
                     {provider}",
                    other = shortened(other).escape_debug(),
                )
                .into()
            }
            Self::MalformedTolerance(_) => "tolerate a permission or a provider's grant, such as \
                 pinata:org:files:write"
                .into(),
            Self::UnknownGrant { nearest: None, table, .. } => {
                let names: Vec<_> = table.grants().iter().map(Grant::name).collect();
                format!("the grants of {table} are {}", names.join(", ")).into()
            }
            Self::UnknownGrant { .. } => return None,
            Self::Inexpressible(why) => return why.next_step(),
        })
    }

    pub(crate) fn unknown_grant(text: &str, name: &str, table: &'static PermissionTable) -> Self {
        let names = table.grants().iter().map(Grant::name);
        let siblings = table.siblings().iter().flat_map(|table| table.grants()).map(Grant::name);
        let nearest = nearest(name, names.chain(siblings));
        Self::UnknownGrant {
            text: text.to_owned(),
            nearest: nearest.map(|name| format!("{}:{name}", table.provider())),
            table,
        }
    }

    /// What `{:#}` adds to the line before the next step.
    pub(crate) fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inexpressible(why) => why.write_details(f),
            _ => Ok(()),
        }
    }

    fn write_line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the request needs nothing, so the key could do nothing"),
            Self::AdminWithBounds => f.write_str(
                "an admin key can do everything, so it cannot prefer or tolerate anything",
            ),
            Self::AdminFromScope => f.write_str("a scope cannot ask for an admin key"),
            Self::Escalating { permissions, brought_by: None } => {
                let permissions = permissions.comma_separated();
                write!(f, "{permissions} cannot be preferred or tolerated, ")?;
                f.write_str("because it lets a key issue wider keys")
            }
            Self::Escalating { permissions, brought_by: Some(name) } => {
                let permissions = permissions.comma_separated();
                write!(f, "{name:?} cannot be tolerated: it opens {permissions}, ")?;
                f.write_str("which lets a key issue wider keys")
            }
            Self::EscalatingGrant { text } => {
                write!(f, "{:?} needs keys:manage too, ", shortened(text))?;
                f.write_str("because it lets the holder get more than the key grants")
            }
            Self::MalformedGrant { text } => {
                write!(f, "{:?} is not a grant in the form provider:grant", shortened(text))
            }
            Self::ForeignGrant { text, table, .. } => {
                write!(f, "{table} has no grant {:?}, which the key needs", shortened(text))
            }
            Self::MalformedTolerance(unknown) => fmt::Display::fmt(unknown, f),
            Self::UnknownGrant { text, nearest, .. } => {
                let provider = text.split_once(':').map_or("the provider", |(id, _)| id);
                write!(f, "{provider} has no grant {:?}", shortened(text))?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean {nearest:?}?"),
                    None => Ok(()),
                }
            }
            Self::Inexpressible(why) => write!(f, "{why}"),
        }
    }
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_line(f)?;
        if !f.alternate() {
            return Ok(());
        }
        self.write_details(f)?;
        match self.next_step() {
            Some(step) => write!(f, "\n  {step}"),
            None => Ok(()),
        }
    }
}

impl StdError for ScopeError {}

impl From<Inexpressible> for ScopeError {
    fn from(why: Inexpressible) -> Self {
        Self::Inexpressible(Box::new(why))
    }
}
