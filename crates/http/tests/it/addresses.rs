//! Base URLs, and what is put below them.

use http::Method;
use pinning_keys_core::{Effect, ErrorKind, Operation};
use pinning_keys_http::{BaseUrl, Call};

use crate::support::{self, Script, status};

#[test]
fn good_base_urls() {
    let allowed = ["mock.internal".to_owned(), "fd00::1".to_owned(), "MÜNCHEN.example".to_owned()];
    for (text, expected, loopback) in [
        ("https://api.example.com", "https://api.example.com", false),
        ("https://api.example.com/", "https://api.example.com", false),
        ("HTTPS://API.example.com:443/api//", "https://api.example.com/api", false),
        ("https://api.example.com:8443/a/b", "https://api.example.com:8443/a/b", false),
        ("https://api.example.com/a/../b/.", "https://api.example.com/b", false),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787", true),
        ("http://127.1.2.3", "http://127.1.2.3", true),
        ("http://[::1]:80/api", "http://[::1]/api", true),
        ("http://localhost:1", "http://localhost:1", true),
        ("http://LocalHost", "http://localhost", true),
        ("https://localhost", "https://localhost", true),
        ("http://mock.internal:99", "http://mock.internal:99", false),
        ("http://MOCK.internal", "http://mock.internal", false),
        ("http://[fd00::1]", "http://[fd00::1]", false),
        ("http://münchen.example", "http://xn--mnchen-3ya.example", false),
    ] {
        let url = BaseUrl::parse(text, &allowed).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((url.as_str(), url.is_loopback()), (expected, loopback), "{text}");
        assert_eq!(url.is_https(), expected.starts_with("https:"));
    }
}

#[test]
fn bad_base_urls_say_what_is_wrong_and_what_to_do() {
    let allowed = ["mock.internal".to_owned()];
    for (text, expected) in [
        ("", "is empty"),
        ("  ", "is empty"),
        ("api.example.com", "does not begin with https://"),
        ("localhost:8080", "does not begin with https://"),
        ("https:api.example.com", "does not begin with https://"),
        ("ftp://api.example.com", "does not begin with https://"),
        ("unix://api.example.com", "does not begin with https://"),
        ("://api.example.com", "does not begin with https://"),
        ("https://", "is not a URL (empty host)"),
        ("https://exa mple.com", "contains whitespace"),
        ("https://example.com\n", "contains whitespace"),
        ("https://example.com\\@evil.example", "backslash"),
        ("https://example.com:99999", "is not a URL (invalid port number)"),
        ("https://[::1", "is not a URL"),
        ("http://api.example.com", "would send the credential to api.example.com unencrypted"),
        (
            "http://other.mock.internal",
            "would send the credential to other.mock.internal unencrypted",
        ),
        ("http://mock.internal.example", "unencrypted"),
        ("http://127.0.0.1.example.com", "unencrypted"),
        ("http://localhost.example.com", "unencrypted"),
        ("http://notlocalhost", "unencrypted"),
        // Not every system keeps these from the network.
        ("http://pinata.localhost:1", "unencrypted"),
        ("https:////api.example.com", "has no host"),
        ("http://128.0.0.1", "unencrypted"),
        ("http://[::ffff:127.0.0.1]", "unencrypted"),
        ("https://kim:hunter2@api.example.com", "contains credentials"),
        ("https://kim@api.example.com", "contains credentials"),
        ("https://:hunter2@api.example.com", "contains credentials"),
        ("http://kim:hunter2@api.example.com", "contains credentials"),
        ("https://api.example.com?", "has a query"),
        ("https://api.example.com/?token=hunter2", "has a query"),
        ("https://api.example.com/#hunter2", "has a fragment"),
    ] {
        let error = BaseUrl::parse(text, &allowed).expect_err(text);
        let shown = format!("{error} {error:?}");
        assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
        assert_eq!(error.effect(), Effect::NotSent, "{text}");
        assert!(shown.contains("the base URL"), "{text}: {shown}");
        assert!(shown.contains(expected), "{text}: {shown}");
        assert!(!shown.contains("hunter2") && !shown.contains("kim"), "{text}: {shown}");
        assert!(error.next_step().is_some(), "{text} without a next step: {shown}");
    }
}

