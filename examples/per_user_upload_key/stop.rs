//! The end of the service, when the system or whoever runs it says so: no key is left behind.

use std::error::Error;
use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::keys::UploadKeys;

/// How long requests under way may take to come to their end. A connection that sends nothing
/// would otherwise keep the service, and with it the keys, for as long as it likes.
const GRACE: Duration = Duration::from_secs(2);

/// Serves until a signal, and then revokes all keys. A second signal ends that too.
///
/// # Errors
///
/// Where a key may be left.
pub(crate) async fn serve_until_told(
    listener: TcpListener,
    router: Router,
    keys: &UploadKeys,
    mut signals: Signals,
) -> Result<(), Box<dyn Error>> {
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = stopped.await; // is dropped, and never sent
    });
    let server = tokio::spawn(server.into_future());
    signals.next().await;
    drop(stop);
    tokio::select! {
        ended = end(server, keys) => ended,
        () = signals.next() => Err("ended before all keys were revoked: they may still work".into()),
    }
}

async fn end(server: JoinHandle<io::Result<()>>, keys: &UploadKeys) -> Result<(), Box<dyn Error>> {
    let _ = tokio::time::timeout(GRACE, server).await;
    let failed = keys.close_all().await;
    if failed.is_empty() {
        return Ok(());
    }
    let left = failed.iter().map(|(user, trouble)| {
        format!("LEFT BEHIND: the key of {user}, which may still work: {trouble}")
    });
    Err(left.collect::<Vec<_>>().join("\n").into())
}

/// The signals that tell the service to end: Ctrl-C, and SIGTERM where there is such a thing.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Takes the signals from here on, which would otherwise end the program at once.
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
        // Where the system cannot tell of Ctrl-C, it ends the program itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
