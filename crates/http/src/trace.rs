//! The `tracing` events of calls, which the crate's documentation describes.
//!
//! An [`Event`] has no field for text from outside, and so no place for a secret.

use std::sync::OnceLock;
use std::time::Duration;

use http::StatusCode;
use pinning_keys_core::{Effect, Operation};
use tokio::time::Instant;

use crate::client::Context;

/// The fields of both kinds of events.
struct Event {
    provider: &'static str,
    operation: Operation,
    attempt: u32,
    status: Option<StatusCode>,
    /// Nothing where it was done.
    effect: Option<Effect>,
    duration: Duration,
}

macro_rules! tell {
    ($target:literal, $level:ident, $event:expr) => {
        tracing::event!(
            target: $target,
            tracing::Level::$level,
            provider = $event.provider,
            operation = $event.operation.as_str(),
            attempt = $event.attempt,
            status = $event.status.map(|status| status.as_u16()),
            effect = text($event.effect),
            duration = u64::try_from($event.duration.as_millis()).unwrap_or(u64::MAX),
        )
    };
}

fn text(effect: Option<Effect>) -> &'static str {
    match effect {
        None => "done",
        Some(Effect::NotSent) => "not sent",
        Some(Effect::Rejected) => "rejected",
        Some(Effect::Unknown) => "unknown",
    }
}

/// One attempt under way. It is told when it ends, also where the deadline or the caller ends it.
pub(crate) struct Attempt {
    event: Event,
    began: Instant,
}

impl Attempt {
    pub(crate) fn begin(context: &Context) -> Self {
        let event = Event {
            provider: context.provider,
            operation: context.operation,
            attempt: context.count,
            status: None,
            effect: Some(Effect::Unknown),
            duration: Duration::ZERO,
        };
        Self { event, began: Instant::now() }
    }

    /// Ends with this status, if an answer came, and this effect, if it was not done.
    pub(crate) fn end(
        mut self,
        status: Option<StatusCode>,
        effect: impl FnOnce() -> Option<Effect>,
    ) {
        self.event.status = status;
        self.event.effect = effect();
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.event.duration = self.began.elapsed();
        tell!("pinning_keys::attempt", DEBUG, self.event);
    }
}

/// How a call ended, as far as that is known yet. An answer of success may still turn out to be
/// none when the adapter reads it.
pub(crate) struct Ending {
    status: Option<StatusCode>,
    succeeded: bool,
    failed: OnceLock<Effect>,
}

impl Ending {
    pub(crate) fn new() -> Self {
        Self { status: None, succeeded: false, failed: OnceLock::new() }
    }

    pub(crate) fn attempted(&mut self, status: Option<StatusCode>) {
        self.status = status;
    }

    pub(crate) fn succeeded(&mut self) {
        self.succeeded = true;
    }

    /// The first failure counts: it is the one that the caller sees.
    pub(crate) fn failed(&self, effect: Effect) {
        let _ = self.failed.set(effect);
    }
}

/// A call is over when nothing needs to be known of it any more: its answer is read, or it failed,
/// or nobody waits for it.
impl Drop for Context {
    fn drop(&mut self) {
        let effect = match self.ending.failed.get() {
            Some(effect) => Some(*effect),
            None if self.ending.succeeded => None,
            None => Some(self.effect),
        };
        let event = Event {
            provider: self.provider,
            operation: self.operation,
            attempt: self.count,
            status: self.ending.status,
            effect,
            duration: self.started.elapsed(),
        };
        if effect == Some(Effect::Unknown) {
            tell!("pinning_keys::call", WARN, event);
        } else {
            tell!("pinning_keys::call", DEBUG, event);
        }
    }
}