#[tokio::test]
async fn segments_and_queries_are_escaped() {
    for (text, expected) in [
        ("a/b", "/v1/keys/a%2Fb"),
        ("a?b#c", "/v1/keys/a%3Fb%23c"),
        ("%2e%2E", "/v1/keys/%252e%252E"),
        ("100%", "/v1/keys/100%25"),
        ("../x", "/v1/keys/..%2Fx"),
        ("..;", "/v1/keys/..%3B"),
        ("...", "/v1/keys/..."),
        ("a b\r\nX: y", "/v1/keys/a%20b%0D%0AX%3A%20y"),
        ("a\\b", "/v1/keys/a%5Cb"),
        ("schlüssel", "/v1/keys/schl%C3%BCssel"),
        ("Aa0-._~", "/v1/keys/Aa0-._~"),
    ] {
        let transport = Script::repeating([status(200)]);
        let call = Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment(text);
        support::client(&transport).call(call).await.unwrap();
        assert_eq!(
            transport.requests()[0].uri().to_string(),
            format!("https://api.example.com{expected}")
        );
    }
    let transport = Script::repeating([status(200)]);
    let call = Call::new(Operation::List, Method::GET, "/v1/keys")
        .query("name", "a b&c=d#ü")
        .query("offset", "10");
    support::client(&transport).call(call).await.unwrap();
    let expected = "https://api.example.com/v1/keys?name=a+b%26c%3Dd%23%C3%BC&offset=10";
    assert_eq!(transport.requests()[0].uri(), expected);
}

#[tokio::test]
async fn segments_that_cannot_be_escaped_are_refused_before_anything_is_sent() {
    for text in ["", ".", ".."] {
        let transport = Script::repeating([status(200)]);
        let call =
            Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment(text).segment("x");
        let error = support::client(&transport).call(call).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert_eq!(error.operation(), Some(Operation::Revoke));
        assert_eq!(transport.count(), 0);
    }
    let transport = Script::repeating([status(200)]);
    let call =
        Call::new(Operation::Revoke, Method::DELETE, "/v1/keys").segment(&"x".repeat(100_000));
    let error = support::client(&transport).call(call).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(transport.count(), 0);
}

#[tokio::test]
async fn a_path_below_the_host_is_kept() {
    let transport = Script::repeating([status(200)]);
    let base_url = BaseUrl::parse("https://api.example.com/api/", &[]).unwrap();
    let client = pinning_keys_http::ApiClient::builder("example", base_url, support::token())
        .transport(transport.clone())
        .build()
        .unwrap();
    client.call(support::call(Operation::List)).await.unwrap();
    assert_eq!(transport.requests()[0].uri(), "https://api.example.com/api/v1/keys");
}

#[test]
fn hosts_to_be_reached_in_the_clear_are_bare_names() {
    for host in ["http://mock.internal", "mock.internal:80", "mock.internal/api", "*.internal", ""]
    {
        let error = BaseUrl::parse("https://api.example.com", &[host.to_owned()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{host}");
        assert!(error.to_string().contains("allow_plain_http"), "{host}: {error}");
    }
}

/// A path that is not one would take the credential to another host.
#[tokio::test]
async fn a_path_that_reaches_beyond_the_path_is_refused_unsent() {
    for path in
        ["v3/keys", "@evil.example/x", ".evil.example", ":81/x", "/a?b=c", "/a#b", "/a b", "\\x"]
    {
        let transport = Script::repeating([status(200)]);
        let call = Call::new(Operation::List, Method::GET, path);
        let error = support::client(&transport).call(call).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert_eq!(transport.requests().len(), 0, "{path}");
    }
}
