//! The `tracing` events of calls, which the crate's documentation describes.
//!
//! An [`Event`] has no field for text from outside, and so no place for a secret.

use http::StatusCode;
use pinning_keys_core::{Effect, Operation};
use tokio::time::Instant;
use tracing::Level;

const ATTEMPT: &str = "pinning_keys::attempt";
const CALL: &str = "pinning_keys::call";

/// The fields of both kinds of events.
pub(crate) struct Event {
    pub(crate) provider: &'static str,
    pub(crate) operation: Operation,
    pub(crate) attempt: u32,
    pub(crate) status: Option<StatusCode>,
    /// Absent if the operation was carried out.
    pub(crate) effect: Option<Effect>,
    pub(crate) began: Instant,
}

macro_rules! emit {
    ($target:ident, $level:ident, $event:expr) => {
        tracing::event!(
            target: $target,
            Level::$level,
            provider = $event.provider,
            operation = $event.operation.as_str(),
            attempt = $event.attempt,
            status = $event.status.map(|status| status.as_u16()),
            effect = text($event.effect),
            duration = u64::try_from($event.began.elapsed().as_millis()).unwrap_or(u64::MAX),
        )
    };
}

/// Emits the event of a call that is over.
pub(crate) fn call(event: &Event) {
    if event.effect == Some(Effect::Unknown) {
        emit!(CALL, WARN, event);
    } else {
        emit!(CALL, DEBUG, event);
    }
}

fn text(effect: Option<Effect>) -> &'static str {
    match effect {
        None => "done",
        Some(Effect::NotSent) => "not sent",
        Some(Effect::Rejected) => "rejected",
        Some(Effect::Unknown) => "unknown",
    }
}

/// One attempt in flight. Its event is emitted when it ends, even if the deadline or the caller
/// ends it.
pub(crate) struct Attempt(Event);

impl Attempt {
    /// Nothing if nobody wants the event, so that a call then does no work for it.
    pub(crate) fn begin(
        provider: &'static str,
        operation: Operation,
        attempt: u32,
        began: Instant,
    ) -> Option<Self> {
        let effect = Some(Effect::Unknown);
        tracing::enabled!(target: ATTEMPT, Level::DEBUG)
            .then(|| Self(Event { provider, operation, attempt, status: None, effect, began }))
    }

    /// Ends with this status, if an answer came, and this effect, if it was not carried out.
    pub(crate) fn end(mut self, status: Option<StatusCode>, effect: Option<Effect>) {
        self.0.status = status;
        self.0.effect = effect;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        emit!(ATTEMPT, DEBUG, self.0);
    }
}
