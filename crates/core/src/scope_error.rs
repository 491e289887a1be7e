use std::error::Error as StdError;
use std::fmt;

use crate::inexpressible::Inexpressible;
use crate::text::{nearest, shortened};
use crate::{Grant, NextStep, PermissionSet, PermissionTable, ScopeChange, UnknownPermission};

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
    /// A tolerated text is neither a permission nor a grant with a provider's id in front.
    MalformedTolerance(UnknownPermission),
    /// The provider has no grant of a tolerated name.
    #[non_exhaustive]
    UnknownGrant {
        /// The text that was tolerated, such as `pinata:org:file:write`.
        text: String,
        /// The text that was probably meant.
        nearest: Option<String>,
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
            Self::MalformedTolerance(_) => "tolerate a permission or a provider's grant, such as \
                 pinata:org:files:write"
                .into(),
            Self::UnknownGrant { nearest: None, .. } => {
                "the grants of each provider are listed in docs/permissions.md".into()
            }
            Self::UnknownGrant { .. } => return None,
            Self::Inexpressible(why) => return why.next_step(),
        })
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
            Self::MalformedTolerance(unknown) => fmt::Display::fmt(unknown, f),
            Self::UnknownGrant { text, nearest } => {
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
