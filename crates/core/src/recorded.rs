use std::fmt;
use std::num::NonZeroU64;
use std::time::SystemTime;

use crate::lifetime::Lifetime;
use crate::text::{join, padded, rfc3339, shortened};
use crate::{Discrepancies, Grant, IssuedKey, KeyRecord, PermissionSet, Restriction};

/// What a listing shows of a key, compared with what was issued; see
/// [`KeyIssuerExt::check`](crate::KeyIssuerExt::check).
///
/// Only records are compared. A provider that records one thing and enforces another goes unnoticed.
///
/// ```
/// use pinning_keys_core::{Difference, Recorded};
///
/// /// Whether to hand out a key.
/// fn is_acceptable(recorded: &Recorded) -> bool {
///     match recorded {
///         Recorded::Shown { differences, .. } => {
///             // Not every listing shows every scope.
///             differences.iter().all(|it| {
///                 matches!(it, Difference::Unknown { .. } | Difference::UnknownMaxUses)
///             })
///         }
///         _ => false,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a key may be recorded with more than was issued"]
#[non_exhaustive]
pub enum Recorded {
    /// The listing shows the key.
    #[non_exhaustive]
    Shown {
        /// The key as the listing shows it. Its reference may have an id, which saves a listing
        /// when the key is revoked.
        record: Box<KeyRecord>,
        /// Everything that differs; empty if the key is recorded as it was issued.
        differences: Vec<Difference>,
    },
    /// The listing does not show the key. A list may lag: check again after the propagation time of
    /// the issuer's profile, or if there are discrepancies.
    #[non_exhaustive]
    NotShown {
        /// Signs that the listing may have missed the key.
        discrepancies: Discrepancies,
    },
}

impl Recorded {
    /// Compares a record with the key that was issued. With many keys, list once and compare each.
    ///
    /// The record must be that of the key: it has the same [`KeyRef`](crate::KeyRef).
    ///
    /// ```
    /// use pinning_keys_core::{Error, IssuedKey, KeyIssuer, KeyIssuerExt, KeyQuery, Recorded};
    ///
    /// async fn check_all(issuer: &dyn KeyIssuer, keys: &[IssuedKey]) -> Result<(), Error> {
    ///     for record in issuer.keys(KeyQuery::new()).into_listing().await? {
    ///         if let Some(key) = keys.iter().find(|key| key.key_ref() == record.key_ref()) {
    ///             println!("{}: {}", key.name(), Recorded::compare(key, record));
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn compare(key: &IssuedKey, record: KeyRecord) -> Self {
        let mut differences = scope_differences(key, &record);
        let restrictions = record.reading().restrictions();
        if restrictions != key.restrictions() {
            let (issued, recorded) = (key.restrictions().to_vec(), restrictions.to_vec());
            differences.push(Difference::Restricted { issued, recorded });
        }
        let (issued, recorded) = (key.max_uses(), record.max_uses());
        if issued.is_some() && recorded.is_none() && !record.is_unlimited() {
            differences.push(Difference::UnknownMaxUses);
        } else if issued != recorded {
            differences.push(Difference::MaxUses { issued, recorded });
        }
        differences.extend(expiry_difference(key, &record));
        if record.is_revoked() == Some(true) {
            differences.push(Difference::Revoked);
        }
        if record.name() != key.name().as_str() {
            differences.push(Difference::Name { recorded: record.name().to_owned() });
        }
        Self::Shown { record: Box::new(record), differences }
    }

    /// Whether the listing shows the key, and nothing differs.
    pub fn is_as_issued(&self) -> bool {
        matches!(self, Self::Shown { differences, .. } if differences.is_empty())
    }

    /// Whether the key is certainly recorded with more than was issued; see
    /// [`Difference::is_wider`]. If not, it may still be: only
    /// [`is_as_issued`](Self::is_as_issued) rules that out.
    pub fn is_wider(&self) -> bool {
        self.differences().iter().any(Difference::is_wider)
    }

    /// Everything that differs; empty if the listing does not show the key.
    pub fn differences(&self) -> &[Difference] {
        match self {
            Self::Shown { differences, .. } => differences,
            Self::NotShown { .. } => &[],
        }
    }
}

