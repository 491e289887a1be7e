//! Ctrl-C, and the other signals that ask a program to end.

use std::process;

use tokio::sync::watch;

use crate::exit::Exit;

/// Whether the program was asked to end.
///
/// The first request is for the command to heed: it starts nothing more and settles what is in
/// flight. The second one ends the program at once.
#[derive(Clone)]
pub(crate) struct Interrupt {
    requested: watch::Receiver<bool>,
}

impl Interrupt {
    /// Listens from now on. This needs a runtime.
    pub(crate) fn listen() -> Self {
        let (sender, requested) = watch::channel(false);
        tokio::spawn(async move {
            signal().await;
            sender.send_replace(true);
            signal().await;
            process::exit(Exit::Interrupted.code().into());
        });
        Self { requested }
    }

    pub(crate) fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }

    /// Waits for the first request.
    pub(crate) async fn requested(&mut self) {
        // The sender is gone only if the program is ending.
        let _ = self.requested.wait_for(|requested| *requested).await;
    }
}

async fn signal() {
    // Without a handler, the system's own applies.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
