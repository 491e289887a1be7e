//! The account's breaker: what concerns the account closes it for all nodes.

use std::time::Duration;

use pinning_keys_core::{Error as ProviderError, ErrorKind as ProviderErrorKind};

use crate::store::AccountRow;
use crate::{Error, ErrorKind, KeyId, Timestamp};

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// How many different rows must meet an internal error of the provider in a row until the account
/// counts as concerned.
const STRIKES: usize = 3;

/// What a failed call concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    /// The account, which is closed now. It counts against no row.
    Account,
    /// The row, whose back-off grows.
    Row,
}

/// Refuses if the account is closed.
pub(crate) fn check(account: &AccountRow, now: Timestamp) -> Result<(), Error> {
    match account.closed_until {
        Some(until) if until > now => {
            let why = account.closed_because.as_deref().unwrap_or("the provider refused it");
            let message = format!("account {:?} is closed until {until}: {why}", account.name);
            Err(Error::new(ErrorKind::AccountClosed, message).with_retry_at(until))
        }
        _ => Ok(()),
    }
}

/// Records a failed call, about this row if any.
pub(crate) fn failed(
    account: &mut AccountRow,
    now: Timestamp,
    row: Option<&KeyId>,
    error: &ProviderError,
) -> Concern {
    let concerns_account = error.kind() == ProviderErrorKind::RateLimited
        || error.kind().affects_all_keys()
        || is_outage(error) && strike(account, row);
    if !concerns_account {
        return Concern::Row;
    }
    let told = error.retry_after();
    let doubled = FIRST.saturating_mul(1 << account.closures.clamp(0, 10)).min(LONGEST);
    account.closures = account.closures.saturating_add(1);
    account.closed_until = Some(now.saturating_add(told.unwrap_or(doubled)));
    account.closed_because = Some(crate::text::scrubbed(&error.to_string()));
    Concern::Account
}

/// Records that a call was answered as hoped, which opens the account.
pub(crate) fn succeeded(account: &mut AccountRow) {
    account.closed_until = None;
    account.closed_because = None;
    account.closures = 0;
    account.strikes.clear();
}

/// Whether the provider, or the way to it, failed without saying anything about the request.
fn is_outage(error: &ProviderError) -> bool {
    use ProviderErrorKind::{Connection, Timeout, Unavailable};
    matches!(error.kind(), Unavailable | Connection | Timeout)
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
