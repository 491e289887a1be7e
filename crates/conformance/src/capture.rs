//! The log of the process, ready for [`Outputs::log`](crate::Outputs::log): what any crate logs
//! through `tracing` or `log`, on all levels, and the messages of panics.
//!
//! ```
//! use pinning_keys_conformance::{Outputs, capture};
//!
//! struct Printed;
//!
//! impl Outputs for Printed {
//! #   fn account_secrets(&self) -> Vec<String> { Vec::new() }
//! #   fn debug_forms(&self) -> Vec<String> { Vec::new() }
//!     fn log(&self) -> String {
//!         capture::lines().join("\n")
//!     }
//! }
//!
//! // Before anything is logged, such as where the harness is created.
//! capture::begin();
//! log::debug!("issued a key");
//! assert!(Printed.log().contains("issued a key"));
//! ```

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::panic;
use std::sync::{Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span;

use crate::panics::lock;

/// The lines, each once.
static LINES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Starts to keep what is logged. Later calls do nothing.
///
/// ```
/// pinning_keys_conformance::capture::begin();
/// ```
///
/// # Panics
///
/// If the process already has a logger or a global `tracing` subscriber.
pub fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        log::set_logger(&Lines).expect("the process has no other logger");
        log::set_max_level(log::LevelFilter::Trace);
        tracing::subscriber::set_global_default(Lines)
            .expect("the process has no other subscriber");
        tracing::callsite::rebuild_interest_cache();
        let shown = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            keep(format!("panic {info}"));
            shown(info);
        }));
    });
}

/// The lines so far, from all tests of the process, each once and in no particular order.
///
/// ```
/// use pinning_keys_conformance::capture;
///
/// capture::begin();
/// log::info!("no secret here");
/// assert!(capture::lines().iter().any(|line| line.ends_with("no secret here")));
/// ```
pub fn lines() -> Vec<String> {
    lock(&LINES).iter().cloned().collect()
}

fn keep(line: String) {
    lock(&LINES).insert(line);
}

struct Lines;

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        keep(format!("log {} {} {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut line = Line::new("span", span.metadata());
        span.record(&mut line);
        keep(line.0);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        let mut line = Line("record".to_owned());
        values.record(&mut line);
        keep(line.0);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line::new("event", event.metadata());
        event.record(&mut line);
        keep(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Line {
    fn new(what: &str, metadata: &tracing::Metadata<'_>) -> Self {
        Self(format!("{what} {} {}", metadata.level(), metadata.target()))
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 = format!("{} {}={value:?}", self.0, field.name());
    }
}
