//! An address that is not the provider's, where nothing should arrive.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};

/// A port on loopback that counts connections and answers none.
pub(super) struct Outside {
    listener: TcpListener,
    address: SocketAddr,
    arrived: AtomicU64,
}

impl Outside {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a port that does not block");
        let address = listener.local_addr().expect("the port's address");
        Self { listener, address, arrived: AtomicU64::default() }
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections have arrived.
    pub(super) fn arrived(&self) -> u64 {
        while self.listener.accept().is_ok() {
            self.arrived.fetch_add(1, Ordering::Relaxed);
        }
        self.arrived.load(Ordering::Relaxed)
    }
}
