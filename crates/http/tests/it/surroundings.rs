//! What the environment of a process does to `ReqwestTransport`.
//!
//! Each test runs itself in another process, whose environment can be set without a race.

use std::process::Command;

use pinning_keys_core::Operation;
use pinning_keys_http::{ApiClient, BaseUrl};

use crate::support::server::{Connection, Server, reply};
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
use crate::support::tls_server::TlsServer;
use crate::support::{call, token};

const INNER: &str = "PINNING_KEYS_TEST_INNER";

/// Runs the test of this name again with these variables; `true` inside that run.
fn inside(test: &str, variables: &[(&str, &str)]) -> bool {
    if std::env::var_os(INNER).is_some() {
        return true;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([&format!("surroundings::{test}"), "--exact", "--nocapture", "--test-threads=1"])
        .env(INNER, "yes")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("1 passed"), "the inner test did not run:\n{said}");
    false
}

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
    if !inside("proxy_is_ignored_for_this_machine", &variables) {
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
    if !inside("proxy_is_used_for_other_hosts", &[("http_proxy", &proxy), ("NO_PROXY", "")]) {
        let requests = server.requests();
        assert!(requests[0].starts_with("GET http://api.test.invalid/v1/keys "), "{requests:?}");
        return;
    }
    let base_url = BaseUrl::parse("http://api.test.invalid", &["api.test.invalid".to_owned()]);
    let client = ApiClient::builder("example", base_url.unwrap(), token()).build().unwrap();
    assert_eq!(client.call(call(Operation::List)).await.unwrap().body(), "by proxy");
}

/// A company's own CA is one that the system trusts, and no browser does.
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
#[tokio::test]
async fn ca_that_the_system_trusts_is_trusted() {
    use std::num::NonZeroU32;

    use pinning_keys_core::{Effect, ErrorKind};

    const TEST: &str = "ca_that_the_system_trusts_is_trusted";
    const ADDRESS: &str = "PINNING_KEYS_TEST_ADDRESS";
    if std::env::var_os(INNER).is_none() {
        let folder = tempfile::tempdir().unwrap();
        let server = TlsServer::start();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, &server.ca_pem).unwrap();
        let ca = ca.to_str().unwrap();
        inside(TEST, &[(ADDRESS, &server.url), ("SSL_CERT_FILE", ca), ("TRUSTED", "yes")]);
        // Another CA: the server's is then that of a stranger.
        std::fs::write(folder.path().join("ca.pem"), TlsServer::start().ca_pem).unwrap();
        inside(TEST, &[(ADDRESS, &server.url), ("SSL_CERT_FILE", ca), ("TRUSTED", "no")]);
        return;
    }
    let base_url = BaseUrl::parse(&std::env::var(ADDRESS).unwrap(), &[]).unwrap();
    let client = ApiClient::builder("example", base_url, token())
        .max_attempts(NonZeroU32::MIN)
        .build()
        .unwrap();
    let answered = client.call(call(Operation::List)).await;
    if std::env::var("TRUSTED").unwrap() == "yes" {
        assert_eq!(answered.unwrap().body(), "over TLS");
    } else {
        let error = answered.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Connection, Effect::NotSent));
    }
}

/// `reqwest` by itself builds no client then, not even for plain http to this machine.
#[tokio::test]
async fn system_without_certificates_suffices() {
    let nowhere = "/nonexistent/certificates";
    let variables = [("SSL_CERT_FILE", nowhere), ("SSL_CERT_DIR", nowhere)];
    if !inside("system_without_certificates_suffices", &variables) {
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
