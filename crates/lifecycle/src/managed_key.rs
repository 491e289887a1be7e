use std::fmt;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use pinning_keys_core::{KeyRef, PermissionSet, ScopeRequest};

use crate::request_form::GrantedForm;
use crate::store::{AccountRow, KeyPosition, KeyRow};
use crate::timing::OVERDUE;
use crate::{Error, KeyId, KeyState, Timestamp};

/// A key, as it was in the store when it was read.
///
/// ```
/// use pinning_keys_lifecycle::{KeyState, ManagedKey};
///
/// /// Whether somebody should look at it.
/// fn is_odd(key: &ManagedKey) -> bool {
///     key.is_overdue() || key.is_missing() || key.is_adopted() || key.difference().is_some()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ManagedKey {
    row: KeyRow,
    is_overdue: bool,
    is_missing: bool,
}

impl ManagedKey {
    pub(crate) fn new(row: KeyRow, now: Timestamp, account: Option<&AccountRow>) -> Self {
        let is_overdue = row.is_overdue(now.saturating_sub(OVERDUE));
        let is_missing = account.is_some_and(|account| row.is_missing(account));
        Self { row, is_overdue, is_missing }
    }

    /// The key's id in the store.
    pub fn id(&self) -> &KeyId {
        &self.row.id
    }

    /// The name of the account.
    pub fn account(&self) -> &str {
        &self.row.account
    }

    /// Whose key it is: the name that was requested, unless a holder was set.
    pub fn holder(&self) -> &str {
        &self.row.holder
    }

    /// The name at the provider, including the suffix that the store adds.
    pub fn name(&self) -> &str {
        &self.row.name
    }

    /// The state.
    pub fn state(&self) -> KeyState {
        self.row.state
    }

    /// The references by which the provider knows the key: one, or several if the create was in
    /// doubt and was carried out more than once. Empty until one is known.
    pub fn key_refs(&self) -> Vec<KeyRef> {
        self.row.key_refs()
    }

    /// How often the key may be used in all; `None` if there is no limit, or none is known.
    pub fn max_uses(&self) -> Option<NonZeroU64> {
        self.granted()?.max_uses
    }

    /// The name of the table that the key was issued with, which decides the routes that it serves;
    /// `None` if it is not known, as for a key that was recorded before tables were.
    ///
    /// ```
    /// use pinning_keys_core::KeyIssuer;
    /// use pinning_keys_lifecycle::ManagedKey;
    ///
    /// /// Whether a successor from this issuer would serve other routes.
    /// fn would_change_routes(key: &ManagedKey, issuer: &dyn KeyIssuer) -> bool {
    ///     key.table().is_some_and(|table| table != issuer.profile().table().name())
    /// }
    /// ```
    pub fn table(&self) -> Option<&str> {
        GrantedForm::table_in(self.row.granted.as_deref()?)
    }

    fn granted(&self) -> Option<GrantedForm> {
        GrantedForm::read(self.row.granted.as_deref()?).ok()
    }

    /// When the row was created.
    pub fn created_at(&self) -> SystemTime {
        self.row.created_at.into()
    }

    /// When the state last changed.
    pub fn changed_at(&self) -> SystemTime {
        self.row.changed_at.into()
    }

    /// The length of the lease; `None` if it has no end.
    pub fn lease(&self) -> Option<Duration> {
        self.row.lease
    }

