//! The end of the service, which leaves no key behind.

use std::error::Error;
use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::keys::UploadKeys;

/// How long the requests in flight may take. An idle connection would otherwise keep the service,
/// and the keys, alive.
const GRACE: Duration = Duration::from_secs(2);

/// Serves until a signal, and then revokes all keys. A second signal ends that, too.
///
/// # Errors
///
/// If a key may be left.
pub(crate) async fn serve_until_told(
    listener: TcpListener,
    router: Router,
    keys: &UploadKeys,
    mut signals: Signals,
) -> Result<(), Box<dyn Error>> {
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = stopped.await; // the sender is dropped
    });
    let server = tokio::spawn(server.into_future());
    signals.next().await;
    drop(stop);
    tokio::select! {
        ended = end(server, keys) => ended,
        () = signals.next() => Err("stopped before all keys were revoked: they may still work".into()),
    }
}

async fn end(server: JoinHandle<io::Result<()>>, keys: &UploadKeys) -> Result<(), Box<dyn Error>> {
    let _ = tokio::time::timeout(GRACE, server).await;
    let failed = keys.close_all().await;
    if failed.is_empty() {
        return Ok(());
    }
    for (user, trouble) in failed {
        eprintln!("LEFT BEHIND: the key of {user}, which may still work: {trouble}");
    }
    Err("not all keys are revoked".into())
}

/// The signals that stop the service: Ctrl-C and, on Unix, SIGTERM.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Handles the signals from now on, which would otherwise end the program at once.
    pub(crate) fn take() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn take() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) {
        // A system that cannot report Ctrl-C ends the program itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
