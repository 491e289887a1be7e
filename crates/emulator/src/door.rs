use std::future::pending;
use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How many connections may wait to be accepted; the same as for Tokio's own listeners.
const BACKLOG: u32 = 1024;

/// A port that is open or shut: while it is shut, the system itself refuses connections.
pub(crate) struct Door {
    address: SocketAddr,
    state: State,
}

enum State {
    Open(TcpListener),
    /// A bound socket that does not listen keeps the system from giving the port away.
    Shut(Option<TcpSocket>),
}

impl Door {
    pub(crate) fn new(listener: TcpListener) -> io::Result<Self> {
        Ok(Self { address: listener.local_addr()?, state: State::Open(listener) })
    }

    /// Returns the next connection; waits for ever while the door is shut.
    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        match &self.state {
            State::Open(listener) => listener.accept().await.map(|(stream, _)| stream),
            State::Shut(_) => pending().await,
        }
    }

    pub(crate) fn set_open(&mut self, open: bool) -> io::Result<()> {
        match &mut self.state {
            State::Open(_) if !open => {
                // Both cannot hold one port, so the listener is dropped first.
                self.state = State::Shut(None);
                self.state = State::Shut(Some(self.bind()?));
            }
            State::Shut(socket) if open => {
                let kept = socket.take();
                let socket = kept.map_or_else(|| self.bind(), Ok)?;
                self.state = State::Open(socket.listen(BACKLOG)?);
            }
            State::Open(_) | State::Shut(_) => {}
        }
        Ok(())
    }

    fn bind(&self) -> io::Result<TcpSocket> {
        let socket =
            if self.address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // Earlier connections may linger on the port. On Windows the option would let other
        // programs take it.
        socket.set_reuseaddr(cfg!(not(windows)))?;
        socket.bind(self.address)?;
        Ok(socket)
    }
}
