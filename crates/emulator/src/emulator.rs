use std::fmt;
use std::io;
use std::sync::Arc;

use axum::Router;
use http::Method;
use tokio::net::TcpListener;

use crate::builder::EmulatorBuilder;
use crate::counters::Counters;
use crate::faults::inject::Entrance;
use crate::faults::{Faults, control};
use crate::pinata::{Pinata, PinataAssumptions};
use crate::rate_limit::RateLimits;
use crate::router::router;
use crate::server::Server;
use crate::transport::InMemoryTransport;
use crate::w3ipfs::{W3ipfs, W3ipfsAssumptions};

/// Both providers on this machine: a running server, or one in memory.
///
/// Dropping it ends the server and its connections at once, in the middle of a request if
/// there is one, and forgets all keys; [`stop`](Self::stop) lets requests come to their end.
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let emulator = Emulator::start().await?;
/// println!("an app's base URL: {}", emulator.pinata().base_url());
/// emulator.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Emulator {
    router: Router,
    counters: Arc<Counters>,
    rate_limits: RateLimits,
    faults: Faults,
    pinata: Pinata,
    w3ipfs: W3ipfs,
    server: Option<Server>,
}

impl Emulator {
    /// Starts an emulator with all defaults on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Whatever the system says when no port can be listened on.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// An emulator of which something is to be chosen first: seed, address, assumptions,
    /// or that it runs without a socket.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::new()
    }

    pub(crate) fn new(
        seed: u64,
        pinata: PinataAssumptions,
        w3ipfs: W3ipfsAssumptions,
        control_route: bool,
        rate_limits: RateLimits,
        base_url: String,
    ) -> Self {
        let (counters, faults) = (Arc::new(Counters::default()), Faults::new(seed));
        let w3ipfs = W3ipfs::new(seed, w3ipfs, format!("{base_url}/api"));
        let pinata = Pinata::new(seed, pinata, base_url);
        let entrance = Entrance {
            counters: Arc::clone(&counters),
            rate_limits: rate_limits.clone(),
            faults: faults.clone(),
        };
        let mut router = router(entrance, &pinata, &w3ipfs);
        if control_route {
            router = router.merge(control::routes(faults.clone()));
        }
        Self { router, counters, rate_limits, faults, pinata, w3ipfs, server: None }
    }

    pub(crate) fn serve(mut self, listener: TcpListener) -> io::Result<Self> {
        let server = Server::start(listener, self.router.clone())?;
        self.faults.set_gate(server.gate());
        self.server = Some(server);
        Ok(self)
    }

    /// The emulated Pinata: where it is, its admin credential, and what it holds.
    pub fn pinata(&self) -> &Pinata {
        &self.pinata
    }

    /// The emulated W3IPFS: where it is, its credentials, and what it holds.
    pub fn w3ipfs(&self) -> &W3ipfs {
        &self.w3ipfs
    }

    /// A transport that answers in memory, without a socket, from the same state.
    ///
    /// It works for started emulators too.
    pub fn transport(&self) -> InMemoryTransport {
        InMemoryTransport::new(self.router.clone(), self.faults.clone(), self.pinata.base_url())
    }

    /// What is to go wrong, over TCP and in memory alike; at first nothing.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// How many keys were made, summed over all providers; see [`Pinata::keys_made`]
    /// and [`W3ipfs::keys_made`].
    pub fn keys_made(&self) -> usize {
        self.pinata.keys_made() + self.w3ipfs.keys_made()
    }

    /// How many of the keys made are not revoked, summed over all providers; see
    /// [`Pinata::keys_live`] and [`W3ipfs::keys_live`].
    pub fn keys_live(&self) -> usize {
        self.pinata.keys_live() + self.w3ipfs.keys_live()
    }

    /// How many requests arrived, refused ones and ones for unknown routes included.
    ///
    /// Those whose connection was cut are among them, and those whose connection was refused
    /// are not, nor are those to the control route.
    pub fn requests(&self) -> u64 {
        self.counters.total()
    }

    /// How many requests with this method arrived whose path begins with `path_prefix`.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().in_memory();
    /// assert_eq!(emulator.requests_to(&Method::POST, "/v3/api_keys"), 0);
    /// ```
    pub fn requests_to(&self, method: &Method, path_prefix: &str) -> u64 {
        self.counters.matching(method, path_prefix)
    }

    /// How many requests were answered 429, because they were beyond a
    /// [`rate_limit`](EmulatorBuilder::rate_limit). They are among those that arrived.
    pub fn rate_limited(&self) -> u64 {
        self.rate_limits.refused()
    }

    /// Stops the server, and waits until its connections are closed and the port is free.
    ///
    /// Requests under way are answered first. One whose client does not send the rest of it
    /// is cut off after a second.
    pub async fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("pinata", &self.pinata)
            .field("w3ipfs", &self.w3ipfs)
            .finish_non_exhaustive()
    }
}
