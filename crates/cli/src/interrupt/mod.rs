//! Ctrl-C, and the other signals that ask a program to end.

mod signals;
mod terminal;

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::{mpsc, watch};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
pub(crate) use signals::Signal;
use signals::Signals;
use terminal::Terminal;

/// Whether the program was asked to end.
///
/// The first request is for the command to heed: it starts nothing more and settles what is in
/// flight. The second one ends the program at once.
#[derive(Clone)]
pub(crate) struct Interrupt {
    shared: Arc<Shared>,
    requested: watch::Receiver<Option<Signal>>,
}

struct Shared {
    output: Output,
    /// What the first request was.
    requested: watch::Sender<Option<Signal>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The program waits for a person and nothing is in flight, so the first request ends it.
    asking: Option<Question>,
    /// What takes the requests, if the command lets something else heed them.
    diverted: Option<mpsc::UnboundedSender<Signal>>,
    /// What may be left behind if the program ends now, and what to type then.
    left: Vec<String>,
}

/// What has to be put back if the program ends at a question.
struct Question {
    terminal: Option<Terminal>,
}

impl Interrupt {
    /// Listens from now on to Ctrl-C, and to what a shell, a service manager or a CI runner sends
    /// to end a program.
    pub(crate) fn listen(output: &Output) -> Self {
        Self::listen_to(output, &[Signal::Interrupt, Signal::Terminate, Signal::HangUp])
    }

    /// Listens to Ctrl-\ too, which a person may mean for the command that `exec` runs.
    pub(crate) fn listen_for_child(output: &Output) -> Self {
        let all = [Signal::Interrupt, Signal::Terminate, Signal::HangUp, Signal::Quit];
        Self::listen_to(output, &all)
    }

    fn listen_to(output: &Output, signals: &[Signal]) -> Self {
        let (sender, requested) = watch::channel(None);
        let state = Mutex::default();
        let shared = Arc::new(Shared { output: output.clone(), requested: sender, state });
        // A separate thread handles a request even while the program waits for an answer at the
        // terminal, or for a reader of its output.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without it, the system's own reaction to signals applies.
        if let Ok(runtime) = runtime {
            let mut signals = {
                let _entered = runtime.enter();
                Signals::listen(signals)
            };
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                runtime.block_on(async move {
                    loop {
                        shared.heed(signals.next().await);
                    }
                });
            });
        }
        Self { shared, requested }
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.request().is_some()
    }

    /// What the first request was, if there was one.
    pub(crate) fn request(&self) -> Option<Signal> {
        *self.requested.borrow()
    }

    /// Waits for the first request.
    pub(crate) async fn requested(&self) {
        // The sender lives as long as `self`.
        let _ = self.requested.clone().wait_for(Option::is_some).await;
    }

    /// Fails if the program was asked to end, before something is started.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.is_requested() { Err(interrupted()) } else { Ok(()) }
    }

    /// Makes a call that changes nothing, and gives it up if the program is asked to end.
    pub(crate) async fn or_end<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        tokio::select! {
            biased;
            () = self.requested() => Err(interrupted()),
            result = call => Ok(result?),
        }
    }

    /// Makes a call that must not be given up once it is sent. If the program is asked to end
    /// meanwhile, this says what it does first, such as `the key is revoked first`.
    pub(crate) async fn settle<T>(&self, what: &str, call: impl Future<Output = T>) -> T {
        let mut call = std::pin::pin!(call);
        if !self.is_requested() {
            tokio::select! {
                biased;
                result = &mut call => return result,
                () = self.requested() => self.shared.output.note(format_args!(
                    "interrupted: {what}; interrupt again to end at once"
                )),
            }
        }
        call.await
    }

    /// Waits for a person while nothing is in flight, so that the first request ends the program.
    pub(crate) fn while_asking<T>(&self, question: impl FnOnce() -> T) -> T {
        self.shared.state().asking = Some(Question { terminal: Terminal::current() });
        let answer = question();
        self.shared.state().asking = None;
        answer
    }

    /// Sets what may be left behind if a second request ends the program, and what to type then.
    pub(crate) fn would_leave(&self, lines: impl IntoIterator<Item = String>) {
        self.shared.state().left = lines.into_iter().collect();
    }

    /// Takes the requests over until the result is dropped.
    pub(crate) fn divert(&self) -> Diverted<'_> {
        let (sender, requests) = mpsc::unbounded_channel();
        self.shared.state().diverted = Some(sender);
        Diverted { shared: &self.shared, requests }
    }
}

/// The requests to end that something else heeds, such as the command of `exec`.
pub(crate) struct Diverted<'a> {
    shared: &'a Shared,
    requests: mpsc::UnboundedReceiver<Signal>,
}

impl Diverted<'_> {
    pub(crate) async fn next(&mut self) -> Signal {
        match self.requests.recv().await {
            Some(signal) => signal,
            // The sender is kept until this is dropped.
            None => std::future::pending().await,
        }
    }

    /// Ends the program, and says what may be left behind.
    pub(crate) fn end_at_once(&self) -> ! {
        self.shared.end(&self.shared.state(), again())
    }
}

impl Drop for Diverted<'_> {
    fn drop(&mut self) {
        self.shared.state().diverted = None;
    }
}

impl Shared {
    fn heed(&self, signal: Signal) {
        let state = self.state();
        match &state.diverted {
            Some(taker) => drop(taker.send(signal)),
            None if state.asking.is_some() => self.end(&state, interrupted()),
            None if self.requested.borrow().is_some() => self.end(&state, again()),
            None => drop(self.requested.send_replace(Some(signal))),
        }
    }

    /// Ends the program. The state stays locked, so that a question that is answered at the same
    /// moment has no effect.
    fn end(&self, state: &MutexGuard<'_, State>, failure: Failure) -> ! {
        if let Some(Question { terminal: Some(terminal) }) = &state.asking {
            terminal.restore();
        }
        self.output.failure(&failure.with_only_next(state.left.clone()));
        process::exit(Exit::Interrupted.code().into())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a command that was asked to end and leaves nothing behind.
pub(crate) fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "interrupted")
}

fn again() -> Failure {
    Failure::new(Exit::Interrupted, "interrupted twice; exited immediately")
}
