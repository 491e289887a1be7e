//! The shared rate limit of an account: who may send a request now.

use std::time::Duration;

use pinning_keys_bulk::RateLimit;

use crate::Timestamp;
use crate::store::AccountRow;

/// The purpose of a request, by rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Somebody waits for it.
    ByHand,
    /// A key must end.
    Ends,
    /// A create is in doubt.
    Settle,
    /// A key is issued.
    Issue,
    /// A pass over the listing.
    Pass,
}

/// Takes slots for `requests`, or returns when to try again.
///
/// Nobody reserves slots in the future, so that nothing that is due waits behind them. While keys
/// are due to end, requests of lower rank leave them half the slots. Passes never take more than a
/// twentieth.
pub(crate) fn take(
    account: &mut AccountRow,
    now: Timestamp,
    limit: Option<&RateLimit>,
    class: Class,
    ends_due: bool,
    requests: u32,
) -> Result<(), Timestamp> {
    let Some(limit) = limit else { return Ok(()) };
    let interval = limit.interval();
    let tolerance = interval * (limit.burst() - 1);
    check(account.slot_at, now, tolerance)?;
    let share = match class {
        Class::ByHand | Class::Ends => None,
        Class::Settle | Class::Issue => ends_due.then_some(2),
        Class::Pass => Some(20),
    };
    if let Some(share) = share {
        check(account.low_slot_at, now, Duration::ZERO)?;
        account.low_slot_at =
            account.low_slot_at.max(now).saturating_add(interval * requests * share);
    }
    account.slot_at = account.slot_at.max(now).saturating_add(interval * requests);
    Ok(())
}

fn check(free_at: Timestamp, now: Timestamp, tolerance: Duration) -> Result<(), Timestamp> {
    let earliest = free_at.saturating_sub(tolerance);
    if earliest <= now { Ok(()) } else { Err(earliest) }
}
