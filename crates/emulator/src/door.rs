use std::future::pending;
use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How many connections may wait to be accepted, as with Tokio's own listeners.
const BACKLOG: u32 = 1024;

/// A port that is listened on, or kept shut: who is refused there is refused by the system.
pub(crate) struct Door {
    address: SocketAddr,
    state: State,
}

enum State {
    Open(TcpListener),
    /// A socket that has the port and does not listen keeps the system from giving it away.
    Shut(Option<TcpSocket>),
}

impl Door {
    pub(crate) fn new(listener: TcpListener) -> io::Result<Self> {
        Ok(Self { address: listener.local_addr()?, state: State::Open(listener) })
    }

    /// The next connection; never one while the door is shut.
    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        match &self.state {
            State::Open(listener) => listener.accept().await.map(|(stream, _)| stream),
            State::Shut(_) => pending().await,
        }
    }

    pub(crate) fn set_open(&mut self, open: bool) -> io::Result<()> {
        match &mut self.state {
            State::Open(_) if !open => {
                // One port cannot have both, so the listener goes first.
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
        // Connections of before may linger on the port. On Windows it would mean that others
        // may take it.
        socket.set_reuseaddr(cfg!(not(windows)))?;
        socket.bind(self.address)?;
        Ok(socket)
    }
}
