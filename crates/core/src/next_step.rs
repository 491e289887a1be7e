use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::text::join;
use crate::{KeyName, PermissionSet, PermissionTable};

/// What to do about an [`Error`](crate::Error), as a value that a program can act on.
///
/// `Display` words it as Rust calls; a program with another surface, such as a command line,
/// matches on the variants and writes its own. `{:#}` of an error appends it.
///
/// ```
/// use pinning_keys_core::{KeyName, NextStep};
///
/// let step = NextStep::Reconcile(KeyName::new("user-42-7f3k")?);
/// assert_eq!(
///     step.to_string(),
///     r#"to settle it:  issuer.reconcile(&KeyName::new("user-42-7f3k")?)   finds the key by its exact name and revokes it"#,
/// );
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Follow this advice, which fits no other variant.
    Advice(Cow<'static, str>),
    /// Find the key that may exist by its exact name and revoke it:
    /// [`KeyIssuerExt::reconcile`](crate::KeyIssuerExt::reconcile).
    Reconcile(KeyName),
    /// Make the same call again after this time.
    RetryAfter(Duration),
    /// Revoke the key again; it is harmless, and the key may still work.
    RevokeAgain,
    /// Change the scope request in one of these ways. After a [`ScopeChange::Need`],
    /// [`ScopeChange::Prefer`] or [`ScopeChange::Drop`], the request may be refused for another
    /// reason, with its own next step.
    ChangeScope(Vec<ScopeChange>),
}

/// A change to a [`ScopeRequest`](crate::ScopeRequest) that a provider refuses.
///
/// ```
/// use pinning_keys_core::{NextStep, ScopeChange, ScopeRequest};
/// use pinning_keys_pinata::RESOURCES;
///
/// let refusal = RESOURCES.translate(&ScopeRequest::uploader()).unwrap_err();
/// let Some(NextStep::ChangeScope(changes)) = refusal.next_step() else { panic!() };
/// assert_eq!(changes[0], ScopeChange::Tolerate(vec!["pinata:org:files:write".to_owned()]));
/// assert!(matches!(&changes[1], ScopeChange::UseTable { table, .. } if table.name() == "endpoints"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeChange {
    /// Tolerate these grants, each with the provider's id in front:
    /// [`ScopeRequest::tolerates`](crate::ScopeRequest::tolerates).
    Tolerate(Vec<String>),
    /// Issue keys of another table of the same provider.
    #[non_exhaustive]
    UseTable {
        /// The table that can express the request.
        table: &'static PermissionTable,
        /// Whether that table grants nothing beyond what is needed.
        is_exact: bool,
    },
    /// Need these permissions by name; they cannot be tolerated.
    Need(PermissionSet),
    /// Prefer these permissions instead of needing them.
    Prefer(PermissionSet),
    /// Do not need these permissions.
    Drop(PermissionSet),
    /// Issue no key: the provider has this way to do it without one, in the words of
    /// [`PermissionTable::with_keyless`].
    GoWithoutKey(&'static str),
}

impl From<&'static str> for NextStep {
    fn from(advice: &'static str) -> Self {
        Self::Advice(advice.into())
    }
}

impl From<String> for NextStep {
    fn from(advice: String) -> Self {
        Self::Advice(advice.into())
    }
}

impl From<Cow<'static, str>> for NextStep {
    fn from(advice: Cow<'static, str>) -> Self {
        Self::Advice(advice)
    }
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Advice(advice) => f.write_str(advice),
            Self::Reconcile(name) => write!(
                f,
                "to settle it:  issuer.reconcile(&KeyName::new({:?})?)   finds the key by its \
                 exact name and revokes it",
                name.as_str()
            ),
            Self::RetryAfter(wait) => write!(f, "try again in {}", Seconds(*wait)),
            Self::RevokeAgain => f.write_str("revoke it again; that is harmless"),
            Self::ChangeScope(changes) => {
                // Another table is a way around a wider grant, if there is one.
                let has_wider = changes.iter().any(|change| {
                    matches!(change, ScopeChange::Tolerate(_) | ScopeChange::Need(_))
                });
                join(f, changes.iter().map(|change| Worded { change, has_wider }), "\n  ")
            }
        }
    }
}

impl fmt::Display for ScopeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Worded { change: self, has_wider: false }.fmt(f)
    }
}

/// A change in words, which depend on the other changes.
struct Worded<'a> {
    change: &'a ScopeChange,
    has_wider: bool,
}

impl fmt::Display for Worded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.change {
            ScopeChange::Tolerate(grants) => {
                f.write_str("to accept that:  ")?;
                grants.iter().try_for_each(|grant| write!(f, ".tolerates({grant:?})"))
            }
            ScopeChange::UseTable { table, is_exact } => {
                let (name, exactly) = (table.name(), if *is_exact { " exactly" } else { "" });
                f.write_str(if self.has_wider {
                    "to avoid that:   "
                } else {
                    "to have it:      "
                })?;
                write!(f, "table = {name:?} (PINNING_KEYS_TABLE) grants it{exactly}")?;
                match table.serves() {
                    "" => Ok(()),
                    routes => write!(f, ", for key holders that call {routes}"),
                }
            }
            ScopeChange::Need(set) => {
                write!(f, "to allow it:     name {} in needs", set.comma_separated())
            }
            ScopeChange::Prefer(set) => {
                write!(f, "to go without:   move {} from needs to prefers", set.comma_separated())
            }
            ScopeChange::Drop(set) => {
                write!(f, "to go without:   remove {} from needs", set.comma_separated())
            }
            ScopeChange::GoWithoutKey(way) => write!(f, "to need no key:  {way}"),
        }
    }
}

/// A duration as people write it.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis < 1_000 {
            write!(f, "{millis} ms")
        } else if millis % 1_000 == 0 || millis >= 60_000 {
            write!(f, "{} s", self.0.as_secs())
        } else {
            write!(f, "{:.1} s", self.0.as_secs_f64())
        }
    }
}
