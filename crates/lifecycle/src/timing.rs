use std::time::Duration;

/// How long after it was due a row counts as overdue: 15 minutes, whatever was tried.
pub(crate) const OVERDUE: Duration = Duration::from_mins(15);

/// When ended rows are looked at again, counted from their end.
pub(crate) const WATCH: [Duration; 4] = [
    Duration::from_mins(10),
    Duration::from_hours(1),
    Duration::from_hours(24),
    Duration::from_hours(7 * 24),
];

/// The minimum time for which ended rows are kept.
pub(crate) const KEEP: Duration = Duration::from_hours(30 * 24);

/// After this time without two looks, an intent in doubt closes as unproven.
pub(crate) const UNPROVEN_AFTER: Duration = Duration::from_hours(24);

/// The times of an account's work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// How long after its intent a create may be sent.
    pub(crate) send: Duration,
    /// The longest call to the provider: twice the default deadline of this workspace's adapters.
    pub(crate) call: Duration,
    /// How long a delivery may stay unconfirmed, counted from the intent.
    pub(crate) delivery: Duration,
    /// How long a claim lasts.
    pub(crate) claim: Duration,
    /// How long the provider needs until a change shows everywhere.
    pub(crate) propagation: Duration,
    /// How long a call of the app waits for room in the rate limit.
    pub(crate) patience: Duration,
}

impl Timing {
    pub(crate) const fn new(propagation: Duration) -> Self {
        Self {
            send: Duration::from_secs(30),
            call: Duration::from_mins(1),
            delivery: Duration::from_mins(10),
            claim: Duration::from_mins(5),
            propagation,
            patience: Duration::from_secs(30),
        }
    }
}
