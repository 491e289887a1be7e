use http::Uri;
use http::uri::{Authority, Scheme};
use url::Url;

use crate::base_url::is_loopback_name;
use crate::{Reach, TransportError, TransportErrorKind};

/// The scheme, host and port that requests go to, parsed once.
///
/// Parsing a URL takes as long as everything else that is done to a request here, and most of it is
/// spent on the host. An issuer calls one origin, whose URL only needs another path.
#[derive(Clone)]
pub(crate) struct Origin {
    scheme: Scheme,
    authority: Authority,
    /// Without path and query.
    url: Url,
    may_use_proxy: bool,
}

impl Origin {
    /// The origin of an absolute address.
    pub(crate) fn of(address: &Uri) -> Result<Self, TransportError> {
        let (Some(scheme), Some(authority)) = (address.scheme(), address.authority()) else {
            return Err(unsendable());
        };
        let url = [scheme.as_str(), "://", authority.as_str()].concat();
        let is_loopback = address.host().is_some_and(is_loopback_name);
        Ok(Self {
            url: Url::parse(&url).map_err(|error| unsendable().with_source(error))?,
            may_use_proxy: *scheme == Scheme::HTTPS && !is_loopback,
            scheme: scheme.clone(),
            authority: authority.clone(),
        })
    }

    /// Whether the address has exactly this origin.
    pub(crate) fn is_of(&self, address: &Uri) -> bool {
        address.scheme() == Some(&self.scheme)
            && address.authority().map(Authority::as_str) == Some(self.authority.as_str())
    }

    /// Whether requests may go through a proxy. This machine needs none, and a proxy of plain http
    /// is sent the credential in the clear.
    pub(crate) fn may_use_proxy(&self) -> bool {
        self.may_use_proxy
    }

    /// An address of this origin as a URL.
    pub(crate) fn url(&self, address: &Uri) -> Url {
        let mut url = self.url.clone();
        url.set_path(address.path());
        url.set_query(address.query());
        url
    }
}

fn unsendable() -> TransportError {
    TransportError::new(TransportErrorKind::Other, Reach::NotSent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn origin_is_matched_exactly() {
        let origin = Origin::of(&Uri::from_static("http://localhost:80/a")).unwrap();
        assert!(!origin.may_use_proxy());
        assert!(origin.is_of(&Uri::from_static("http://localhost:80/b?c")));
        for other in ["https://localhost:80", "http://localhost:81", "http://localhost", "/a"] {
            assert!(!origin.is_of(&Uri::from_static(other)), "{other}");
        }
        for (address, expected) in [
            ("https://api.example.com", true),
            ("http://api.example.com", false),
            ("https://127.0.0.1", false),
            ("ftp://api.example.com", false),
        ] {
            let origin = Origin::of(&Uri::from_static(address)).unwrap();
            assert_eq!(origin.may_use_proxy(), expected, "{address}");
        }
        assert_eq!(Origin::of(&Uri::from_static("/a")).err().unwrap().reach(), Reach::NotSent);
    }

    proptest! {
        #[test]
        fn url_equals_the_parsed_address(
            origin in "(https://[a-z]{1,9}\\.example|http://127\\.0\\.0\\.1:[1-9][0-9]{0,3}|http://\\[::1\\])",
            path in "(/[A-Za-z0-9._~%!$&'()*+,;=:@-]{0,9}){0,4}",
            query in proptest::option::of("[A-Za-z0-9._~%!$&'()*+,;=:@/?-]{0,9}"),
        ) {
            let text = format!("{origin}{path}{}", query.map_or(String::new(), |text| format!("?{text}")));
            let address: Uri = text.parse().unwrap();
            prop_assert_eq!(Origin::of(&address).unwrap().url(&address), Url::parse(&text).unwrap());
        }
    }
}