/// A difference between what a provider recorded about a key and what was issued.
///
/// ```
/// use pinning_keys_core::{Difference, Permission};
///
/// let wider = Difference::Wider {
///     permissions: Permission::PinsRemove.into(),
///     grants: vec!["pinning.unpin".to_owned()],
/// };
/// assert_eq!(wider.to_string(), "wider: also pins:remove (pinning.unpin)");
/// assert!(wider.is_wider());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The key is recorded as an admin key, and was not issued as one.
    Admin,
    /// The key is recorded with more than was issued.
    Wider {
        /// What it can do besides.
        permissions: PermissionSet,
        /// The native grants that open it, if the record shows them. Those of another table open
        /// other routes, even if they open no other permission.
        grants: Vec<String>,
    },
    /// The key is recorded with less than was issued.
    Narrower {
        /// What it cannot do.
        permissions: PermissionSet,
        /// The native grants that it lacks although they open no neutral permission.
        grants: Vec<String>,
    },
    /// The key is recorded with other restrictions than it was issued with.
    Restricted {
        /// What the key was confined to.
        issued: Vec<Restriction>,
        /// What the record confines it to.
        recorded: Vec<Restriction>,
    },
    /// The key was issued as an admin key, and is not recorded as one.
    NotAdmin,
    /// The record does not show all that the key can do, which may be more or less than was issued.
    Unknown {
        /// The native grants that could not be read, or `scopes` if the record shows none.
        grants: Vec<String>,
    },
    /// The limit on uses differs.
    MaxUses {
        /// The limit that was requested.
        issued: Option<NonZeroU64>,
        /// The limit that the record shows; `None` if it shows that the uses are unlimited.
        recorded: Option<NonZeroU64>,
    },
    /// A limit on uses was requested, and the record shows neither a limit nor that the uses are
    /// unlimited.
    UnknownMaxUses,
    /// The key expires at another time.
    Expiry {
        /// When it was to expire, as requested, or as the provider reported when it issued the key
        /// if no expiry was requested; `None` if it was not to expire.
        issued: Option<SystemTime>,
        /// When the record says that it expires; `None` if it does not say that it does.
        recorded: Option<SystemTime>,
    },
    /// The key is recorded as revoked.
    Revoked,
    /// The key has another name.
    Name {
        /// The name that the record shows.
        recorded: String,
    },
}

impl Difference {
    /// Whether it allows the key's holder more than was issued: an admin key, more permissions,
    /// routes of another table, fewer restrictions, more uses or no limit on them, or a later expiry
    /// or none.
    pub fn is_wider(&self) -> bool {
        match self {
            Self::Admin | Self::Wider { .. } => true,
            Self::MaxUses { issued, recorded } => is_more(*recorded, *issued),
            Self::Restricted { issued, recorded } => is_looser(recorded, issued),
            Self::Expiry { issued, recorded } => is_later(*recorded, *issued),
            _ => false,
        }
    }
}

/// The record's expiry, if it is another one than the key was issued with.
fn expiry_difference(key: &IssuedKey, record: &KeyRecord) -> Option<Difference> {
    let recorded = record.expires_at();
    let issued = key.lifetime().and_then(Lifetime::issued);
    let differs = match key.lifetime() {
        Some(own) => own.is_earlier(issued, recorded) || own.is_earlier(recorded, issued),
        None => recorded.is_some(),
    };
    differs.then_some(Difference::Expiry { issued, recorded })
}

fn scope_differences(key: &IssuedKey, record: &KeyRecord) -> Vec<Difference> {
    let (reading, issued) = (record.reading(), key.granted());
    let is_complete = !reading.is_lower_bound();
    let mut differences = Vec::new();
    match (issued.permissions(), reading.scope().permissions()) {
        // Unknown grants add nothing to an admin key.
        (None, None) => return differences,
        (Some(_), None) => return vec![Difference::Admin],
        (None, Some(_)) if is_complete => differences.push(Difference::NotAdmin),
        (None, Some(_)) => {}
        (Some(issued), Some(recorded)) => {
            let grants = grants_beyond(key, record, issued);
            let permissions = recorded - issued;
            if !permissions.is_empty() || !grants.is_empty() {
                differences.push(Difference::Wider { permissions, grants });
            }
            let permissions = issued - own_permissions(key, record, recorded);
            let grants = native_grants_lost(key, record);
            if is_complete && !(permissions.is_empty() && grants.is_empty()) {
                differences.push(Difference::Narrower { permissions, grants });
            }
        }
    }
    if !is_complete {
        let unread = reading.unknown().iter().chain(reading.partial());
        differences.push(Difference::Unknown { grants: unread.cloned().collect() });
    }
    differences
}

/// The recorded grants that open more than was issued, or belong to another table.
fn grants_beyond(key: &IssuedKey, record: &KeyRecord, issued: PermissionSet) -> Vec<String> {
    let is_beyond = |word: &&String| {
        if key.translation().wire_names().any(|sent| sent == **word) {
            return false;
        }
        let mut grants = grants_with(key, word).peekable();
        if grants.peek().is_none() {
            let is_unknown = record.reading().unknown().contains(word);
            return is_of_another_table(key, record) && !is_unknown;
        }
        // A word that is only a part of a grant opens nothing that has a neutral name.
        let opens_less = |grant: &Grant| !grant.is_native() && grant.opens().is_subset(issued);
        !grants.all(opens_less) && !record.reading().partial().contains(word)
    };
    record.native_grants().iter().filter(is_beyond).cloned().collect()
}

/// The grants of the key's own table that are sent with this word.
fn grants_with(key: &IssuedKey, word: &str) -> impl Iterator<Item = &'static Grant> {
    let grants = key.translation().table().grants().iter();
    grants.filter(move |grant| grant.wire_names().contains(&word))
}

