//! The account's breaker: what concerns the account closes it for all nodes.

use std::time::Duration;

use pinning_keys_core::{Effect, Error as ProviderError, ErrorKind as ProviderErrorKind};

use crate::answer::Hung;
use crate::back_off::doubled;
use crate::slots::Class;
use crate::store::AccountRow;
use crate::{Error, ErrorKind, KeyId, Timestamp};

/// The longest closure, if the provider does not say how long to wait.
const LONGEST: Duration = Duration::from_mins(5);

/// The shortest closure, if the provider says how long to wait.
const SHORTEST: Duration = Duration::from_secs(1);

/// The longest time between attempts on a closed account while keys must end there, unless the
/// provider has said how long to wait. So the first key ends within a minute of the provider's
/// return.
pub(crate) const PROBE: Duration = Duration::from_mins(1);

/// How many different rows must meet an internal error of the provider in a row before the failure
/// is attributed to the account.
const STRIKES: usize = 3;

/// What a failed call concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    /// The account, which is closed now. It counts against no row.
    Account,
    /// The row, whose back-off grows.
    Row,
}

/// The facts about a failed call that the breaker needs.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    kind: ProviderErrorKind,
    effect: Effect,
    /// Whether the status is 403. The provider, or a front door that answers for it, refuses the
    /// caller and not the request.
    is_forbidden: bool,
    /// Whether the call was given up, so that each further one would take as long.
    has_hung: bool,
    retry_after: Option<Duration>,
    text: String,
}

impl From<&ProviderError> for Failure {
    fn from(error: &ProviderError) -> Self {
        Self {
            kind: error.kind(),
            effect: error.effect(),
            is_forbidden: error.status().is_some_and(|status| status.as_u16() == 403),
            has_hung: Hung::is(error),
            retry_after: error.retry_after(),
            text: crate::text::scrubbed(&error.to_string()),
        }
    }
}

impl Failure {
    /// What happened at the provider, as far as that is certain.
    pub(crate) fn effect(&self) -> Effect {
        self.effect
    }

    /// How long the provider asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The error's text, cleaned of secrets.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it concerns the account, no matter which row met it.
    ///
    /// A full account is still served: revoking one of its keys is the remedy.
    pub(crate) fn concerns_account(&self) -> bool {
        use ProviderErrorKind::{RateLimited, TooManyKeys};
        match self.kind {
            RateLimited => true,
            TooManyKeys => false,
            kind => kind.affects_all_keys() || self.is_forbidden || self.has_hung,
        }
    }

    /// Whether the provider, or the way to it, failed without saying anything about the request.
    pub(crate) fn is_outage(&self) -> bool {
        use ProviderErrorKind::{Connection, Timeout, Unavailable};
        matches!(self.kind, Unavailable | Connection | Timeout)
    }
}

/// Refuses if the account is closed to requests of this class.
pub(crate) fn check(account: &AccountRow, now: Timestamp, class: Class) -> Result<(), Error> {
    match opens_at(account, class) {
        Some(until) if until > now => {
            let why = account.closed_because.as_deref().unwrap_or("the provider refused it");
            let message = format!(
                "nothing is sent to account {:?} until {}: {why}",
                account.name,
                until.to_the_second()
            );
            Err(Error::new(ErrorKind::AccountClosed, message).with_retry_at(until))
        }
        _ => Ok(()),
    }
}

/// When a closed account may be tried for requests of this class; `None` if it is open.
///
/// From then on, one request tries whether the account is served again ([`probe`]).
pub(crate) fn opens_at(account: &AccountRow, class: Class) -> Option<Timestamp> {
    let until = account.closed_until?;
    let must_end = matches!(class, Class::ByHand | Class::Ends);
    if !must_end || account.closures == 0 {
        return Some(until);
    }
    if class == Class::ByHand {
        // Somebody may have mended what closed it, and a leaked key must not wait.
        return None;
    }
    let began = until.saturating_sub(doubled(account.closures, LONGEST));
    Some(until.min(began.saturating_add(PROBE)))
}

/// If the account was closed and may be tried again, closes it to everybody but the caller, who
/// tries it: a success opens it.
pub(crate) fn probe(account: &mut AccountRow, now: Timestamp) {
    if account.closed_until.is_some() {
        close(account, now);
    }
}

fn close(account: &mut AccountRow, now: Timestamp) {
    account.closures = account.closures.saturating_add(1);
    account.closed_until = Some(now.saturating_add(doubled(account.closures, LONGEST)));
}

/// Records a failed call, about this row if any.
pub(crate) fn failed(
    account: &mut AccountRow,
    now: Timestamp,
    row: Option<&KeyId>,
    failure: impl Into<Failure>,
) -> Concern {
    let failure = failure.into();
    if !(failure.concerns_account() || failure.is_outage() && strike(account, row)) {
        if failure.effect == Effect::Rejected && !failure.is_outage() {
            // It was an answer, so the provider works.
            account.strikes.clear();
        }
        return Concern::Row;
    }
    let is_closed = account.closed_until.is_some_and(|until| until > now);
    if let Some(told) = failure.retry_after {
        // The provider knows better: the doubling begins anew.
        account.closures = 0;
        account.closed_until = Some(now.saturating_add(told.max(SHORTEST)));
    } else if !is_closed {
        close(account, now);
    }
    // Otherwise the request was sent before the account was closed, or it was the one that tried
    // the account.
    account.closed_because = Some(failure.text);
    Concern::Account
}

/// Whether no call of the account has succeeded since this row met an internal error of the
/// provider, which then need not be the row's fault.
pub(crate) fn has_struck(account: &AccountRow, row: &KeyId) -> bool {
    account.strikes.split(' ').any(|it| it == row.as_str())
}

/// Records that a call was answered as hoped, which opens the account.
pub(crate) fn succeeded(account: &mut AccountRow) {
    account.closed_until = None;
    account.closed_because = None;
    account.closures = 0;
    account.strikes.clear();
}

/// Notes the row; returns whether it was the third different one in a row.
fn strike(account: &mut AccountRow, row: Option<&KeyId>) -> bool {
    let row = row.map_or("-", KeyId::as_str);
    if !account.strikes.split(' ').any(|it| it == row) {
        if !account.strikes.is_empty() {
            account.strikes.push(' ');
        }
        account.strikes.push_str(row);
    }
    account.strikes.split(' ').count() >= STRIKES
}
