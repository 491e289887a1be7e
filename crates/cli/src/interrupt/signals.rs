//! The signals of the system.

use std::future::poll_fn;
use std::task::{Context, Poll};

/// A request to end, by what makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A service manager, a CI runner, or `kill`.
    Terminate,
    /// The terminal is gone.
    HangUp,
    /// Ctrl-\.
    Quit,
}

/// The signals that are listened to.
pub(super) struct Signals {
    streams: Vec<(Signal, system::Stream)>,
}

impl Signals {
    /// Listens to these signals. One that was ignored when the program started, such as a hang-up
    /// under `nohup`, stays ignored.
    pub(super) fn listen(signals: &[Signal]) -> Self {
        let heard = signals.iter().filter(|signal| !system::is_ignored(**signal));
        // The system's own reaction applies to what cannot be listened to.
        let streams = heard.filter_map(|signal| Some((*signal, system::stream(*signal)?)));
        Self { streams: streams.collect() }
    }

    pub(super) async fn next(&mut self) -> Signal {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Signal> {
        for (signal, stream) in &mut self.streams {
            if stream.poll_recv(context).is_ready() {
                return Poll::Ready(*signal);
            }
        }
        Poll::Pending
    }
}

#[cfg(unix)]
mod system {
    use rustix::process::Signal as Number;
    use tokio::signal::unix::{SignalKind, signal};

    use super::Signal;

    pub(super) type Stream = tokio::signal::unix::Signal;

    pub(super) fn stream(wanted: Signal) -> Option<Stream> {
        signal(SignalKind::from_raw(wanted.number().as_raw())).ok()
    }

    /// Whether the program was started with this signal ignored; `false` where the system does not
    /// show it.
    pub(super) fn is_ignored(signal: Signal) -> bool {
        let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal.number().as_raw() - 1) & 1 == 1)
    }

    impl Signal {
        pub(crate) const fn number(self) -> Number {
            match self {
                Self::Interrupt => Number::INT,
                Self::Terminate => Number::TERM,
                Self::HangUp => Number::HUP,
                Self::Quit => Number::QUIT,
            }
        }
    }
}

#[cfg(windows)]
mod system {
    use std::task::{Context, Poll};

    use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

    use super::Signal;

    pub(super) enum Stream {
        C(CtrlC),
        Break(CtrlBreak),
        Close(CtrlClose),
    }

    impl Stream {
        pub(super) fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<()>> {
            match self {
                Self::C(stream) => stream.poll_recv(context),
                Self::Break(stream) => stream.poll_recv(context),
                Self::Close(stream) => stream.poll_recv(context),
            }
        }
    }

    pub(super) fn stream(signal: Signal) -> Option<Stream> {
        match signal {
            Signal::Interrupt => ctrl_c().ok().map(Stream::C),
            Signal::Terminate => ctrl_break().ok().map(Stream::Break),
            Signal::HangUp => ctrl_close().ok().map(Stream::Close),
            Signal::Quit => None,
        }
    }

    pub(super) const fn is_ignored(_signal: Signal) -> bool {
        false
    }
}
