//! Base URLs, and what is put below them.

use http::{Method, Uri};
use pinning_keys_core::{Effect, ErrorKind, Operation};
use pinning_keys_http::{BaseUrl, Call};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{self, Script, status};

#[test]
fn valid_base_url_is_normalised() {
    let allowed = ["mock.internal".to_owned(), "fd00::1".to_owned(), "MÜNCHEN.example".to_owned()];
    for (text, expected, loopback) in [
        ("https://api.example.com", "https://api.example.com", false),
        ("https://api.example.com/", "https://api.example.com", false),
        ("\u{feff}https://api.example.com\r\n", "https://api.example.com", false),
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
fn invalid_base_url_is_refused_with_advice() {
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
        ("https://example.com/eyJhbGciOiJIUzI1NiJ9.e30.x", "contains a JWT, which is a secret"),
        ("https://eyJhbGciOiJIUzI1NiJ9.e30.x/v1", "contains a JWT, which is a secret"),
        ("https://", "is not a URL (empty host)"),
        ("https://exa mple.com", "contains whitespace"),
        ("https://example.com\n/v1", "contains whitespace"),
        ("https://example.com\\@evil.example", "backslash"),
        ("\"https://example.com\"", "begins or ends with a quotation mark"),
        ("BASE_URL=https://example.com", "begins with a name and an equals sign"),
        ("https://exa\u{feff}mple.com", "contains the invisible character \\u{feff}"),
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

#[test]
fn errors_name_the_setting_that_contains_the_address() {
    for (text, line, step) in [
        ("ftp://x", "the upload URL does not begin with https://", "PINNING_KEYS_UPLOAD_URL"),
        ("https://x?", "the upload URL has a query", "remove the ?"),
        ("http://x", "the upload URL would send the credential to x unencrypted", "https://"),
    ] {
        let error = BaseUrl::parse_setting("upload_url", text, &[]).unwrap_err();
        assert_eq!(error.to_string(), line);
        assert!(error.next_step().unwrap().to_string().contains(step), "{error:#}");
    }
}

#[test]
fn address_is_of_the_same_origin_or_not() {
    let base = BaseUrl::parse("https://up.example.com/v1", &[]).unwrap();
    for same in [
        "https://up.example.com",
        "https://up.example.com/files/1?X-Method=[\"POST\"]&X-Signature=0d2a#x",
        "HTTPS://UP.example.com:443?x",
    ] {
        assert!(base.is_origin_of(same), "{same}");
    }
    for other in [
        "",
        "/files/1",
        "//up.example.com/files/1",
        "http://up.example.com/files/1",
        "https:up.example.com/files/1",
        "blob:https://up.example.com/files/1",
        "https://up.example.com:444/files/1",
        "https://up.example.com.evil.example/files/1",
        "https://evil.example/https://up.example.com/",
        "https://up.example.com@evil.example/",
        "https://kim:hunter2@up.example.com/",
        "https://up.example.com\\@evil.example/",
        "https://%75p.example.com/",
        "https://up\u{3002}example.com/",
        "https://up.example.com/\u{202e}",
        "https://up.example.com/a b",
        " https://up.example.com/",
        "https://up.example.com/\n",
    ] {
        assert!(!base.is_origin_of(other), "{other}");
    }
    let plain = BaseUrl::parse("http://127.0.0.1:8787", &[]).unwrap();
    assert!(plain.is_origin_of("http://127.0.0.1:8787/files/1"));
    assert!(!plain.is_origin_of("https://127.0.0.1:8787/files/1"));
}

proptest! {
    /// What one parser takes for the host, another must not take for another one.
    #[test]
    fn accepted_address_leads_to_the_host_by_another_parser(
        parts in vec(select(PIECES), 0..8), tail in "[ -~]{0,6}",
    ) {
        let address = format!("https://{}{tail}", parts.concat());
        let base = BaseUrl::parse("https://up.example.com", &[]).unwrap();
        if let (true, Ok(uri)) = (base.is_origin_of(&address), address.parse::<Uri>()) {
            prop_assert_eq!(uri.host().map(str::to_lowercase), Some("up.example.com".to_owned()));
            prop_assert_eq!((uri.scheme_str(), uri.port_u16().unwrap_or(443)), (Some("https"), 443));
        }
    }
}

/// Parts of hostile addresses.
const PIECES: &[&str] = &[
    "up.example.com",
    "UP.Example.com",
    "evil.example",
    "@",
    ":",
    ":443",
    ":80",
    "/",
    "\\",
    "?",
    "#",
    "%2f",
    "%40",
    ".",
    "//",
    "user",
    "[",
    "]",
    "\t",
    "\u{ff0f}",
];

#[tokio::test]
async fn segments_and_queries_are_escaped() {
    let script = Script::repeating([status(200)]);
    let client = support::client(&script);
    for (text, expected) in [
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("%2e%2E", "%252e%252E"),
        ("100%", "100%25"),
        ("../x", "..%2Fx"),
        ("..;", "..%3B"),
        ("...", "..."),
        ("a b\r\nX: y", "a%20b%0D%0AX%3A%20y"),
        ("a\\b", "a%5Cb"),
        ("schlüssel", "schl%C3%BCssel"),
        ("Aa0-._~", "Aa0-._~"),
    ] {
        client.call(call("/v1/keys").segment(text)).await.unwrap();
        let target = script.targets().pop().unwrap();
        assert_eq!(target, format!("GET https://api.example.com/v1/keys/{expected}"));
    }
    client.call(call("/v1/keys").query("name", "a b&c=d#ü").query("offset", "10")).await.unwrap();
    let expected = "GET https://api.example.com/v1/keys?name=a+b%26c%3Dd%23%C3%BC&offset=10";
    assert_eq!(script.targets().pop().unwrap(), expected);
}

/// A path that is more than one would take the credential to another host.
#[tokio::test]
async fn invalid_path_or_segment_is_refused_unsent() {
    let paths =
        ["v3/keys", "@evil.example/x", ".evil.example", ":81/x", "/a?b=c", "/a#b", "/a b", "\\x"];
    let segments = ["", ".", "..", &"x".repeat(100_000)];
    let calls = segments.map(|text| call("/v1/keys").segment(text).segment("x"));
    for call in paths.map(call).into_iter().chain(calls) {
        let shown = format!("{call:?}");
        let script = Script::repeating([status(200)]);
        let error = support::client(&script).call(call).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert_eq!((error.operation(), script.count()), (Some(Operation::List), 0), "{shown}");
    }
}

fn call(path: &'static str) -> Call {
    Call::new(Operation::List, Method::GET, path)
}

#[test]
fn plain_http_host_that_is_no_bare_name_is_refused() {
    for (host, told) in [
        ("http://mock.internal", "has a scheme"),
        ("mock.internal:80", "has a port"),
        ("[::1]:80", "has a port"),
        ("mock.internal/api", "has a path"),
        ("kim:hunter2@mock.internal", "has credentials"),
        ("*.internal", "has a wildcard"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.canary", "is a JWT, which is a secret"),
        ("\"mock.internal\"", "begins or ends with a quotation mark"),
        ("mock.inter\u{200b}nal", "contains the invisible character \\u{200b}"),
        ("mock internal", "is not a valid name or address"),
        ("", "is not a valid name or address"),
    ] {
        let error = BaseUrl::parse("https://api.example.com", &[host.to_owned()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{host}");
        let shown = error.to_string();
        assert_eq!(shown, format!("a host in allow_plain_http {told}"), "{host}");
    }
}
