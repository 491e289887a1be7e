//! Which redirect is followed, and how the others are described.
//!
//! Following a redirect sends the account's credential along, and repeats a create. Only one
//! redirect is as harmless as the request itself: to the same address with or without a slash at
//! its end.

use http::header::LOCATION;
use http::{HeaderMap, Method, StatusCode, Uri};
use url::Url;

use crate::cleaning::Cleaner;

/// The longest part of a host name from a redirect that is shown.
const HOST_CHARS: usize = 100;

/// What to do about a redirect.
#[derive(Debug)]
pub(crate) enum Redirect {
    /// Send the same request to this address.
    Follow(Uri),
    /// Give up; the text continues "the provider redirected …".
    Refuse(&'static str, Option<String>),
}

/// Judges the redirect in an answer with a 3xx status to a request to `from`.
pub(crate) fn judge(
    from: &Uri,
    method: &Method,
    status: StatusCode,
    headers: &HeaderMap,
) -> Redirect {
    let refuse = |what| Redirect::Refuse(what, None);
    let Some(location) = headers.get(LOCATION) else {
        return refuse("without a location");
    };
    let Some((from_url, to)) = resolve(from, location.as_bytes()) else {
        return refuse("to an unreadable address");
    };
    if let Some(refusal) = another_origin(&from_url, &to) {
        return refusal;
    }
    if !to.username().is_empty() || to.password().is_some() {
        return refuse("to an address with credentials");
    }
    if from_url.path().trim_end_matches('/') != to.path().trim_end_matches('/') {
        return refuse("to another path");
    }
    if from_url.query() != to.query() {
        return refuse("to another query");
    }
    if !keeps_method(status, method) {
        return refuse("with a status that changes the method");
    }
    match toggle_slash(from, &from_url, &to) {
        Some(uri) => Redirect::Follow(uri),
        None => refuse("to nearly the same address"),
    }
}

/// Whether the request keeps its method. The older statuses turn other methods into `GET`, but a
/// `GET` stays a `GET`: servers that require a slash answer it with 301 (seen in the framework
/// gin).
fn keeps_method(status: StatusCode, method: &Method) -> bool {
    match status {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => method == Method::GET,
        _ => false,
    }
}

/// Describes a redirect that is not followed.
pub(crate) fn describe(what: &str, host: Option<&str>, cleaner: &Cleaner) -> String {
    match host {
        Some(host) => {
            // Cut before the search, so that a long name costs nothing, and with room for a secret
            // that crosses the end of what is shown.
            let host: String = host.chars().take(4 * HOST_CHARS).collect();
            let host: String = cleaner.without_secrets(&host).chars().take(HOST_CHARS).collect();
            format!("the provider redirected {what}, {host}")
        }
        None => format!("the provider redirected {what}"),
    }
}

fn resolve(from: &Uri, location: &[u8]) -> Option<(Url, Url)> {
    let from = Url::parse(&from.to_string()).ok()?;
    let to = from.join(std::str::from_utf8(location).ok()?).ok()?;
    Some((from, to))
}

fn another_origin(from: &Url, to: &Url) -> Option<Redirect> {
    if from.host() != to.host() {
        return Some(Redirect::Refuse("to another host", to.host_str().map(str::to_owned)));
    }
    let what = match (from.scheme(), to.scheme()) {
        ("https", "http") => "to plain http",
        ("http", "https") => "to https",
        (from, to) if from != to => "to another scheme",
        _ if from.port_or_known_default() != to.port_or_known_default() => "to another port",
        _ => return None,
    };
    Some(Redirect::Refuse(what, None))
}

/// The address of the request with a slash added to or removed from the end of its path, if that
/// is the only difference.
///
/// It is made from the request's own text, so that nothing of the redirect gets in.
fn toggle_slash(from: &Uri, from_url: &Url, to: &Url) -> Option<Uri> {
    let (path, target) = (from_url.path(), to.path());
    let text = from.to_string();
    let (address, query) = match text.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (text.as_str(), None),
    };
    let mut toggled = if target.strip_suffix('/') == Some(path) {
        format!("{address}/")
    } else if path.strip_suffix('/') == Some(target) {
        address.strip_suffix('/')?.to_owned()
    } else {
        return None;
    };
    if let Some(query) = query {
        toggled.push('?');
        toggled.push_str(query);
    }
    Uri::try_from(toggled).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn judged(status: u16, location: Option<&str>) -> Redirect {
        let from = Uri::from_static("https://api.example.com/v1/keys/a%2Fb?x=1");
        let location = location.map(|text| (LOCATION, HeaderValue::from_str(text).unwrap()));
        let status = StatusCode::from_u16(status).unwrap();
        judge(&from, &Method::POST, status, &location.into_iter().collect())
    }

