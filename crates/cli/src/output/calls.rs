//! The provider calls that `-v` shows.

use std::fmt::{self, Debug};
use std::io::{self, Write as _};

use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::json;
use super::tone::Tone;

/// The events that the library emits, one for each request. They hold nothing of a request, an
/// answer or a key.
const TARGET: &str = "pinning_keys::attempt";

/// Prints each request to a provider on stderr when it ends.
pub(super) struct ShowCalls {
    pub(super) json: bool,
}

impl ShowCalls {
    /// Begins to print, for as long as the program runs.
    pub(super) fn install(self) {
        // Fails only if it is called twice.
        let _ = tracing::subscriber::set_global_default(self);
    }
}

impl Subscriber for ShowCalls {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !metadata.is_span() && metadata.target() == TARGET
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        let mut call = Call::default();
        event.record(&mut call);
        let _ = if self.json {
            // As the library spells it elsewhere.
            call.effect = call.effect.replace(' ', "_");
            writeln!(io::stderr(), "{}", json::line(&Shown { call: &call }))
        } else {
            writeln!(anstream::stderr(), "{}", Tone::Dim.paint(&call))
        };
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        // No span is enabled, so nobody asks for its id.
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Serialize)]
struct Shown<'a> {
    call: &'a Call,
}

/// One request to a provider.
#[derive(Default, Serialize)]
struct Call {
    provider: String,
    operation: String,
    attempt: u64,
    /// Absent if no answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u64>,
    effect: String,
    milliseconds: u64,
}

impl Visit for Call {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "provider" => value.clone_into(&mut self.provider),
            "operation" => value.clone_into(&mut self.operation),
            "effect" => value.clone_into(&mut self.effect),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "attempt" => self.attempt = value,
            "status" => self.status = Some(value),
            "duration" => self.milliseconds = value,
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Such as `call: pinata list: done, 200, 83 ms`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call: {} {}: {}", self.provider, self.operation, self.effect)?;
        match self.status {
            Some(status) => write!(f, ", status {status}")?,
            None => f.write_str(", no answer")?,
        }
        if self.attempt > 1 {
            write!(f, ", attempt {}", self.attempt)?;
        }
        write!(f, ", {} ms", self.milliseconds)
    }
}
