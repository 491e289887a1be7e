//! The end of the service, which leaves no key behind.

use std::error::Error;
use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::keys::UploadKeys;

/// How long the requests in flight may take. An idle connection would otherwise keep the service,
/// and the keys, alive.
const GRACE: Duration = Duration::from_secs(2);

/// Serves, with a worker that ends leases, until a signal. Then it revokes all keys, unless a
/// second signal ends that, too.
///
/// # Errors
///
/// If a key may be left. The store knows it, and the worker of the next start ends it.
pub(crate) async fn serve_until_told(
    listener: TcpListener,
    router: Router,
    keys: &UploadKeys,
    mut signals: Signals,
) -> Result<(), Box<dyn Error>> {
    let (stop, stopped) = watch::channel(());
    let shutdown = || {
        let mut stopped = stopped.clone();
        async move { while stopped.changed().await.is_ok() {} } // until the sender is dropped
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(shutdown());
    let server = tokio::spawn(server.into_future());
    let (manager, shutdown) = (keys.manager.clone(), shutdown());
    let mut worker = tokio::spawn(async move { manager.run(shutdown).await });
    tokio::select! {
        () = signals.next() => {}
        // It ends by itself only if the store cannot be used any more.
        ended = &mut worker => return Ok(ended??),
    }
    drop(stop);
    let end = async {
        let _ = tokio::time::timeout(GRACE, server).await;
        worker.await??;
        let failed = keys.close_all().await.map_err(|refusal| refusal.why)?;
        for refusal in &failed {
            eprintln!("LEFT BEHIND: {}", refusal.why);
        }
        if failed.is_empty() { Ok(()) } else { Err("not all keys are revoked".into()) }
    };
    tokio::select! {
        ended = end => ended,
        () = signals.next() => Err("stopped before all keys were revoked: they may still work".into()),
    }
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
