//! How much of a body is read, and what is decided before.

mod common;

use std::time::Duration;

use common::{Bench, answer, observed};
use reqwest::multipart::{Form, Part};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const MIB: usize = 1024 * 1024;

/// The status of the answer to a request of which only the head is sent, with a body of
/// this length announced; `None` if there is none before the body.
async fn status_before_body(bench: &Bench, head: &str, length: usize) -> Option<u16> {
    let address = bench.emulator.pinata().base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{head}\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = [0; 12];
    let read = timeout(Duration::from_secs(1), stream.read_exact(&mut line)).await;
    read.ok()?.unwrap();
    let line = std::str::from_utf8(&line).unwrap();
    Some(line.strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap())
}

#[tokio::test]
async fn who_is_refused_need_not_send_the_body() {
    let bench = Bench::new().await;
    let reader = bench.make("reader", json!({ "resources": ["org:files:read"] })).await;
    let admin = bench.admin();
    let bearer = |jwt: &str| format!("\r\nAuthorization: Bearer {jwt}");
    for (path, more, expected) in [
        ("/v3/files", String::new(), Some(401)),
        ("/v3/files", bearer("wrong"), Some(401)),
        ("/v3/files", bearer(&reader.jwt), Some(401)),
        ("/v3/files", bearer(&admin.jwt), None),
        ("/v3/files/no-such-url?X-Signature=0", String::new(), Some(401)),
        ("/v3/nothing", String::new(), Some(404)),
        ("/pinning/pinFileToIPFS", String::new(), Some(400)),
        ("/pinning/pinFileToIPFS", bearer("wrong"), Some(401)),
        ("/pinning/pinFileToIPFS", bearer(&reader.jwt), Some(403)),
        // Whether it is JSON is looked at first, so it has to be there.
        ("/pinning/pinJSONToIPFS", "\r\nContent-Type: application/json".to_owned(), None),
    ] {
        let head = format!("POST {path} HTTP/1.1{more}");
        assert_eq!(status_before_body(&bench, &head, 1000).await, expected, "{head}");
    }
    // Refused for its scope twice, each time counted once.
    assert_eq!(bench.emulator.pinata().keys()[0].uses, 2);
}

#[tokio::test]
async fn bodies_that_are_no_form_end_at_one_mebibyte() {
    let bench = Bench::new().await;
    let create = |blanks: usize| {
        let body = format!("{}{}", " ".repeat(blanks), json!({ "keyName": "k" }));
        bench.as_admin("POST", "/v3/api_keys").body(body)
    };
    assert_eq!(answer(create(MIB - 100)).await.0, 200);
    let (status, body) = answer(create(MIB)).await;
    assert_eq!((status, &body["error"]["code"]), (413, &json!(413)));
    assert_eq!(bench.emulator.keys_made(), 1);

    let head = format!("POST /v3/api_keys HTTP/1.1\r\nAuthorization: Bearer {}", bench.admin().jwt);
    assert_eq!(status_before_body(&bench, &head, MIB + 1).await, Some(413));

    // Too long to be looked at before the credential is.
    let long = || " ".repeat(2 * MIB);
    let json =
        |request: reqwest::RequestBuilder| request.header("content-type", "application/json");
    let request = json(bench.bare("POST", "/pinning/pinJSONToIPFS")).body(long());
    assert_eq!(answer(request).await, observed("400_no_auth_header"));
    let request = json(bench.as_admin("POST", "/pinning/pinJSONToIPFS")).body(long());
    assert_eq!(answer(request).await.0, 413);
}

#[tokio::test]
async fn a_length_that_is_not_announced_is_counted() {
    let bench = Bench::new().await;
    let address = bench.emulator.pinata().base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v3/api_keys HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        bench.admin().jwt,
        2 * MIB
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; MIB + 1]).await.unwrap();
    let mut line = [0; 12];
    timeout(Duration::from_secs(5), stream.read_exact(&mut line)).await.unwrap().unwrap();
    assert_eq!(&line, b"HTTP/1.1 413");
}

#[tokio::test]
async fn forms_may_be_longer() {
    let bench = Bench::new().await;
    let form = || Form::new().part("file", Part::bytes(vec![0; 3 * MIB]).file_name("long"));
    let (status, body) = answer(bench.as_admin("POST", "/v3/files").multipart(form())).await;
    assert_eq!((status, &body["data"]["size"]), (200, &json!(3 * MIB)));
}

/// A connection that is reset would lose the answer of a client that sends before it reads.
#[tokio::test]
async fn who_sends_the_whole_body_all_the_same_gets_the_answer() {
    let bench = Bench::new().await;
    let address = bench.emulator.pinata().base_url().strip_prefix("http://").unwrap();
    let length = 16 * MIB;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        format!("POST /v3/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![0; length]).await.unwrap();
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.unwrap();
    assert_eq!(&line, b"HTTP/1.1 401");
}
