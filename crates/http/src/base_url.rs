use std::fmt;
use std::net::Ipv6Addr;

use pinning_keys_core::{Error, ErrorKind, contains_jwt};
use url::{Host, Url};

use crate::address_setting::AddressSetting;
use crate::clean_text::{trimmed, word_fault};

/// The address of a provider's API, such as `https://api.example.com`. All routes are below it.
///
/// It must be https, unless the host is this machine or is explicitly allowed, because a request
/// contains the account's credential.
///
/// ```
/// use pinning_keys_http::BaseUrl;
///
/// let base_url = BaseUrl::parse("https://api.example.com/api/", &[])?;
/// assert_eq!(base_url.as_str(), "https://api.example.com/api");
/// assert_eq!((base_url.host(), base_url.path()), ("api.example.com", "/api"));
/// assert!(BaseUrl::parse("http://127.0.0.1:8787", &[])?.is_loopback());
/// assert!(BaseUrl::parse("http://api.example.com", &[]).is_err());
/// assert!(BaseUrl::parse("http://mock.internal", &["mock.internal".to_owned()]).is_ok());
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Scheme, authority and path prefix, without a slash at the end.
    text: String,
    host: String,
    loopback: bool,
}

impl BaseUrl {
    /// Parses an address. Besides this machine, the hosts in `allow_plain_http` may be called by
    /// plain http. A path is kept without slashes at its end. Whitespace and byte order marks
    /// around address and hosts are ignored.
    ///
    /// ```
    /// use pinning_keys_http::BaseUrl;
    ///
    /// let base_url = BaseUrl::parse("https://api.example.com/v1/", &[])?;
    /// assert_eq!(base_url.as_str(), "https://api.example.com/v1");
    /// assert!(BaseUrl::parse("http://api.example.com", &[]).is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the text is not a URL, if its scheme is neither https nor an
    /// allowed http, or if it contains credentials, a query or a fragment. The error quotes the
    /// host at most.
    pub fn parse(text: &str, allow_plain_http: &[String]) -> Result<Self, Error> {
        Self::parse_setting("base_url", text, allow_plain_http)
    }

    /// Parses an address, like [`parse`](Self::parse), from a setting with another name than
    /// `base_url`, such as `upload_url`. Errors name that setting.
    ///
    /// ```
    /// use pinning_keys_http::BaseUrl;
    ///
    /// let error = BaseUrl::parse_setting("upload_url", "http://api.example.com", &[]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the upload URL would send the credential to api.example.com unencrypted",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`parse`](Self::parse).
    pub fn parse_setting(
        name: &str,
        text: &str,
        allow_plain_http: &[String],
    ) -> Result<Self, Error> {
        allow_plain_http.iter().try_for_each(|host| check_plain_http_host(host))?;
        let setting = AddressSetting(name);
        // An address is shown, in the settings and in errors.
        if contains_jwt(text) {
            return Err(setting.fault("contains a JWT, which is a secret"));
        }
        let url = setting.parse(trimmed(text))?;
        let host = url.host().ok_or_else(|| setting.fault("has no host"))?;
        let loopback = is_loopback(&host);
        if url.scheme() == "http" && !loopback && !is_allowed(&host, allow_plain_http) {
            return Err(setting.plain_http(&host));
        }
        let (text, host) = (url.as_str().trim_end_matches('/').to_owned(), host.to_string());
        Ok(Self { text, host, loopback })
    }

