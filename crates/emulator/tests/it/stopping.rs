//! Neither `stop` nor a drop waits for a client that does not send the rest of its request.

use std::time::Duration;

use pinning_keys_emulator::Emulator;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const HALF_A_HEAD: &str = "GET /data/pinList HTTP/1.1\r\nHost: localhost\r\n";

/// Longer than the grace period of `stop`.
const SOON: Duration = Duration::from_secs(5);

/// Anything faster did not wait for the grace period.
const LESS_THAN_THE_GRACE: Duration = Duration::from_millis(900);

fn address(emulator: &Emulator) -> String {
    emulator.pinata().base_url().strip_prefix("http://").unwrap().to_owned()
}

/// With the token of every emulator that has the default seed.
fn half_a_body() -> String {
    format!(
        "POST /v3/api_keys HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 100\r\n\r\n{{",
        Emulator::in_memory().pinata().jwt()
    )
}

/// A connection on which this text has arrived at the server.
async fn sent(emulator: &Emulator, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address(emulator)).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    stream
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    let end = timeout(SOON, stream.read(&mut [0; 64])).await;
    matches!(end, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn stop_cuts_off_half_sent_requests_and_idle_connections() {
    for (text, limit) in [(HALF_A_HEAD, SOON), (&half_a_body(), SOON), ("", LESS_THAN_THE_GRACE)] {
        let emulator = Emulator::start().await.unwrap();
        let mut stream = sent(&emulator, text).await;
        let address = address(&emulator);
        timeout(limit, emulator.stop()).await.expect("stop waits for the client");
        assert!(is_closed(&mut stream).await);
        let again = Emulator::builder().listen(address.parse().unwrap()).start().await;
        assert!(again.is_ok());
    }
}

#[tokio::test]
async fn drop_closes_connections() {
    let emulator = Emulator::start().await.unwrap();
    let mut half_head = sent(&emulator, HALF_A_HEAD).await;
    let mut half_body = sent(&emulator, &half_a_body()).await;
    let mut idle = sent(&emulator, "").await;
    drop(emulator);
    let all = async {
        for stream in [&mut half_head, &mut half_body, &mut idle] {
            assert!(is_closed(stream).await);
        }
    };
    timeout(LESS_THAN_THE_GRACE, all).await.expect("drop waits for the rest of a request");
}
