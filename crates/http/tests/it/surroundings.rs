//! What the environment of a process does to `ReqwestTransport`.

use pinning_keys_core::Operation;
use pinning_keys_http::{ApiClient, BaseUrl};

use crate::support::inner::inside;
use crate::support::server::{Connection, Server, reply};
use crate::support::{call, token};

#[tokio::test]
async fn proxy_is_ignored_for_this_machine() {
    // Nothing listens at port 1.
    let proxy = "http://user:pass@127.0.0.1:1";
    let variables = [
        ("HTTP_PROXY", proxy),
        ("http_proxy", proxy),
        ("HTTPS_PROXY", proxy),
        ("ALL_PROXY", proxy),
    ];
    if !inside("surroundings::proxy_is_ignored_for_this_machine", &variables) {
        return;
    }
    let server = Server::start([Connection::Reply(reply("200 OK", "", "direct"))]);
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost"] {
        let base_url = BaseUrl::parse(&format!("http://{host}:{port}"), &[]).unwrap();
        let client = ApiClient::builder("example", base_url, token()).build().unwrap();
        let answered = client.call(call(Operation::List)).await.unwrap();
        assert_eq!(answered.body(), "direct");
    }
}

#[tokio::test]
async fn proxy_is_used_for_other_hosts() {
    let server = Server::start([Connection::Reply(reply("200 OK", "", "by proxy"))]);
    let proxy = server.url();
    if !inside("surroundings::proxy_is_used_for_other_hosts", &[("http_proxy", &proxy), ("NO_PROXY", "")]) {
        let requests = server.requests();
        assert!(requests[0].starts_with("GET http://api.test.invalid/v1/keys "), "{requests:?}");
        return;
    }
    let base_url = BaseUrl::parse("http://api.test.invalid", &["api.test.invalid".to_owned()]);
    let client = ApiClient::builder("example", base_url.unwrap(), token()).build().unwrap();
    assert_eq!(client.call(call(Operation::List)).await.unwrap().body(), "by proxy");
}

/// `reqwest` by itself builds no client then, not even for plain http to this machine.
#[tokio::test]
async fn system_without_certificates_suffices() {
    let nowhere = "/nonexistent/certificates";
    let variables = [("SSL_CERT_FILE", nowhere), ("SSL_CERT_DIR", nowhere)];
    if !inside("surroundings::system_without_certificates_suffices", &variables) {
        return;
    }
    let server = Server::start([Connection::Reply(reply("200 OK", "", "fine"))]);
    assert_eq!(server.client().call(call(Operation::List)).await.unwrap().body(), "fine");
    #[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
    {
        let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
        ApiClient::builder("example", base_url, token()).build().unwrap();
    }
}
