use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};

/// Why a request may not change what is to go wrong.
///
/// Any page that a browser on this machine shows can send requests to loopback. It says so in
/// `Origin`; and where it had its own host name resolve to loopback, so that it need not, that
/// name is in `Host`.
pub(super) fn refuse(headers: &HeaderMap, uri: &Uri) -> Option<&'static str> {
    if headers.contains_key(ORIGIN) {
        return Some("this is not for web pages, and a header Origin says that one asks");
    }
    let host = match headers.get(HOST) {
        Some(host) => host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()),
        None => uri.authority().cloned(),
    };
    if host.is_some_and(|authority| is_loopback(authority.host())) {
        return None;
    }
    Some("the header Host has to name this machine: 127.0.0.1, [::1] or localhost")
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn is_refused(host: Option<&'static str>, uri: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.extend(host.map(|host| (HOST, HeaderValue::from_static(host))));
        refuse(&headers, &Uri::from_static(uri)).is_some()
    }

    #[test]
    fn only_the_names_of_this_machine_will_do() {
        for host in
            ["127.0.0.1", "127.0.0.1:80", "127.8.8.8:80", "localhost", "LocalHost:80", "[::1]:80"]
        {
            assert!(!is_refused(Some(host), "/"), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com:80",
            "127.0.0.1.example.com",
            "127.0.0.1@example.com",
            "192.0.2.1:80",
            "0.0.0.0",
            "[::]:80",
            "not a host",
        ] {
            assert!(is_refused(Some(host), "/"), "{host}");
        }
    }

    #[test]
    fn without_the_header_the_address_asked_for_counts() {
        assert!(!is_refused(None, "http://127.0.0.1:9/"));
        assert!(is_refused(None, "http://example.com/"));
        assert!(is_refused(None, "/"));
        assert!(is_refused(Some("example.com"), "http://127.0.0.1:9/"));
    }

    #[test]
    fn a_web_page_is_refused_wherever_it_is_from() {
        for origin in ["http://example.com", "http://127.0.0.1:9", "null", ""] {
            let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
            assert!(refuse(&headers, &Uri::from_static("http://127.0.0.1:9/")).is_some());
        }
    }
}