/// The native grants that were issued and are not recorded.
fn native_grants_lost(key: &IssuedKey, record: &KeyRecord) -> Vec<String> {
    let is_recorded = |word: &&str| record.native_grants().iter().any(|held| held == word);
    let native = key.granted().native();
    let lost = native.filter(|grant| !grant.wire_names().iter().all(is_recorded));
    lost.map(|grant| grant.name().to_owned()).collect()
}

/// What the recorded grants open at the routes that the key was issued for.
fn own_permissions(key: &IssuedKey, record: &KeyRecord, recorded: PermissionSet) -> PermissionSet {
    if !is_of_another_table(key, record) {
        return recorded;
    }
    let words = record.native_grants().iter().map(String::as_str);
    let own = key.translation().table().read(words);
    own.scope().permissions().unwrap_or_default()
}

/// Whether the record has grants of another table, alone or besides those of the key's own.
fn is_of_another_table(key: &IssuedKey, record: &KeyRecord) -> bool {
    record.table() != Some(key.translation().table()) && !record.native_grants().is_empty()
}

/// Whether a limit allows more uses than another.
fn is_more(limit: Option<NonZeroU64>, than: Option<NonZeroU64>) -> bool {
    than.is_some_and(|than| limit.is_none_or(|limit| limit > than))
}

/// Whether something that confined a key does not confine it any more.
fn is_looser(restrictions: &[Restriction], than: &[Restriction]) -> bool {
    than.iter().any(|restriction| !restrictions.contains(restriction))
}

/// Whether a key expires later than at a given time.
fn is_later(expiry: Option<SystemTime>, than: Option<SystemTime>) -> bool {
    than.is_some_and(|than| expiry.is_none_or(|expiry| expiry > than))
}

/// One line, such as `as issued` or `wider: an admin key; wider: no limit on uses instead of 3`.
impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, |f| match self {
            Self::Shown { differences, .. } if differences.is_empty() => f.write_str("as issued"),
            Self::Shown { differences, .. } => join(f, differences, "; "),
            Self::NotShown { discrepancies } if discrepancies.is_empty() => {
                f.write_str("not shown by the listing")
            }
            Self::NotShown { discrepancies } => {
                write!(f, "not shown by the listing, which may be incomplete: {discrepancies}")
            }
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, |f| match self {
            Self::Admin => f.write_str("wider: an admin key"),
            Self::Wider { permissions, grants } if permissions.is_empty() => {
                write!(f, "wider: also {}", Names(grants))
            }
            Self::Wider { permissions, grants } => {
                write!(f, "wider: also {}", permissions.comma_separated())?;
                if grants.is_empty() { Ok(()) } else { write!(f, " ({})", Names(grants)) }
            }
            Self::Narrower { permissions, grants } if permissions.is_empty() => {
                write!(f, "narrower: not {}", Names(grants))
            }
            Self::Narrower { permissions, grants } => {
                write!(f, "narrower: not {}", permissions.comma_separated())?;
                if grants.is_empty() { Ok(()) } else { write!(f, ", {}", Names(grants)) }
            }
            Self::Restricted { issued, recorded } if is_looser(recorded, issued) => {
                write!(f, "wider: {} instead of {}", Confined(recorded), Confined(issued))
            }
            Self::Restricted { recorded, .. } => write!(f, "narrower: {}", Confined(recorded)),
            Self::NotAdmin => f.write_str("narrower: not an admin key"),
            Self::Unknown { grants } => {
                f.write_str("unknown: ")?;
                join(f, grants.iter().map(|grant| format!("{:?}", shortened(grant))), ", ")?;
                f.write_str(" could not be read")
            }
            Self::MaxUses { issued, recorded } => {
                let word = if is_more(*recorded, *issued) { "wider" } else { "narrower" };
                write!(f, "{word}: {} instead of {}", Limit(*recorded), Limit(*issued))
            }
            Self::UnknownMaxUses => f.write_str("unknown: the limit on uses is not shown"),
            Self::Expiry { issued, recorded } => {
                let word = if is_later(*recorded, *issued) { "wider" } else { "narrower" };
                write!(f, "{word}: {} instead of {}", End(*recorded), End(*issued))
            }
            Self::Revoked => f.write_str("revoked"),
            Self::Name { recorded } => write!(f, "named {:?}", shortened(recorded)),
        })
    }
}

/// The names of grants, which come from outside.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, self.0.iter().map(|name| shortened(name).escape_debug().to_string()), ", ")
    }
}

/// What a key is confined to, in words.
struct Confined<'a>(&'a [Restriction]);

impl fmt::Display for Confined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("not confined");
        }
        f.write_str("only ")?;
        join(f, self.0, ", ")
    }
}

/// A limit on uses, in words.
struct Limit(Option<NonZeroU64>);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.map(NonZeroU64::get) {
            None => f.write_str("no limit on uses"),
            Some(1) => f.write_str("1 use"),
            Some(uses) => write!(f, "{uses} uses"),
        }
    }
}

/// An expiry, in words.
struct End(Option<SystemTime>);

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("no expiry"),
            Some(time) => match rfc3339(time) {
                Some(time) => write!(f, "an expiry at {time}"),
                None => f.write_str("an expiry that no calendar shows"),
            },
        }
    }
}
