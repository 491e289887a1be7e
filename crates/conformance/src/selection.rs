use crate::case::Case;
use crate::cases::CASES;
use crate::facts::Facts;
use crate::harness::Harness;

/// A case, and whether it can run.
pub(crate) struct Selected {
    pub(crate) case: &'static Case,
    /// The most keys that it creates.
    pub(crate) keys: usize,
    /// What the case needs and does not have, if anything.
    pub(crate) missing: Option<String>,
    pub(crate) may_skip_late: bool,
}

/// Selects the cases that can run. The selection depends on harness and profile alone, so that a
/// case run as its own test has the same outcome as in a run of all.
pub(crate) fn select(harness: &dyn Harness, facts: &Facts) -> Vec<Selected> {
    let mut left = harness.max_keys();
    CASES
        .iter()
        .map(|case| {
            let keys = (case.keys)(facts);
            let missing = case.missing(harness, facts).or_else(|| {
                let reason = || format!("needs up to {keys} keys, but `max_keys` leaves {left}");
                (keys > left).then(reason)
            });
            if missing.is_none() {
                left -= keys;
            }
            Selected { case, keys, missing, may_skip_late: case.may_skip_late(facts) }
        })
        .collect()
}
