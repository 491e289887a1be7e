//! What a key may do, and how that differs from what is declared. Nothing here does I/O.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use pinning_keys::{Granted, KeyRecord, KeyScope, Permission, PermissionSet};
use pinning_keys_lifecycle::ManagedKey;

use super::limit::Limit;
use super::reason::Reason;

/// What a key may do, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) scope: KeyScope,
    /// Grants that the scope does not show, with the provider's id in front.
    pub(crate) native: BTreeSet<String>,
    /// Whether the key may do no more than that.
    pub(crate) is_complete: bool,
    /// What the key is confined to, such as a bucket.
    pub(crate) restrictions: Vec<String>,
    pub(crate) uses: Limit,
}

impl Rights {
    /// What a request is granted.
    pub(crate) fn of_granted(
        granted: Granted,
        provider: &str,
        max_uses: Option<NonZeroU64>,
    ) -> Self {
        Self {
            scope: granted.scope(),
            native: granted.native().map(|it| format!("{provider}:{}", it.name())).collect(),
            is_complete: true,
            restrictions: Vec::new(),
            uses: max_uses.map_or(Limit::None, Limit::At),
        }
    }

    /// What the store recorded; `None` if it recorded nothing.
    pub(crate) fn of_key(key: &ManagedKey) -> Option<Self> {
        let scope = key.recorded_scope()?;
        Some(Self {
            scope: if scope.is_admin() { KeyScope::admin() } else { scope.needed().into() },
            native: scope.needed_native().map(str::to_owned).collect(),
            is_complete: true,
            restrictions: Vec::new(),
            uses: key.max_uses().map_or(Limit::Unknown, Limit::At),
        })
    }

    /// What the provider shows.
    pub(crate) fn of_record(record: &KeyRecord) -> Self {
        let reading = record.reading();
        Self {
            scope: reading.scope(),
            native: reading.native().iter().cloned().collect(),
            is_complete: !reading.is_lower_bound(),
            restrictions: reading.restrictions().iter().map(ToString::to_string).collect(),
            uses: match record.max_uses() {
                Some(uses) => Limit::At(uses),
                None if record.is_unlimited() => Limit::None,
                None => Limit::Unknown,
            },
        }
    }

    /// What is to change about a key that has these rights, so that it has the declared ones.
    pub(crate) fn differences(&self, declared: &Self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        match (self.scope.permissions(), declared.scope.permissions()) {
            (None, None) => {}
            (None, Some(_)) => reasons.push(Reason::Wider("no longer an admin key".to_owned())),
            (Some(_), None) => reasons.push(Reason::Narrower("becomes an admin key".to_owned())),
            (Some(has), Some(wants)) => {
                reasons.extend(self.grant_differences(declared, has, wants));
            }
        }
        if !self.restrictions.is_empty() {
            let place = self.restrictions.join(", ");
            reasons.push(Reason::Narrower(format!("no longer only {place}")));
        }
        let limits = (self.uses, declared.uses);
        if self.uses != Limit::Unknown && limits.0 != limits.1 {
            reasons.push(Reason::Uses { has: self.uses, declared: declared.uses });
        }
        reasons
    }

    fn grant_differences(
        &self,
        declared: &Self,
        has: PermissionSet,
        wants: PermissionSet,
    ) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let less = wants - has;
        if !less.is_empty() && self.is_complete {
            let less: Vec<_> = less.iter().map(Permission::as_str).collect();
            reasons.push(Reason::Narrower(format!("adds {}", less.join(", "))));
        }
        let more = (has - wants).iter().map(|it| it.as_str().to_owned());
        let native = self.native.difference(&declared.native).cloned();
        let more: Vec<String> = more.chain(native).collect();
        if !more.is_empty() {
            reasons.push(Reason::Wider(format!("drops {}", more.join(", "))));
        }
        reasons
    }
}
