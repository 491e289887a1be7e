//! The ready-made transport, against a real server that misbehaves.

use std::net::TcpListener;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::Method;
use pinning_keys_core::{Effect, ErrorKind, Operation};
use pinning_keys_http::{ApiClient, BaseUrl, Call, LIST_BODY_BYTES, ReqwestTransport};

use crate::support::server::{Connection, Server, kept_reply, reply};
use crate::support::{call, token};

const SOON: Duration = Duration::from_millis(250);

const TLS: bool = cfg!(any(feature = "tls-ring", feature = "tls-aws-lc"));

#[tokio::test]
async fn request_and_answer_arrive_whole() {
    let server =
        Server::start([Connection::KeepReplying(kept_reply("200 OK", "x-a: b\r\n", "made"))]);
    let client = server.client();
    let answered = client.call(call(Operation::Issue)).await.unwrap();
    assert_eq!((answered.status().as_u16(), answered.body().as_ref()), (200, &b"made"[..]));
    assert_eq!(answered.headers()["x-a"], "b");
    let put = Call::new(Operation::Revoke, Method::PUT, "/v1/keys").segment("a/b?c#d%");
    client.call(put).await.unwrap();
    let [issue, revoke] = &server.requests()[..] else { panic!("two requests") };
    assert!(
        issue.starts_with("POST /v1/keys HTTP/1.1\r\n") && issue.ends_with("\r\n\r\n{}"),
        "{issue}"
    );
    assert!(issue.contains("authorization: Bearer account-token\r\n"), "{issue}");
    assert!(revoke.starts_with("PUT /v1/keys/a%2Fb%3Fc%23d%25 HTTP/1.1\r\n"), "{revoke}");
    assert!(revoke.contains("content-length: 0\r\n"), "{revoke}");
}

#[tokio::test]
async fn request_without_connection_was_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::start([Connection::Close]);
    for address in [
        format!("http://{closed}"),
        "http://no-such-host.invalid".to_owned(),
        // A server without TLS.
        server.url().replace("http:", "https:"),
    ] {
        if address.starts_with("https:") && !TLS {
            continue;
        }
        let base_url = BaseUrl::parse(&address, &["no-such-host.invalid".to_owned()]).unwrap();
        let client = ApiClient::builder("example", base_url, token());
        let client = client.max_attempts(NonZeroU32::MIN).build().unwrap();
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        let expected = (ErrorKind::Connection, Effect::NotSent);
        assert_eq!((error.kind(), error.effect()), expected, "{address}: {error:?}");
    }
}

#[tokio::test]
async fn create_without_whole_answer_is_not_retried() {
    for (what, connection, kind) in [
        ("500", Connection::Reply(reply("500 No", "", "{}")), ErrorKind::Unavailable),
        (
            "503",
            Connection::Reply(reply("503 No", "retry-after: 0\r\n", "")),
            ErrorKind::Unavailable,
        ),
        // Closing without an answer does not mean that the server has not read the request.
        ("closed at once", Connection::Close, ErrorKind::Connection),
        ("closed after reading", Connection::ReadAndClose, ErrorKind::Connection),
        ("never answered", Connection::Hang, ErrorKind::Timeout),
        (
            "truncated",
            Connection::Reply(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"JWT".to_vec()),
            ErrorKind::Connection,
        ),
        ("garbage", Connection::Reply(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()), ErrorKind::Connection),
        ("endless", Connection::Endless("HTTP/1.1 200 OK\r\n\r\n"), ErrorKind::UnreadableAnswer),
    ] {
        let server = Server::start([connection]);
        let client = server.builder().deadline(SOON).build().unwrap();
        let began = Instant::now();
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::Unknown), "{what}: {error:?}");
        assert_eq!(error.attempts().unwrap().count(), 1, "{what}");
        assert!(server.requests().len() <= 1 && began.elapsed() < 2 * SOON, "{what}");
    }
}

