use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use http::Method;
use tokio::net::TcpListener;

use crate::builder::EmulatorBuilder;
use crate::counters::Counters;
use crate::date_header::DateHeader;
use crate::faults::Faults;
use crate::faults::inject::Entrance;
use crate::pinata::{Pinata, PinataAssumptions};
use crate::rate_limit::RateLimits;
use crate::router::router;
use crate::server::Server;
use crate::transport::InMemoryTransport;
use crate::w3ipfs::{W3ipfs, W3ipfsAssumptions};

/// Both providers on this machine, on a port or in memory.
///
/// Dropping it closes the server and its connections at once, even in the middle of a request, and
/// forgets all keys; [`stop`](Self::stop) lets requests in flight finish.
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
    date_header: DateHeader,
    pinata: Pinata,
    w3ipfs: W3ipfs,
    server: Option<Server>,
}

impl Emulator {
    /// Starts an emulator with all defaults on a free port of 127.0.0.1.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let emulator = Emulator::start().await?;
    /// assert!(emulator.pinata().base_url().starts_with("http://127.0.0.1:"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error of the system if no port can be listened on.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Creates an emulator with all defaults and without a socket; [`transport`](Self::transport)
    /// reaches it.
    ///
    /// With `pinning-keys`, an issuer in front of it takes one line:
    ///
    /// ```text
    /// IssuerConfig::from_vars(emulator.pinata().vars())?.with_transport(emulator.transport()).build()?
    /// ```
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// assert_eq!((emulator.keys_made(), emulator.requests()), (0, 0));
    /// ```
    pub fn in_memory() -> Self {
        Self::builder().in_memory()
    }

    /// Returns a builder, to choose the seed, the address, assumptions or rate limits.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().seed(7).in_memory();
    /// assert_ne!(emulator.pinata().jwt(), Emulator::in_memory().pinata().jwt());
    /// ```
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::new()
    }

    pub(crate) fn new(
        seed: u64,
        pinata: PinataAssumptions,
        w3ipfs: W3ipfsAssumptions,
        rate_limits: RateLimits,
        base_url: String,
    ) -> Self {
        let (counters, faults) = (Arc::new(Counters::default()), Faults::new(seed));
        let date_header = DateHeader::of_the_system();
        let w3ipfs = W3ipfs::new(seed, w3ipfs, format!("{base_url}/api"));
        let pinata = Pinata::new(seed, pinata, base_url);
        let entrance = Entrance {
            counters: Arc::clone(&counters),
            rate_limits: rate_limits.clone(),
            faults: faults.clone(),
            date_header: date_header.clone(),
        };
        let router = router(entrance, &pinata, &w3ipfs);
        Self { router, counters, rate_limits, faults, date_header, pinata, w3ipfs, server: None }
    }

    pub(crate) fn serve(mut self, listener: TcpListener) -> io::Result<Self> {
        let server = Server::start(listener, self.router.clone())?;
        self.faults.set_gate(server.gate());
        self.server = Some(server);
        Ok(self)
    }

    /// Returns the emulated Pinata: its address, its admin credential and its keys.
    pub fn pinata(&self) -> &Pinata {
        &self.pinata
    }

    /// Returns the emulated W3IPFS: its address, its credentials and its keys.
    pub fn w3ipfs(&self) -> &W3ipfs {
        &self.w3ipfs
    }

    /// Returns a transport that reaches both providers in memory, on the same state. It works for
    /// started emulators too.
    pub fn transport(&self) -> Arc<InMemoryTransport> {
        let (router, faults) = (self.router.clone(), self.faults.clone());
        Arc::new(InMemoryTransport::new(router, faults, self.pinata.base_url()))
    }

    /// Returns the faults, which apply over TCP and in memory alike; at first there are none.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Sets the time that answers are dated with, at both providers (default: 2025-01-01, 00:00
    /// UTC), so that a test can create keys of any age.
    ///
    /// The next thing that is dated gets this time in whole seconds, and each later one a second
    /// more. No two things of a provider share a moment: if the time is set back, those that are
    /// taken are skipped. Times before 1970 count as 1970.
    ///
    /// Only dates in bodies follow it; for the header `Date`, see
    /// [`set_date_header`](Self::set_date_header). Tokens still expire in 2100, and a signed upload URL still accepts
    /// uploads for as long as it did.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use pinning_keys_emulator::Emulator;
    ///
    /// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    ///
    /// let emulator = Emulator::in_memory();
    /// emulator.set_time(SystemTime::now() - 31 * DAY);
    /// // … the app issues a key, which is then 31 days old …
    /// emulator.set_time(SystemTime::now());
    /// // … and one that is new. Does its clean-up revoke the right one?
    /// ```
    pub fn set_time(&self, time: SystemTime) {
        self.pinata.set_time(time);
        self.w3ipfs.set_time(time);
    }

    /// Sets the clock that the header `Date` of every response follows (default: the system clock).
    /// If it returns `None`, there is no header.
    ///
    /// The clock is asked once for each response, so a test that drives a clock by hand can pass it.
    /// Times before 1970 count as 1970.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use bytes::Bytes;
    /// use http::Request;
    /// use pinning_keys_emulator::Emulator;
    /// use pinning_keys_http::{Limits, Transport as _};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = Emulator::in_memory();
    /// emulator.set_date_header(|| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_718_206_490)));
    ///
    /// let request = Request::get(emulator.pinata().base_url()).body(Bytes::new())?;
    /// let limits = Limits::new(Duration::from_secs(5), 64 * 1024);
    /// let response = emulator.transport().send(request, limits).await?;
    /// assert_eq!(response.headers()["date"], "Wed, 12 Jun 2024 15:34:50 GMT");
    ///
    /// emulator.set_date_header(|| None); // as behind a proxy that strips it
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_date_header(&self, clock: impl Fn() -> Option<SystemTime> + Send + Sync + 'static) {
        self.date_header.set(Arc::new(clock));
    }

    /// Returns how many keys were created at both providers; see [`Pinata::keys_made`] and
    /// [`W3ipfs::keys_made`].
    pub fn keys_made(&self) -> usize {
        self.pinata.keys_made() + self.w3ipfs.keys_made()
    }

    /// Returns how many of the keys created at both providers are not revoked; see
    /// [`Pinata::keys_live`] and [`W3ipfs::keys_live`].
    pub fn keys_live(&self) -> usize {
        self.pinata.keys_live() + self.w3ipfs.keys_live()
    }

    /// Returns how many requests arrived, including refused ones, ones for unknown routes and ones
    /// whose connection was cut, but not ones whose connection was refused.
    pub fn requests(&self) -> u64 {
        self.counters.total()
    }

    /// Returns how many requests with this method arrived whose path begins with `path_prefix`.
    ///
    /// ```
    /// use http::Method;
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// assert_eq!(emulator.requests_to(&Method::POST, "/v3/api_keys"), 0);
    /// ```
    pub fn requests_to(&self, method: &Method, path_prefix: &str) -> u64 {
        self.counters.matching(method, path_prefix)
    }

    /// Returns how many of the requests got 429 because they exceeded a
    /// [`rate_limit`](EmulatorBuilder::rate_limit).
    pub fn rate_limited(&self) -> u64 {
        self.rate_limits.refused()
    }

    /// Stops the server and waits until its connections are closed and the port is free.
    ///
    /// Requests in flight get their response first. A request whose client does not send the rest
    /// of it is cut off after a second.
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
