use std::convert::Infallible;
use std::fmt;
use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use crate::door::Door;
use crate::faults::NoAnswer;

/// How long requests in flight may take to finish. Answers take no time, so a request that lasts
/// longer waits for a client that does not send the rest of it.
const GRACE: Duration = Duration::from_secs(1);

/// How long to wait after a connection could not be accepted, for example for lack of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A task that accepts connections and owns the tasks that serve them: none outlives it.
pub(crate) struct Server {
    stop: watch::Sender<()>,
    gate: Gate,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(listener: TcpListener, router: Router) -> io::Result<Self> {
        let door = Door::new(listener)?;
        let (stop, stopped) = watch::channel(());
        let (gate, orders) = mpsc::channel(1);
        let task = tokio::spawn(run(door, router, orders, stopped));
        Ok(Self { stop, gate: Gate(gate), task })
    }

    /// Returns the gate that opens and shuts the door while the server runs.
    pub(crate) fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// Stops the server, and its connections after at most [`GRACE`].
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(());
        // The task never panics, and is not aborted while `self` exists.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Opens and shuts the server's door.
#[derive(Clone)]
pub(crate) struct Gate(mpsc::Sender<Order>);

struct Order {
    open: bool,
    done: oneshot::Sender<io::Result<()>>,
}

impl Gate {
    /// Opens or shuts the door and waits until that is done. The door of a stopped server is shut
    /// for good.
    pub(crate) async fn set_open(&self, open: bool) -> io::Result<()> {
        let (done, is_done) = oneshot::channel();
        let has_ended = || if open { Err(io::ErrorKind::NotConnected.into()) } else { Ok(()) };
        match self.0.send(Order { open, done }).await {
            Ok(()) => is_done.await.unwrap_or_else(|_| has_ended()),
            Err(_) => has_ended(),
        }
    }
}

async fn run(
    mut door: Door,
    router: Router,
    mut orders: mpsc::Receiver<Order>,
    mut stopped: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            Some(Order { open, done }) = orders.recv() => {
                let result = door.set_open(open);
                if !open {
                    connections.shutdown().await;
                }
                // The caller may have stopped waiting.
                let _ = done.send(result);
            }
            accepted = door.accept() => match accepted {
                Ok(stream) => {
                    connections.spawn(serve(stream, router.clone(), stopped.clone()));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(door);
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(GRACE, all).await.is_err() {
        connections.shutdown().await;
    }
}

/// Serves one connection. Its errors concern its client only. The router dates the responses.
async fn serve(stream: TcpStream, router: Router, mut stopped: watch::Receiver<()>) {
    let service = service_fn(move |request| answer(router.clone(), request));
    let mut connection = pin!(
        http1::Builder::new()
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Answers one request. An error closes the connection without another byte.
async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, CutOff> {
    let Ok(response): Result<Response, Infallible> = router.oneshot(request).await;
    match response.extensions().get() {
        // An accepted connection can no longer be refused.
        Some(NoAnswer::Cut | NoAnswer::Refused) => Err(CutOff),
        None => Ok(response),
    }
}

#[derive(Debug)]
struct CutOff;

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut by a fault")
    }
}

impl std::error::Error for CutOff {}
