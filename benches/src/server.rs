//! A loopback server that does as little as possible, so that the client is measured.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use pinning_keys_guard::answers;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::process::{Core, pin_to};

/// How a server answers.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// How long each answer takes, in milliseconds.
    pub(crate) delay_ms: u64,
    /// How many keys it lists.
    pub(crate) listed: u64,
}

/// A server in its own process, which ends when this value is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    pub(crate) fn start(settings: Settings) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["server", &serde_json::to_string(&settings)?])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let said = child.stdout.take().context("the server has no output")?;
        BufReader::new(said).read_line(&mut line)?;
        Ok(Self { address: line.trim().parse().context("the server did not start")?, child })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, and nothing can be done about a failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Prints its address, then serves until the process is killed.
pub(crate) async fn serve(settings: Settings) -> Result<()> {
    pin_to(Core::Server)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let site = Arc::new(Site::new(settings));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A client closes its connections when it is done, so errors are ignored.
        tokio::spawn(answer_all(stream, Arc::clone(&site)));
    }
}

/// What the server answers.
struct Site {
    delay: Duration,
    listed: u64,
    pinata_created: Bytes,
    w3ipfs_created: Bytes,
    pinata_revoked: Bytes,
    w3ipfs_revoked: Bytes,
    not_found: Bytes,
}

impl Site {
    fn new(settings: Settings) -> Self {
        Self {
            delay: Duration::from_millis(settings.delay_ms),
            listed: settings.listed,
            pinata_created: message("200 OK", &answers::pinata_created()),
            w3ipfs_created: message("200 OK", &answers::w3ipfs_created()),
            pinata_revoked: message("200 OK", r#""Revoked""#),
            w3ipfs_revoked: message("200 OK", r#"{"data":{},"status":"success"}"#),
            not_found: message("404 Not Found", "{}"),
        }
    }

    fn answer(&self, method: &str, target: &str) -> Bytes {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let created = match (method, path) {
            // The first is documented; the official client calls the second.
            ("POST", "/v3/api_keys" | "/v3/pinata/keys") => &self.pinata_created,
            ("POST", "/api/apiKeys/") => &self.w3ipfs_created,
            ("DELETE", path) if path.starts_with("/v3/api_keys/") => &self.pinata_revoked,
            ("DELETE", path) if path.starts_with("/api/apiKeys/") => &self.w3ipfs_revoked,
            ("GET", "/v3/api_keys") => return message("200 OK", &pinata_page(query, self.listed)),
            ("GET", "/api/apiKeys/list") => {
                return message("200 OK", &w3ipfs_page(query, self.listed));
            }
            _ => &self.not_found,
        };
        created.clone()
    }
}

fn message(status: &str, body: &str) -> Bytes {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    Bytes::from(head + body)
}

fn pinata_page(query: &str, listed: u64) -> String {
    let rows = rows(query, 10, listed).map(|i| {
        format!(
            r#"{{"id":"{i:08}-0000-4000-8000-000000000000","name":"user-{i}","key":"5a5a5a5a{i:012}","max_uses":null,"uses":0,"user_id":"00000000-0000-4000-8000-000000000000","scopes":{{"resources":["org:files:read"]}},"revoked":false,"createdAt":"2025-04-01T00:00:00.000Z","updatedAt":"2025-04-01T00:00:00.000Z"}}"#
        )
    });
    format!(r#"{{"keys":[{}],"count":{listed}}}"#, rows.collect::<Vec<_>>().join(","))
}

fn w3ipfs_page(query: &str, listed: u64) -> String {
    let rows = rows(query, 100, listed).map(|i| {
        format!(
            r#"{{"id":"{i:08}-0000-4000-8000-000000000000","name":"user-{i}","api_key":"c2FtcGxl{i:012}","scopes":{{"admin":false,"data":{{"pin_list":true,"nft_list":false}},"pinning":{{"unpin":false,"pin_by_hash":false,"pin_file_to_ipfs":false}},"pin_nft":{{"unpin_nft":false,"pin_nft_to_ipfs":false}}}},"created_at":"2025-04-01T00:00:00Z"}}"#
        )
    });
    let rows = rows.collect::<Vec<_>>().join(",");
    format!(r#"{{"data":{{"api_keys":[{rows}],"total":{listed}}},"status":"success"}}"#)
}

/// The numbers of the keys on the page that the query asks for.
fn rows(query: &str, page: u64, listed: u64) -> std::ops::Range<u64> {
    let parameters = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut offsets = parameters.filter(|(name, _)| *name == "offset");
    let offset = offsets.next().and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    offset..listed.min(offset.saturating_add(page)).max(offset)
}

/// Answers the requests of a connection, one after another.
async fn answer_all(mut stream: TcpStream, site: Arc<Site>) -> Result<()> {
    let mut received = Vec::with_capacity(4096);
    while let Some((length, answer)) = next_request(&mut stream, &mut received, &site).await? {
        received.drain(..length);
        if !site.delay.is_zero() {
            tokio::time::sleep(site.delay).await;
        }
        stream.write_all(&answer).await?;
    }
    Ok(())
}

/// Receives a whole request. Returns its length and the answer, or `None` at the end.
async fn next_request(
    stream: &mut TcpStream,
    received: &mut Vec<u8>,
    site: &Site,
) -> Result<Option<(usize, Bytes)>> {
    loop {
        if let Some(found) = parse(received, site)? {
            return Ok(Some(found));
        }
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
}

fn parse(received: &[u8], site: &Site) -> Result<Option<(usize, Bytes)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(received)? else {
        return Ok(None);
    };
    let mut lengths =
        request.headers.iter().filter(|h| h.name.eq_ignore_ascii_case("content-length"));
    let body = lengths.next().map_or(Ok(0), |h| {
        std::str::from_utf8(h.value)?.parse::<usize>().map_err(anyhow::Error::from)
    })?;
    if received.len() < head + body {
        return Ok(None);
    }
    let (method, path) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    Ok(Some((head + body, site.answer(method, path))))
}
