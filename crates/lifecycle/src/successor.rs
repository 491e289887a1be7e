//! The terms of a successor: nothing beyond what was recorded for the key that it replaces, unless
//! the caller names it. Nothing here does I/O.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys_core::{KeyName, KeyRequest, PermissionSet, ScopeRequest, Tolerance};

use crate::intent::Terms;
use crate::lease::Ends;
use crate::request_form::{GrantedForm, RequestForm};
use crate::store::KeyRow;
use crate::{Error, ErrorKind, Lease, Suffix, Timestamp, Verb};

/// What the caller named.
#[derive(Clone)]
pub(crate) struct Wishes {
    pub(crate) overlap: Duration,
    pub(crate) scope: Option<ScopeRequest>,
    pub(crate) without: PermissionSet,
    pub(crate) tolerates: Vec<Tolerance>,
    pub(crate) uses: UseLimit,
    /// `None`: that of the old key.
    pub(crate) lease: Option<Lease>,
    pub(crate) escalating: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            overlap: Duration::ZERO,
            scope: None,
            without: PermissionSet::EMPTY,
            tolerates: Vec::new(),
            uses: UseLimit::Inherited,
            lease: None,
            escalating: false,
        }
    }
}

/// The length of a lease, its ends, and the maximum that the key passes on.
type LeaseTerms = (Option<Duration>, Option<Ends>, Option<Timestamp>);

/// How often a successor may be used.
#[derive(Clone, Copy)]
pub(crate) enum UseLimit {
    /// As often as the key that it replaces still may.
    Inherited,
    /// This often; `None`: without a limit.
    Named(Option<NonZeroU64>),
}

impl Wishes {
    /// The terms of a successor, given the key's family.
    pub(crate) fn terms(
        &self,
        old: &KeyRow,
        family: &[KeyRow],
        now: Timestamp,
    ) -> Result<Terms, Error> {
        check_old(old, family, now)?;
        if now.checked_add(self.overlap).is_none() {
            let message = "the overlap ends beyond the year 2099";
            return Err(Error::new(ErrorKind::InvalidInput, message).with_key(&old.id));
        }
        let form = old_form(old)?;
        let granted = old.granted.as_deref().map(GrantedForm::read).transpose()?;
        let scope = self.scope(old, granted.as_ref())?;
        let (lease, ends, max_until) = self.lease(old, form.max_until(), now)?;
        let mut request = KeyRequest::new(base_name(old)?, scope)
            .map_err(|error| refused(old, &error.to_string()).with_source(error))?;
        if let Some(uses) = self.uses(old, granted.as_ref())? {
            request = request.with_max_uses(uses);
        }
        if let Some(expiry) = form.expiry() {
            request = request.with_expiry(expiry);
        }
        Ok(Terms {
            request,
            holder: old.holder.clone(),
            lease,
            ends,
            max_until,
            replaces: Some((old.id.clone(), self.overlap)),
            // What was recorded was permitted before.
            escalating: self.escalating || self.scope.is_none() && self.lease.is_none(),
        })
    }

    fn lease(
        &self,
        old: &KeyRow,
        max: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<LeaseTerms, Error> {
        let Some(lease) = self.lease else { return Ok((old.lease, ends(old, max, now)?, max)) };
        let ends = lease.ends(now).map_err(|error| error.with_key(&old.id))?;
        let max = ends.map(|ends| ends.max_until).filter(|_| lease.is_renewable());
        Ok((lease.length(), ends, max))
    }

    fn scope(&self, old: &KeyRow, granted: Option<&GrantedForm>) -> Result<ScopeRequest, Error> {
        let scope = match (&self.scope, granted) {
            (Some(scope), _) => scope.clone(),
            (None, Some(granted)) => granted.to_scope(self.without).map_err(|why| {
                refused(old, &format!("what it can do cannot be repeated: {why}"))
                    .with_next_step("set what the new key must be able to do: .scope(…)")
            })?,
            (None, None) => {
                return Err(refused(old, "it is not known what it can do")
                    .with_next_step("set what the new key must be able to do: .scope(…)"));
            }
        };
        Ok(self.tolerates.iter().cloned().fold(scope, ScopeRequest::tolerates))
    }

    fn uses(
        &self,
        old: &KeyRow,
        granted: Option<&GrantedForm>,
    ) -> Result<Option<NonZeroU64>, Error> {
        let left = match (self.uses, granted) {
            (UseLimit::Named(uses), _) => return Ok(uses),
            (UseLimit::Inherited, Some(granted)) => granted.uses_left(old.uses),
            (UseLimit::Inherited, None) => {
                Err("it is not known how often it may be used".to_owned())
            }
        };
        left.map_err(|why| {
            refused(old, &why).with_next_step("set how often the new key may be used: .max_uses(…)")
        })
    }
}

fn refused(old: &KeyRow, why: &str) -> Error {
    Error::new(ErrorKind::WrongState, format!("cannot rotate: {why}")).with_key(&old.id)
}

/// Checks that the key can be replaced now.
fn check_old(old: &KeyRow, family: &[KeyRow], now: Timestamp) -> Result<(), Error> {
    Verb::Rotate.check(&old.id, old.state)?;
    if let Some(next) = &old.replaced_by {
        return Err(refused(old, &format!("the key was replaced by {next}"))
            .with_next_step(format!("rotate {next}")));
    }
    if old.expires_at.is_some_and(|at| at <= now) {
        return Err(refused(old, "its lease is over"));
    }
    match family.iter().find(|row| row.open_successor.as_ref() == Some(&old.id)) {
        Some(open) => {
            let message = "cannot rotate: the key is being rotated";
            Err(Error::new(ErrorKind::AlreadyOpen, message)
                .with_next_step(format!("confirm or revoke {}", open.id))
                .with_key(&open.id))
        }
        None => Ok(()),
    }
}

fn old_form(old: &KeyRow) -> Result<RequestForm, Error> {
    RequestForm::read(&old.request).map_err(|error| error.with_key(&old.id))
}

/// The same length, up to the same absolute maximum if there is one.
fn ends(old: &KeyRow, max: Option<Timestamp>, now: Timestamp) -> Result<Option<Ends>, Error> {
    let beyond = || refused(old, "the lease would end beyond the year 2099");
    let length = old.lease.map(|length| now.checked_add(length).ok_or_else(beyond)).transpose()?;
    let (expires_at, max_until) = match (length, max) {
        (None, None) => return Ok(None),
        (Some(end), None) => (end, end),
        (None, Some(max)) => (max, max),
        (Some(end), Some(max)) => (end.min(max), max),
    };
    if max_until < now.saturating_add(Lease::MIN) {
        return Err(refused(old, "its lease has reached its maximum"));
    }
    Ok(Some(Ends { expires_at, max_until }))
}

/// The name without what the store added to it.
fn base_name(old: &KeyRow) -> Result<KeyName, Error> {
    let base =
        Suffix::of_name(&old.name).and_then(|_| old.name.get(..old.name.len() - Suffix::CHARS));
    KeyName::new(base.unwrap_or(&old.name))
        .map_err(|error| refused(old, &error.to_string()).with_source(error))
}