#[tokio::test]
async fn revocation_is_retried() {
    let truncated = b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{".to_vec();
    let server = Server::start([
        Connection::ReadAndClose,
        Connection::Reply(truncated),
        Connection::Reply(reply("200 OK", "", "done")),
    ]);
    let answered = server.client().call(call(Operation::Revoke)).await.unwrap();
    assert_eq!((answered.body().as_ref(), server.requests().len()), (&b"done"[..], 3));
}

#[tokio::test]
async fn answer_beyond_the_limit_is_not_read() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\n",
        "HTTP/1.1 500 No\r\n\r\n",
    ] {
        let server = Server::start([Connection::Endless(head)]);
        let error = server.client().call(call(Operation::List)).await.unwrap_err();
        let kind =
            if head.contains("500") { ErrorKind::Unavailable } else { ErrorKind::UnreadableAnswer };
        assert_eq!(error.kind(), kind, "{error:?}");
        assert_eq!(error.attempts().unwrap().count(), 1);
        assert!(error.to_string().contains("exceeds the size limit"), "{error}");
        // What the client did not read fills the buffers of the two ends at most.
        let taken = server.taken.load(Ordering::Relaxed);
        assert!(taken < 9 * 1024 * 1024, "{taken} bytes were taken");
    }
}

#[tokio::test]
async fn size_limit_is_exact_and_can_be_raised() {
    const LIMIT: usize = 1024 * 1024;
    for (length, fits) in [(LIMIT, true), (LIMIT + 1, false)] {
        let body = "x".repeat(length);
        let whole = reply("200 OK", "", &body);
        // Without a length, in chunks.
        let chunked = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
        );
        for answer in [whole, chunked.into_bytes()] {
            let server = Server::start([Connection::Reply(answer)]);
            let list = || call(Operation::List);
            let result = server.client().call(list()).await;
            assert_eq!(result.map(|answer| answer.body().len()).ok(), fits.then_some(length));
            let answer = server.client().call(list().max_body_bytes(LIST_BODY_BYTES)).await;
            assert_eq!(answer.unwrap().body().len(), length);
        }
    }
}

#[tokio::test]
async fn redirect_is_not_followed_by_the_transport() {
    let elsewhere = Server::start([Connection::Reply(reply("200 OK", "", ""))]);
    let location = format!("location: {}/v1/keys\r\n", elsewhere.url());
    let server = Server::start([Connection::Reply(reply("307 Off", &location, ""))]);
    let error = server.client().call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Redirected, Effect::Rejected));
    assert!(error.to_string().contains("to another port"), "{error}");
    assert!(elsewhere.requests().is_empty(), "the credential went elsewhere");

    let moved = Connection::Reply(reply("308 Slash", "location: /v1/keys/\r\n", ""));
    let server = Server::start([moved, Connection::Reply(reply("200 OK", "", "made"))]);
    server.client().call(call(Operation::Issue)).await.unwrap();
    let requests = server.requests();
    assert!(requests[1].starts_with("POST /v1/keys/ HTTP/1.1\r\n") && requests[1].ends_with("{}"));
}

#[tokio::test]
async fn own_settings_do_not_undo_the_obligations() {
    let server = Server::start([Connection::Reply(reply("302 Off", "location: /x\r\n", ""))]);
    let transport = ReqwestTransport::from_builder(|| {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::limited(5))
            .proxy(reqwest::Proxy::all("http://127.0.0.1:1").unwrap())
            .user_agent("mine")
    })
    .unwrap();
    let client = server.builder().transport(Arc::new(transport)).build().unwrap();
    let error = client.call(call(Operation::List)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirected, "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[cfg(not(any(feature = "tls-ring", feature = "tls-aws-lc")))]
#[test]
fn https_without_tls_is_refused_by_build() {
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    let error = ApiClient::builder("example", base_url, token()).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(format!("{error:#}").contains("tls-ring"), "{error:#}");
}

#[tokio::test]
async fn limits_override_the_timeout_of_own_settings() {
    use http::Request;
    use pinning_keys_http::{Limits, Transport, TransportErrorKind};

    let server = Server::start([Connection::Hang]);
    let request = Request::get(server.url()).body(bytes::Bytes::new()).unwrap();
    let transport = ReqwestTransport::from_builder(|| {
        reqwest::Client::builder().timeout(Duration::from_secs(60))
    });
    let began = Instant::now();
    let error = transport.unwrap().send(request, Limits::new(SOON, 10)).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
    assert!(began.elapsed() < 10 * SOON);
}

#[tokio::test]
async fn answer_announced_beyond_the_limit_is_not_awaited() {
    // The connection stays open and nothing follows: only the head has the length.
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n".to_vec();
    let server = Server::start([Connection::KeepReplying(head)]);
    let client = server.builder().deadline(20 * SOON).build().unwrap();
    let began = Instant::now();
    let error = client.call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::UnreadableAnswer, Effect::Unknown));
    assert!(began.elapsed() < 10 * SOON);
}