    /// When the lease ends, or has ended.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.row.expires_at.map(Into::into)
    }

    /// The time beyond which no renewal extends the lease.
    pub fn max_until(&self) -> Option<SystemTime> {
        self.row.max_until.map(Into::into)
    }

    /// When the key is due to end: at the end of its lease, or at its delivery deadline while it is
    /// undelivered. In a rotation, a key whose secret may have been delivered is kept beyond that
    /// deadline. While it is being revoked, when it should have ended. `None` if it has no end, or
    /// has ended.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::ManagedKey;
    ///
    /// /// How late the end of a key is.
    /// fn late(key: &ManagedKey) -> Option<Duration> {
    ///     key.end_due()?.elapsed().ok()
    /// }
    /// ```
    pub fn end_due(&self) -> Option<SystemTime> {
        let is_kept = self.row.may_be_in_use(None);
        let end = if is_kept { self.row.expires_at } else { self.row.ends_at() };
        end.map(Into::into)
    }

    /// When the delivery must be confirmed.
    pub fn deliver_by(&self) -> SystemTime {
        self.row.deliver_by.into()
    }

    /// The key that this one replaces.
    pub fn replaces(&self) -> Option<&KeyId> {
        self.row.replaces.as_ref()
    }

    /// The key that has replaced this one.
    pub fn replaced_by(&self) -> Option<&KeyId> {
        self.row.replaced_by.as_ref()
    }

    /// When the key was last seen to exist.
    pub fn seen_at(&self) -> Option<SystemTime> {
        self.row.seen_at.map(Into::into)
    }

    /// What saw it: `create`, `listing` or `verify`.
    pub fn seen_by(&self) -> Option<&str> {
        self.row.seen_by.as_deref()
    }

    /// How often the key had been used when a listing last showed it.
    pub fn uses(&self) -> Option<u64> {
        self.row.uses.and_then(|uses| u64::try_from(uses).ok())
    }

    /// Whether the key was due to end more than 15 minutes ago but has not ended.
    pub fn is_overdue(&self) -> bool {
        self.is_overdue
    }

    /// Whether the last complete pass over the listing did not show the key, which is live.
    pub fn is_missing(&self) -> bool {
        self.is_missing
    }

    /// Whether the store had lost the key and found it in a listing.
    pub fn is_adopted(&self) -> bool {
        self.row.adopted
    }

    /// Whether the key's end is not proven, so that it may still work.
    pub fn is_unproven(&self) -> bool {
        self.row.unproven
    }

    /// How the listed key differs from what is recorded, for example because its permissions were
    /// changed by hand.
    pub fn difference(&self) -> Option<&str> {
        self.row.difference.as_deref()
    }

    /// The evidence for the state, such as `revoked by the provider`.
    pub fn evidence(&self) -> Option<&str> {
        self.row.evidence.as_deref()
    }

    /// The last failure.
    pub fn failure(&self) -> Option<&str> {
        self.row.failure.as_deref()
    }

    /// The key as it would be if its lease were renewed at this time; see
    /// [`KeyManager::renew`](crate::KeyManager::renew). Nothing is written.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use pinning_keys_lifecycle::{Error, ManagedKey};
    ///
    /// fn next_end(key: &ManagedKey) -> Result<Option<SystemTime>, Error> {
    ///     Ok(key.renewed(SystemTime::now())?.expires_at())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if the lease could not be renewed.
    pub fn renewed(&self, now: SystemTime) -> Result<Self, Error> {
        let mut key = self.clone();
        key.row.renew(now.into())?;
        Ok(key)
    }

    /// The scope that grants exactly what was recorded for the key, which is what a successor gets;
    /// `None` if that is not known, or no scope can express it.
    ///
    /// ```
    /// use pinning_keys_core::Permission;
    /// use pinning_keys_lifecycle::ManagedKey;
    ///
    /// fn may_remove(key: &ManagedKey) -> bool {
    ///     let scope = key.recorded_scope();
    ///     scope.is_none_or(|it| it.is_admin() || it.needed().contains(Permission::PinsRemove))
    /// }
    /// ```
    pub fn recorded_scope(&self) -> Option<ScopeRequest> {
        self.granted()?.to_scope(PermissionSet::EMPTY).ok()
    }

    /// The key's position in a list, after which the next page begins.
    pub fn position(&self) -> KeyPosition {
        KeyPosition { created_at: self.row.created_at, id: self.row.id.clone() }
    }
}

/// The name, the state, and the end of the lease of a live key.
impl fmt::Display for ManagedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.row.name, self.row.state)?;
        match self.row.expires_at.filter(|_| self.row.state == KeyState::Live) {
            Some(at) => write!(f, " until {}", at.to_the_second()),
            None => Ok(()),
        }
    }
}
