//! A server on loopback that follows a script, byte by byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use pinning_keys_http::{ApiClient, ApiClientBuilder, BaseUrl};

use super::token;

/// What the server does with one connection.
#[derive(Clone)]
pub(crate) enum Connection {
    /// Reads a request, sends these bytes, and closes.
    Reply(Vec<u8>),
    /// Reads requests and sends these bytes after each, until the client closes.
    KeepReplying(Vec<u8>),
    /// Closes without a word, the request unread.
    Close,
    /// Reads a request and closes.
    ReadAndClose,
    /// Reads a request and never answers.
    Hang,
    /// Sends this head and then zeros without end.
    Endless(&'static str),
}

pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    /// How many bytes of endless bodies the client took.
    pub(crate) taken: Arc<AtomicU64>,
}

impl Server {
    /// Plays one entry of the script a connection, and the last one again and again.
    pub(crate) fn start(script: impl IntoIterator<Item = Connection>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            taken: Arc::default(),
        };
        let (requests, taken) = (server.requests.clone(), server.taken.clone());
        let mut script: Vec<_> = script.into_iter().collect();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let next = if script.len() > 1 { script.remove(0) } else { script[0].clone() };
                let (requests, taken) = (requests.clone(), taken.clone());
                thread::spawn(move || play(&next, stream, &requests, &taken));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn builder(&self) -> ApiClientBuilder {
        ApiClient::builder("example", BaseUrl::parse(&self.url(), &[]).unwrap(), token())
    }

    pub(crate) fn client(&self) -> ApiClient {
        self.builder().build().unwrap()
    }

    /// The requests as they came, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The last answer on its connection, with this status line, these further headers and this
/// body.
pub(crate) fn reply(status: &str, headers: &str, body: &str) -> Vec<u8> {
    kept_reply(status, &format!("connection: close\r\n{headers}"), body)
}

/// An answer after which the connection stays open.
pub(crate) fn kept_reply(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
        .into_bytes()
}

fn play(
    connection: &Connection,
    mut stream: TcpStream,
    requests: &Mutex<Vec<String>>,
    taken: &AtomicU64,
) {
    if matches!(connection, Connection::Close) {
        return;
    }
    while let Some(request) = read_request(&mut stream) {
        requests.lock().unwrap().push(request);
        match connection {
            Connection::Reply(bytes) => {
                let _ = stream.write_all(bytes);
                return;
            }
            Connection::KeepReplying(bytes) => {
                let _ = stream.write_all(bytes);
            }
            Connection::Close | Connection::ReadAndClose => return,
            // The client gives up; then the read fails or finds the end.
            Connection::Hang => {}
            Connection::Endless(head) => {
                let _ = stream.write_all(head.as_bytes());
                while stream.write_all(&[b'0'; 16 * 1024]).is_ok() {
                    taken.fetch_add(16 * 1024, Ordering::Relaxed);
                }
                return;
            }
        }
    }
}

/// One request with its body; nothing at the end of the connection.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&piece[..count]),
            _ => return None,
        }
    }
}
