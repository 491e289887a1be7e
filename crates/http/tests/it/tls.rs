//! Secure connections: which servers are trusted, what a proxy sees of them, and what an error
//! says about a certificate.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::thread;

use pinning_keys_core::{Effect, Error, ErrorKind, Operation};
use pinning_keys_http::{Answer, ApiClient, ApiClientBuilder, BaseUrl};
use tempfile::TempDir;

use crate::support::inner::{inside, told};
use crate::support::server::{Connection, Server, reply};
use crate::support::tls_server::{Certificate, TlsServer};
use crate::support::{call, token};

/// The address that an inner run calls, and the lines that its error contains.
const ADDRESS: &str = "PINNING_KEYS_TEST_ADDRESS";
const EXPECTED: &str = "PINNING_KEYS_TEST_EXPECTED";

fn builder(address: &str) -> ApiClientBuilder {
    ApiClient::builder("example", BaseUrl::parse(address, &[]).unwrap(), token())
}

async fn issue(client: ApiClientBuilder) -> Result<Answer, Error> {
    client.build().unwrap().call(call(Operation::Issue)).await
}

/// Calls a server that cannot be trusted: nothing is sent, in one attempt.
async fn assert_refused(address: &str, expected: &str) {
    let error = issue(builder(address)).await.unwrap_err();
    let shown = format!("{error:#}");
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Tls, Effect::NotSent), "{shown}");
    assert_eq!(error.attempts().unwrap().count(), 1, "{shown}");
    for line in expected.lines() {
        assert!(shown.contains(line), "expected {line:?} in {shown}");
    }
}

/// Runs a test again with these variables, which then expects an error with these lines from this
/// server. The server is called once.
fn run_inside(test: &str, server: &TlsServer, expected: &str, variables: &[(&str, &str)]) {
    let own = [(ADDRESS, &*server.url), (EXPECTED, expected)];
    inside(test, &[&own, variables].concat());
    assert_eq!(server.connections(), 1, "{expected} {variables:?}");
}

/// A folder with this file.
fn folder_with(name: &str, content: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    folder
}

/// A CA that the system trusts is trusted, such as a company's own.
#[tokio::test]
async fn certificate_of_a_trusted_ca_is_accepted() {
    const TEST: &str = "tls::certificate_of_a_trusted_ca_is_accepted";
    if let Some(address) = told(ADDRESS) {
        assert_eq!(issue(builder(&address)).await.unwrap().body(), "over TLS");
        return;
    }
    let server = TlsServer::start();
    let folder = folder_with("ca.pem", &server.ca_pem);
    let file = folder.path().join("ca.pem");
    run_inside(TEST, &server, "", &[("SSL_CERT_FILE", file.to_str().unwrap())]);
}

#[tokio::test]
async fn unacceptable_certificate_is_named_and_tried_once() {
    const TEST: &str = "tls::unacceptable_certificate_is_named_and_tried_once";
    if let (Some(address), Some(expected)) = (told(ADDRESS), told(EXPECTED)) {
        return assert_refused(&address, &expected).await;
    }
    let outdated = "the server's certificate has expired or is not valid yet\ncheck the clock";
    for (certificate, expected) in [
        (Certificate::Expired, outdated),
        (Certificate::Early, outdated),
        (
            Certificate::OfAnotherHost,
            "the server's certificate is not valid for this host\ncheck the host of base_url",
        ),
        (
            Certificate::OfCa,
            "the server's certificate is that of a CA\ngive the server a certificate",
        ),
    ] {
        let server = TlsServer::with(certificate);
        let folder = folder_with("ca.pem", &server.ca_pem);
        let file = folder.path().join("ca.pem");
        run_inside(TEST, &server, expected, &[("SSL_CERT_FILE", file.to_str().unwrap())]);
    }
}

#[tokio::test]
async fn unknown_issuer_is_blamed_on_where_the_cas_come_from() {
    const TEST: &str = "tls::unknown_issuer_is_blamed_on_where_the_cas_come_from";
    if let (Some(address), Some(expected)) = (told(ADDRESS), told(EXPECTED)) {
        let untrusted = "the server's certificate is not trusted, because its issuer is unknown";
        return assert_refused(&address, &format!("{untrusted}\n{expected}")).await;
    }
    // A CA of the same name, with another key.
    let stranger = folder_with("ca.pem", &TlsServer::start().ca_pem);
    let empty = tempfile::tempdir().unwrap();
    let [stranger, empty] = [&stranger, &empty].map(|folder| folder.path().to_str().unwrap());
    let (right, typo) = (format!("{stranger}/ca.pem"), format!("{stranger}/ac.pem"));
    let (file, folder) = ("SSL_CERT_FILE", "SSL_CERT_DIR");
    for (expected, variables) in [
        ("add that CA to those that the system trusts, or set SSL_CERT_FILE", &[][..]),
        ("add that CA where SSL_CERT_FILE points to", &[(file, &*right)]),
        ("add that CA where SSL_CERT_DIR points to", &[(folder, stranger)]),
        ("SSL_CERT_FILE is set, but no certificate could be read", &[(file, &*typo)]),
        (
            "SSL_CERT_FILE is set, but no certificate could be read",
            &[(file, &*typo), (folder, stranger)],
        ),
        ("SSL_CERT_DIR is set, but no certificate could be read", &[(folder, empty)]),
    ] {
        run_inside(TEST, &TlsServer::start(), expected, variables);
    }
}

/// As when a port is that of plain http. Such a server answers before it hangs up.
#[tokio::test]
async fn server_without_tls_is_told_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    assert_refused(&address, "the server does not speak TLS\ncheck scheme and port").await;
}

/// A proxy of https is asked for a tunnel, and sees nothing of the request.
#[tokio::test]
async fn proxy_of_https_sees_no_credential() {
    if let Some(address) = told(ADDRESS) {
        let client = builder(&address).max_attempts(NonZeroU32::MIN);
        let error = issue(client).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Connection, Effect::NotSent));
        return;
    }
    let refusal = reply("407 Proxy Authentication Required", "", "");
    let proxy = Server::start([Connection::Reply(refusal)]);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let variables = [(ADDRESS, "https://keys.invalid"), (name, &*proxy.url())];
        inside("tls::proxy_of_https_sees_no_credential", &variables);
    }
    let requests = proxy.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert!(request.starts_with("CONNECT keys.invalid:443 HTTP/1.1\r\n"), "{request}");
        assert!(!request.contains("account-token"), "{request}");
    }
}
