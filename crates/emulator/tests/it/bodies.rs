//! How much of a body is read, and what is decided before that.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::common::table::UPLOAD;
use crate::common::{Bench, answer, observed, w3ipfs};

const MIB: usize = 1024 * 1024;

/// The status of the answer to a request of which only this is sent; `None` if none comes.
async fn status_after(bench: &Bench, head: &str, body: &[u8]) -> Option<u16> {
    let address = bench.pinata().base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}\r\nHost: localhost\r\n\r\n").as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut line = [0; 12];
    let read = timeout(Duration::from_secs(2), stream.read_exact(&mut line)).await;
    read.ok()?.unwrap();
    let line = std::str::from_utf8(&line).unwrap();
    Some(line.strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap())
}

#[tokio::test]
async fn refusal_comes_before_the_body() {
    let bench = Bench::new().await;
    let reader = bench.make("reader", json!({ "resources": ["org:files:read"] })).await;
    let admin = bench.admin();
    let bearer = |jwt: &str| format!("\r\nAuthorization: Bearer {jwt}");
    for (path, more, expected) in [
        ("/v3/files", String::new(), Some(401)),
        ("/v3/files", bearer("wrong"), Some(401)),
        ("/v3/files", bearer(&reader.jwt), Some(401)),
        ("/v3/files", bearer(&admin.jwt), None),
        (&format!("/v3/files/{UPLOAD}?X-Signature=0"), String::new(), Some(401)),
        ("/v3/nothing", String::new(), Some(404)),
        ("/pinning/pinFileToIPFS", String::new(), Some(400)),
        ("/pinning/pinFileToIPFS", bearer("wrong"), Some(401)),
        ("/pinning/pinFileToIPFS", bearer(&reader.jwt), Some(403)),
        // Malformed JSON is refused first, so the body has to be read.
        ("/pinning/pinJSONToIPFS", "\r\nContent-Type: application/json".to_owned(), None),
    ] {
        let head = format!("POST {path} HTTP/1.1{more}\r\nContent-Length: 1000");
        assert_eq!(status_after(&bench, &head, b"").await, expected, "{head}");
    }
    // Refused for its scope twice, counted once each time.
    assert_eq!(bench.pinata().keys()[0].uses, 2);
}

#[tokio::test]
async fn plain_body_over_one_mebibyte_is_refused() {
    let bench = Bench::new().await;
    let create = |blanks: usize| {
        let body = format!("{}{}", " ".repeat(blanks), json!({ "keyName": "k" }));
        bench.as_admin("POST", "/v3/api_keys").body(body)
    };
    assert_eq!(answer(create(MIB - 100)).await.0, 200);
    let (status, body) = answer(create(MIB)).await;
    assert_eq!((status, &body["error"]["code"]), (413, &json!(413)));
    assert_eq!(bench.emulator.keys_made(), 1);

    // An announced length is refused unread, a chunked body once it is too long.
    let head = format!("POST /v3/api_keys HTTP/1.1\r\nAuthorization: Bearer {}", bench.admin().jwt);
    let announced = format!("{head}\r\nContent-Length: {}", MIB + 1);
    assert_eq!(status_after(&bench, &announced, b"").await, Some(413));
    let chunk = [format!("{:x}\r\n", 2 * MIB).into_bytes(), vec![b' '; MIB + 1]].concat();
    let chunked = format!("{head}\r\nTransfer-Encoding: chunked");
    assert_eq!(status_after(&bench, &chunked, &chunk).await, Some(413));

    // A body that is too long to be parsed first is no reason to skip the credential.
    let json = |request: reqwest::RequestBuilder| {
        answer(request.header("content-type", "application/json").body(" ".repeat(2 * MIB)))
    };
    let request = bench.bare("POST", "/pinning/pinJSONToIPFS");
    assert_eq!(json(request).await, observed("400_no_auth_header"));
    let request = bench.as_admin("POST", "/pinning/pinJSONToIPFS");
    assert_eq!(json(request).await.0, 413);
}

#[tokio::test]
async fn form_may_be_longer_than_a_plain_body() {
    let bench = Bench::new().await;
    let form = Form::new().part("file", Part::bytes(vec![0; 3 * MIB]).file_name("long"));
    let (status, body) = answer(bench.as_admin("POST", "/v3/files").multipart(form)).await;
    assert_eq!((status, &body["data"]["size"]), (200, &json!(3 * MIB)));
}

/// A reset connection would lose the answer of a client that sends before it reads.
#[tokio::test]
async fn refused_client_that_sends_the_whole_body_gets_the_answer() {
    let bench = Bench::new().await;
    let head = format!("POST /v3/files HTTP/1.1\r\nContent-Length: {}", 16 * MIB);
    assert_eq!(status_after(&bench, &head, &vec![0; 16 * MIB]).await, Some(401));
}

/// Seen: every `@pinata/sdk` up to 1.2.1 puts a blank after `boundary=`, and programs bundle it
/// still. Inferred: the real services accept it.
#[tokio::test]
async fn boundary_may_have_blanks_around_it() {
    let bench = Bench::new().await;
    let other = w3ipfs::Bench::new().await;
    let body = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\
                hi\r\n--X--\r\n";
    for content_type in [
        "multipart/form-data; boundary= X",
        "multipart/form-data; boundary = X ",
        "multipart/form-data;boundary=X; charset=utf-8",
        "multipart/form-data; charset=utf-8; boundary= \"X\"",
    ] {
        for request in [
            bench.as_admin("POST", "/pinning/pinFileToIPFS"),
            bench.as_admin("POST", "/v3/files"),
            other.session("POST", "/pinning/"),
            other.session("POST", "/nft/"),
        ] {
            let (status, body) =
                answer(request.header("content-type", content_type).body(body)).await;
            assert!(matches!(status, 200 | 201 | 409), "{content_type}: {status} {body}");
        }
    }
    let wrong = bench.as_admin("POST", "/v3/files").header("content-type", "multipart/form-data");
    assert_eq!(answer(wrong.body(body)).await.0, 400);
}
