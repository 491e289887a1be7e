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
    let time = |requests: u32| interval.saturating_mul(requests);
    let tolerance = time(limit.burst() - 1);
    check(account.slot_at, now, tolerance)?;
    let share = match class {
        Class::ByHand | Class::Ends => None,
        Class::Settle | Class::Issue => ends_due.then_some(2),
        Class::Pass => Some(20),
    };
    if let Some(share) = share {
        check(account.low_slot_at, now, Duration::ZERO)?;
        let time = time(requests.saturating_mul(share));
        account.low_slot_at = account.low_slot_at.max(now).saturating_add(time);
    }
    account.slot_at = account.slot_at.max(now).saturating_add(time(requests));
    Ok(())
}

fn check(free_at: Timestamp, now: Timestamp, tolerance: Duration) -> Result<(), Timestamp> {
    let earliest = free_at.saturating_sub(tolerance);
    if earliest <= now { Ok(()) } else { Err(earliest) }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(1);
    /// Of which each could take a slot.
    const SLOTS: u32 = 120;

    /// How many of the slots this class gets that asks for one all the time, while others ask for
    /// none.
    fn got(class: Class, ends_due: bool) -> u32 {
        let limit = RateLimit::new(NonZeroU32::MIN, INTERVAL);
        let mut account = AccountRow::default();
        let times = (0..SLOTS).map(|slot| Timestamp::default().saturating_add(INTERVAL * slot));
        let take =
            |now: &Timestamp| take(&mut account, *now, Some(&limit), class, ends_due, 1).is_ok();
        u32::try_from(times.filter(take).count()).unwrap()
    }

    #[test]
    fn due_revocations_leave_half_the_slots_to_what_can_wait() {
        for class in [Class::Settle, Class::Issue] {
            assert_eq!(got(class, false), SLOTS, "{class:?}");
            assert_eq!(got(class, true), SLOTS / 2, "{class:?}");
        }
        for ends_due in [false, true] {
            assert_eq!(got(Class::ByHand, ends_due), SLOTS);
            assert_eq!(got(Class::Ends, ends_due), SLOTS);
            assert_eq!(got(Class::Pass, ends_due), SLOTS / 20);
        }
    }

    #[test]
    fn classes_that_can_wait_share_their_half() {
        let limit = RateLimit::new(NonZeroU32::MIN, INTERVAL);
        let mut account = AccountRow::default();
        let mut low = 0;
        for slot in 0..SLOTS {
            let now = Timestamp::default().saturating_add(INTERVAL * slot);
            let classes = [Class::Issue, Class::Settle, Class::Issue];
            low += classes
                .into_iter()
                .filter(|class| take(&mut account, now, Some(&limit), *class, true, 1).is_ok())
                .count();
            // What they leave is there for a revocation.
            let ends = take(&mut account, now, Some(&limit), Class::Ends, true, 1);
            assert_eq!(ends.is_ok(), slot % 2 == 1, "{slot}");
        }
        assert_eq!(low, 60);
    }

    #[test]
    fn requests_without_measure_close_the_limit_and_nothing_else() {
        let limit = RateLimit::new(NonZeroU32::MIN, Duration::MAX);
        let mut account = AccountRow::default();
        let now = Timestamp::default();
        assert_eq!(take(&mut account, now, Some(&limit), Class::Pass, false, u32::MAX), Ok(()));
        assert!(take(&mut account, now, Some(&limit), Class::Ends, false, 1).is_err());
    }
}