    #[test]
    fn added_or_removed_slash_is_followed() {
        for location in [
            "https://api.example.com/v1/keys/a%2Fb/?x=1",
            "https://api.example.com:443/v1/keys/a%2Fb/?x=1#part",
            "/v1/keys/a%2Fb/?x=1",
            "//API.example.com/v1/keys/a%2Fb/?x=1",
            "a%2Fb/?x=1",
        ] {
            for status in [307, 308] {
                let Redirect::Follow(uri) = judged(status, Some(location)) else {
                    panic!("{location} is not followed");
                };
                assert_eq!(uri, "https://api.example.com/v1/keys/a%2Fb/?x=1");
            }
        }
        let back = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static("/v1/keys"))]);
        let from = Uri::from_static("http://localhost:1/v1/keys/");
        let Redirect::Follow(uri) =
            judge(&from, &Method::GET, StatusCode::PERMANENT_REDIRECT, &back)
        else {
            panic!("not followed");
        };
        assert_eq!(uri, "http://localhost:1/v1/keys");
    }

    #[test]
    fn any_other_redirect_is_refused() {
        #[rustfmt::skip]
        let cases = [
            (307, None,                                               "without a location"),
            (304, None,                                               "without a location"),
            (307, Some("https://"),                                   "to an unreadable address"),
            (307, Some("https://evil.example/v1/keys/a%2Fb/?x=1"),    "to another host"),
            (307, Some("//evil.example/v1/keys/a%2Fb/?x=1"),          "to another host"),
            (308, Some("http://api.example.com/v1/keys/a%2Fb/?x=1"),  "to plain http"),
            (307, Some("https://api.example.com:444/v1/keys/a%2Fb/"), "to another port"),
            (307, Some("https://u:p@api.example.com/v1/keys/a%2Fb/"), "to an address with credentials"),
            (307, Some("/v2/keys/a%2Fb/?x=1"),                        "to another path"),
            (307, Some("/v1/keys/a/b/?x=1"),                          "to another path"),
            (307, Some("/v1/keys/?x=1"),                              "to another path"),
            (307, Some("/v1/keys/a%2Fb/"),                            "to another query"),
            (307, Some("/v1/keys/a%2Fb/?x=2"),                        "to another query"),
            (307, Some("/v1/keys/a%2Fb?x=1"),                         "to nearly the same address"),
            (307, Some("/v1/keys/a%2Fb//?x=1"),                       "to nearly the same address"),
            (301, Some("/v1/keys/a%2Fb/?x=1"),                        "with a status that changes the method"),
            (302, Some("/v1/keys/a%2Fb/?x=1"),                        "with a status that changes the method"),
            (303, Some("/v1/keys/a%2Fb/?x=1"),                        "with a status that changes the method"),
            (303, Some("/login"),                                     "to another path"),
        ];
        for (status, location, expected) in cases {
            let Redirect::Refuse(what, _) = judged(status, location) else {
                panic!("{status} to {location:?} is followed");
            };
            assert_eq!(what, expected, "{status} to {location:?}");
        }
    }

    #[test]
    fn other_host_is_shown_without_secrets() {
        let Redirect::Refuse(what, host) = judged(307, Some("https://s3cret-token.evil.example/"))
        else {
            panic!("followed");
        };
        let cleaner = Cleaner::new(["S3CRET-TOKEN"].into_iter());
        assert_eq!(
            describe(what, host.as_deref(), &cleaner),
            "the provider redirected to another host, ….evil.example"
        );
    }
}