    /// Returns the address as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the host of the address in lower case, without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is this domain or one below it.
    ///
    /// ```
    /// use pinning_keys_http::BaseUrl;
    ///
    /// let base_url = BaseUrl::parse("https://gateway.example.com", &[])?;
    /// assert!(base_url.is_below("example.com") && base_url.is_below("gateway.example.com"));
    /// assert!(!base_url.is_below("ample.com"));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn is_below(&self, domain: &str) -> bool {
        let before = self.host.strip_suffix(domain);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }

    /// Returns the path of the address, without a slash at its end. It may be empty.
    pub fn path(&self) -> &str {
        let after_scheme = self.text.split_once("://").map_or("", |(_, rest)| rest);
        after_scheme.find('/').map_or("", |slash| &after_scheme[slash..])
    }

    /// Whether an address has the scheme, host and port of this one, and no credentials.
    ///
    /// For addresses in a provider's answers that are passed on to others. Addresses that other URL
    /// parsers might read differently, such as one with a backslash, are refused.
    ///
    /// ```
    /// use pinning_keys_http::BaseUrl;
    ///
    /// let base_url = BaseUrl::parse("https://api.example.com/v1", &[])?;
    /// assert!(base_url.is_origin_of("https://api.example.com/upload?signature=0d2a"));
    /// assert!(!base_url.is_origin_of("http://api.example.com/upload"));
    /// assert!(!base_url.is_origin_of("https://api.example.com.evil.example/upload"));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn is_origin_of(&self, address: &str) -> bool {
        let after_scheme = address.split_once("://").map_or("", |(_, rest)| rest);
        let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
        let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if !is_plain || authority.is_empty() || authority.contains(['@', '%']) {
            return false;
        }
        match (Url::parse(&self.text), Url::parse(address)) {
            // The origin of `blob:https://…` is that of the address in it.
            (Ok(own), Ok(other)) => {
                own.scheme() == other.scheme() && own.origin() == other.origin()
            }
            _ => false,
        }
    }

    /// Whether the host is this machine: 127.0.0.0/8, `::1` or `localhost`.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether requests are encrypted.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BaseUrl").field(&self.text).finish()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Whether a host, as written in a URI, is this machine.
#[cfg(feature = "reqwest")]
pub(crate) fn is_loopback_name(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match address.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => is_localhost(host),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Names below `localhost` should be this machine too (RFC 6761), but not every system resolves
/// them itself, and one that asks the network would send the credential there.
fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
}

/// Whether the user allowed exactly this host, in any case.
fn is_allowed(host: &Host<&str>, allowed: &[String]) -> bool {
    allowed.iter().filter_map(|name| parse_host(name)).any(|name| *host == name)
}

fn parse_host(name: &str) -> Option<Host<String>> {
    let name = trimmed(name);
    match name.parse::<Ipv6Addr>() {
        Ok(address) => Some(Host::Ipv6(address)),
        Err(_) => Host::parse(name).ok(),
    }
}

/// Refuses a host that is not written as a bare name or address. The host is not quoted, because a
/// secret may have been pasted in its place.
pub(crate) fn check_plain_http_host(name: &str) -> Result<(), Error> {
    let name = trimmed(name);
    if let Some(fault) = word_fault(name) {
        return Err(fault.error(ErrorKind::Configuration, "a host in allow_plain_http"));
    }
    let has_port = |(_, port): (&str, &str)| port.bytes().all(|byte| byte.is_ascii_digit());
    let fault = match name {
        _ if contains_jwt(name) => "is a JWT, which is a secret",
        _ if name.contains("://") => "has a scheme",
        _ if name.contains('@') => "has credentials",
        _ if name.contains('/') => "has a path",
        _ if name.contains('*') => "has a wildcard",
        _ if parse_host(name).is_some() => return Ok(()),
        _ if name.rsplit_once(':').is_some_and(has_port) => "has a port",
        _ => "is not a valid name or address",
    };
    Err(Error::new(ErrorKind::Configuration, format!("a host in allow_plain_http {fault}"))
        .with_next_step("set it to a name or address alone, such as mock.internal"))
}

#[cfg(all(test, feature = "reqwest"))]
mod tests {
    use super::is_loopback_name;

    #[test]
    fn loopback_hosts_of_uris_are_recognized() {
        for here in ["127.0.0.1", "127.255.0.1", "[::1]", "localhost", "LOCALHOST"] {
            assert!(is_loopback_name(here), "{here}");
        }
        for elsewhere in ["128.0.0.1", "[::2]", "::ffff:127.0.0.1", "x.localhost", "localhost.x"] {
            assert!(!is_loopback_name(elsewhere), "{elsewhere}");
        }
    }
}
