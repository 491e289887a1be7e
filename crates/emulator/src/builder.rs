use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::emulator::Emulator;
use crate::pinata::PinataAssumptions;
use crate::rate_limit::{RateLimit, RateLimits};
use crate::w3ipfs::W3ipfsAssumptions;

/// The default seed. It is fixed, so that runs repeat.
pub const DEFAULT_SEED: u64 = 1;

/// The address of an in-memory emulator. Nothing listens there: port 9 is the old discard service,
/// and requests never reach a socket.
const IN_MEMORY_BASE_URL: &str = "http://127.0.0.1:9";

/// The settings of an [`Emulator`] that is not started yet; from [`Emulator::builder`].
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let one = Emulator::builder().seed(7).in_memory();
/// let other = Emulator::builder().seed(7).in_memory();
/// assert_eq!(one.pinata().jwt(), other.pinata().jwt());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct EmulatorBuilder {
    seed: u64,
    listen: SocketAddr,
    pinata_assumptions: PinataAssumptions,
    w3ipfs_assumptions: W3ipfsAssumptions,
    rate_limits: Vec<RateLimit>,
}

impl EmulatorBuilder {
    pub(crate) fn new() -> Self {
        Self {
            seed: DEFAULT_SEED,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            pinata_assumptions: PinataAssumptions::default(),
            w3ipfs_assumptions: W3ipfsAssumptions::default(),
            rate_limits: Vec::new(),
        }
    }

    /// Sets the seed that every key, identifier and date follows from (default:
    /// [`DEFAULT_SEED`]).
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the address to listen on, which must be loopback (default: a free port of 127.0.0.1).
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = Emulator::builder().listen("127.0.0.1:0".parse()?).start().await?;
    /// assert!(emulator.pinata().base_url().starts_with("http://127.0.0.1:"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Sets what the emulated Pinata does if no source shows what the real one does.
    ///
    /// ```
    /// use pinning_keys_emulator::{Emulator, PinataAssumptions};
    ///
    /// let assumptions = PinataAssumptions::default().key_revokes_itself(false);
    /// let emulator = Emulator::builder().pinata_assumptions(assumptions).in_memory();
    /// # assert_eq!(emulator.keys_made(), 0);
    /// ```
    pub fn pinata_assumptions(mut self, assumptions: PinataAssumptions) -> Self {
        self.pinata_assumptions = assumptions;
        self
    }

    /// Sets what the emulated W3IPFS does if no source shows what the real one does.
    ///
    /// ```
    /// use pinning_keys_emulator::{Emulator, W3ipfsAssumptions};
    ///
    /// let assumptions = W3ipfsAssumptions::default().key_pair_manages_keys(false);
    /// let emulator = Emulator::builder().w3ipfs_assumptions(assumptions).in_memory();
    /// # assert_eq!(emulator.keys_made(), 0);
    /// ```
    pub fn w3ipfs_assumptions(mut self, assumptions: W3ipfsAssumptions) -> Self {
        self.w3ipfs_assumptions = assumptions;
        self
    }

    /// Adds a rate limit (default: none).
    ///
    /// Of several limits, the first whose path matches counts the request, so add an exception
    /// before the rule.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_emulator::{Emulator, RateLimit};
    ///
    /// let limit = RateLimit::new(60, Duration::from_secs(60)).path("/api/apiKeys*");
    /// let emulator = Emulator::builder().rate_limit(limit).in_memory();
    /// # assert_eq!(emulator.keys_made(), 0);
    /// ```
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limits.push(limit);
        self
    }

    /// Starts an HTTP server in a task of the current Tokio runtime.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let emulator = Emulator::builder().seed(42).start().await?;
    /// assert_eq!(emulator.requests(), 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] if the address is not loopback: the emulator gives its
    /// admin credential to anyone, so no other machine may reach it. Otherwise the error of the
    /// system if the address cannot be listened on.
    pub async fn start(self) -> io::Result<Emulator> {
        if !self.listen.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "{} is not a loopback address; the emulator only serves this machine",
                    self.listen.ip()
                ),
            ));
        }
        let listener = TcpListener::bind(self.listen).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        self.build(base_url).serve(listener)
    }

    /// Creates an emulator without a socket; [`Emulator::transport`] reaches it.
    ///
    /// Its base URL is a loopback address on which nothing listens.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().seed(42).in_memory();
    /// let transport = emulator.transport();
    /// # let _ = transport;
    /// ```
    #[must_use]
    pub fn in_memory(self) -> Emulator {
        self.build(IN_MEMORY_BASE_URL.to_owned())
    }

    fn build(self, base_url: String) -> Emulator {
        Emulator::new(
            self.seed,
            self.pinata_assumptions,
            self.w3ipfs_assumptions,
            RateLimits::new(self.rate_limits),
            base_url,
        )
    }
}
