//! Everything that any crate logs in this process: through `tracing`, `log` and the panic hook.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span;

/// The lines, each once.
static LINES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Starts capturing, at trace level.
pub fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        log::set_logger(&Lines).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        tracing::subscriber::set_global_default(Lines).unwrap();
        tracing::callsite::rebuild_interest_cache();
        let shown = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            keep(format!("panic {panic}"));
            shown(panic);
        }));
    });
}

/// The lines so far, from all tests of the process.
pub fn lines() -> Vec<String> {
    LINES.lock().unwrap().iter().cloned().collect()
}

fn keep(line: String) {
    LINES.lock().unwrap().insert(line);
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
