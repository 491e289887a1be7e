//! Rows that are looked for together.

use std::sync::Arc;
use std::time::Duration;

use crate::breaker::Failure;
use crate::inner::{Account, Inner};
use crate::look::FEW;
use crate::store::{KeyRow, Scope, Select};
use crate::{Error, ErrorKind, KeyId};

/// The maximum number of rows for one look.
pub(crate) const BATCH: usize = 1_000;

/// How many of these due rows one look can serve.
///
/// Searches must end within half the time of a claim, while revocations may take half the requests.
/// After a look that was disturbed, the next one takes few enough rows to search for each.
pub(crate) fn affordable(account: &Account, rows: &[KeyRow]) -> usize {
    if !account.issuer.profile().filters().name() {
        return rows.len();
    }
    let pages = account.pages.get().unwrap_or(FEW);
    let was_disturbed = rows.iter().any(|row| row.attempts > 0);
    let most = if was_disturbed { pages.max(FEW) } else { rows.len() };
    let Some(limit) = &account.limit else { return most };
    let half = account.timing.claim / 2;
    let searches = half.as_micros() / limit.interval().saturating_mul(2).as_micros().max(1);
    let searches = usize::try_from(searches).unwrap_or(usize::MAX).max(1);
    // Reading the whole listing serves them all.
    if pages <= searches { most } else { most.min(searches) }
}

/// How long to claim this many rows for a look: as long as other claims, plus the time that the
/// look takes within the rate limit.
pub(crate) fn claim_time(account: &Account, rows: usize) -> Duration {
    let Some(limit) = &account.limit else { return account.timing.claim };
    let requests = account.pages.get().unwrap_or(rows);
    let requests = u32::try_from(requests).unwrap_or(u32::MAX);
    account.timing.claim.saturating_add(limit.interval().saturating_mul(2).saturating_mul(requests))
}

/// Whether a failed look says nothing about its rows.
pub(crate) fn is_about_account(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AccountClosed | ErrorKind::RateLimited | ErrorKind::WrongAccount
    ) || error.provider_error().is_some_and(|error| Failure::from(error).concerns_account())
}

/// Lets other nodes take up rows that this one has claimed.
pub(crate) async fn release(inner: &Arc<Inner>, ids: Vec<KeyId>) -> Result<(), Error> {
    let scope = Scope { keys: Select::Ids(ids), ..Scope::default() };
    inner
        .transact(scope, |tx| {
            for row in &mut tx.rows {
                row.claimed_until = None;
            }
            Ok(())
        })
        .await
}
