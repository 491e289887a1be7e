use std::fmt;

use crate::lifetime::Lifetime;
use crate::text::{join, padded};
use crate::{Difference, Discrepancies, Grant, IssuedKey, KeyRecord, PermissionSet, Restriction};

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
        if !is_same(restrictions, key.restrictions()) {
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

/// Whether both confine a key to the same.
fn is_same(one: &[Restriction], other: &[Restriction]) -> bool {
    let has_all = |these: &[Restriction], those: &[Restriction]| {
        those.iter().all(|restriction| these.contains(restriction))
    };
    has_all(one, other) && has_all(other, one)
}

/// The record's expiry, if it is another one than the key was issued with.
fn expiry_difference(key: &IssuedKey, record: &KeyRecord) -> Option<Difference> {
    let issued = key.lifetime().and_then(Lifetime::issued);
    let Some(recorded) = record.expires_at() else {
        return issued.map(|_| Difference::UnknownExpiry);
    };
    let differs = key.lifetime().is_none_or(|own| {
        own.is_earlier(issued, Some(recorded)) || own.is_earlier(Some(recorded), issued)
    });
    differs.then_some(Difference::Expiry { issued, recorded })
}

fn scope_differences(key: &IssuedKey, record: &KeyRecord) -> Vec<Difference> {
    let (reading, issued) = (record.reading(), key.granted());
    let is_complete = reading.unknown().is_empty();
    let mut differences = Vec::new();
    match (issued.permissions(), reading.scope().permissions()) {
        // Unknown grants add nothing to an admin key.
        (None, None) => return differences,
        (Some(_), None) => return vec![Difference::Admin],
        (None, Some(_)) if is_complete => differences.push(Difference::NotAdmin),
        (None, Some(_)) => {}
        (Some(issued), Some(recorded)) => {
            let grants = names_beyond(key, record, issued);
            let permissions = recorded - issued;
            if !permissions.is_empty() || !grants.is_empty() {
                differences.push(Difference::Wider { permissions, grants });
            }
            let permissions = issued - own_permissions(key, record, recorded);
            let grants = grants_lost(key, record);
            if is_complete && !(permissions.is_empty() && grants.is_empty()) {
                differences.push(Difference::Narrower { permissions, grants });
            }
        }
    }
    if !is_complete {
        differences.push(Difference::Unknown { grants: reading.unknown().to_vec() });
    }
    differences
}

/// The recorded wire names that were not sent, unless they add nothing to what was.
fn names_beyond(key: &IssuedKey, record: &KeyRecord, issued: PermissionSet) -> Vec<String> {
    let table = key.translation().table();
    // All that a wider grant opens has narrower grants too, which some providers list beside it.
    let adds_nothing = |grant: &Grant| {
        grant.opens().is_subset(issued) && !grant.is_native() && !table.has_twin(grant)
    };
    let is_beyond = |name: &&String| {
        if key.translation().wire_names().any(|sent| sent == **name) {
            return false;
        }
        let mut grants = table.grants_with(name).peekable();
        match grants.peek() {
            Some(_) => !grants.all(adds_nothing),
            None => is_of_another_table(key, record) && !record.reading().unknown().contains(name),
        }
    };
    record.native_grants().iter().filter(is_beyond).cloned().collect()
}

/// The grants that were issued, are not recorded, and that the scope does not show.
fn grants_lost(key: &IssuedKey, record: &KeyRecord) -> Vec<String> {
    let is_recorded = |name: &&str| record.native_grants().iter().any(|held| held == name);
    let lost = key.granted().native().filter(|it| !it.wire_names().iter().all(is_recorded));
    lost.map(|grant| grant.name().to_owned()).collect()
}

/// What the recorded grants open at the routes that the key was issued for.
fn own_permissions(key: &IssuedKey, record: &KeyRecord, recorded: PermissionSet) -> PermissionSet {
    if !is_of_another_table(key, record) {
        return recorded;
    }
    let names = record.native_grants().iter().map(String::as_str);
    let own = key.translation().table().read(names);
    own.scope().permissions().unwrap_or_default()
}

/// Whether the record has grants of another table, alone or besides those of the key's own.
fn is_of_another_table(key: &IssuedKey, record: &KeyRecord) -> bool {
    record.table() != Some(key.translation().table()) && !record.native_grants().is_empty()
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
