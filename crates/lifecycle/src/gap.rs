//! A long time without a worker, after which the store may be a restored backup. Nothing here does
//! I/O.
//!
//! A backup that is restored in place looks like a store whose worker was stopped when the backup
//! was made. It does not know which leases were renewed since, or which deliveries were confirmed.
//! Only a key that was issued since shows that, and any page of any account may list it.

use std::time::Duration;

use crate::Timestamp;
use crate::store::{StoreRow, Tx};

/// After this time without a worker, the listings are read before keys end. It is longer than the
/// time between two passes, so that a pass is due, and longer than a restart takes.
const GAP: Duration = Duration::from_hours(2);

/// The longest time that keys wait for the listings: an account that cannot be listed must not keep
/// the leases of others from ending for longer.
const LONGEST: Duration = Duration::from_hours(1);

/// Notes that no worker has run for a long time, before a decision is made from what it has not
/// done, and before the next tick hides it.
pub(crate) fn note_gap(store: &mut StoreRow, now: Timestamp) {
    let Some(ticked_at) = store.last_tick_at.filter(|at| now.since(*at) > GAP) else { return };
    // A worker that runs too rarely continues to read the listings. It would never be done if each
    // run began anew.
    if store.resumed_at.is_none_or(|at| ticked_at.since(at) > GAP) {
        store.resumed_at = Some(now);
    }
}

/// Whether the store may have forgotten something that no listing has shown yet.
///
/// Until then no lease ends, no delivery is given up, and no create begins to be in doubt. A key of
/// which the store has no row proves that it has forgotten something; what follows from that protects
/// every key.
pub(crate) fn is_unchecked(store: &StoreRow, now: Timestamp) -> bool {
    let is_noticed = |at| store.rolled_back_at.is_some_and(|noticed| noticed >= at);
    store.resumed_at.is_some_and(|at| now.since(at) < LONGEST && !is_noticed(at))
}

/// Whether a pass that began at this time, if any, began before a worker resumed.
pub(crate) fn is_too_old(pass_began: Option<Timestamp>, store: &StoreRow) -> bool {
    pass_began < store.resumed_at
}

/// Whether the pass of the transaction's account must begin anew to show what the store has
/// forgotten.
pub(crate) fn must_begin_anew(tx: &Tx) -> bool {
    let pass_began = tx.account.as_ref().and_then(|account| account.pass_began);
    is_unchecked(&tx.store, tx.now) && is_too_old(pass_began, &tx.store)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Label;

    const MINUTE: Duration = Duration::from_mins(1);

    fn ticked_at(at: Timestamp) -> StoreRow {
        StoreRow {
            label: Label::random().unwrap(),
            identity: String::new(),
            rolled_back_at: None,
            rolled_back_because: None,
            acknowledged: false,
            last_tick_at: Some(at),
            resumed_at: None,
            time_high: at,
            clock_confirmed_at: None,
        }
    }

    fn after(time: Duration) -> Timestamp {
        Timestamp::default().saturating_add(time)
    }

    #[test]
    fn restart_of_a_worker_is_no_gap() {
        let mut store = ticked_at(after(Duration::ZERO));
        note_gap(&mut store, after(GAP));
        assert_eq!(store.resumed_at, None);
        note_gap(&mut store, after(GAP + MINUTE));
        assert_eq!(store.resumed_at, Some(after(GAP + MINUTE)));
        assert!(is_unchecked(&store, after(GAP + MINUTE)));
        assert!(!is_unchecked(&store, after(GAP + MINUTE + LONGEST)));
    }

    #[test]
    fn worker_that_runs_too_rarely_ends_keys_every_other_time() {
        let mut store = ticked_at(after(Duration::ZERO));
        let mut unchecked = Vec::new();
        for run in 1..=4 {
            let now = after(3 * Duration::from_hours(1) * run);
            note_gap(&mut store, now);
            store.last_tick_at = Some(now);
            unchecked.push(is_unchecked(&store, now));
        }
        assert_eq!(unchecked, [true, false, true, false]);
    }
}
