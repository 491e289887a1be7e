//! What the adapters and the HTTP client below them log, on all levels.

use std::sync::{Mutex, OnceLock, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

/// Every line of the process so far. Tests run at once, so that lines of others are among them;
/// each test looks for secrets of its own.
struct Lines(Mutex<String>);

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend([record.target(), " ", &record.args().to_string(), "\n"]);
    }

    fn flush(&self) {}
}

static LINES: Lines = Lines(Mutex::new(String::new()));

/// Listens from now on.
pub(crate) fn listen() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        log::set_logger(&LINES).expect("no other logger is set in this process");
        log::set_max_level(LevelFilter::Trace);
    });
}

pub(crate) fn lines() -> String {
    LINES.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
