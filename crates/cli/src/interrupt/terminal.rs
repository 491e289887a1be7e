//! The terminal as it was before a question, which may hide what is typed.

#[cfg(unix)]
pub(super) struct Terminal {
    device: std::fs::File,
    settings: rustix::termios::Termios,
}

#[cfg(unix)]
impl Terminal {
    pub(super) fn current() -> Option<Self> {
        let device = std::fs::File::open("/dev/tty").ok()?;
        let settings = rustix::termios::tcgetattr(&device).ok()?;
        Some(Self { device, settings })
    }

    pub(super) fn restore(&self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // The terminal may be gone.
        let _ = tcsetattr(&self.device, OptionalActions::Now, &self.settings);
    }
}

/// A console belongs to its processes one by one.
#[cfg(not(unix))]
pub(super) struct Terminal;

#[cfg(not(unix))]
impl Terminal {
    pub(super) fn current() -> Option<Self> {
        None
    }

    pub(super) fn restore(&self) {}
}
