//! Accounts whose credential expires.

use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};

use crate::panics::lock;

/// How the account's credential expires.
pub(super) enum Expiry {
    /// The test server expires it, and refuses the request itself.
    AtServer(Box<dyn Fn() + Send + Sync>),
    /// Requests with it are refused before they reach the server.
    Refused(Refused),
}

/// The credentials that are treated as expired, and the refusal. No `Debug`: it holds them.
pub(super) struct Refused {
    header: HeaderName,
    refusal: Response<Bytes>,
    expired: Mutex<Vec<HeaderValue>>,
}

impl Expiry {
    /// Whether this request shows which credential is to expire.
    pub(super) fn applies_to(&self, request: &Request<Bytes>) -> bool {
        match self {
            Self::AtServer(_) => true,
            Self::Refused(refused) => request.headers().contains_key(&refused.header),
        }
    }

    /// Expires the credential of a request.
    pub(super) fn expire(&self, request: &Request<Bytes>) {
        match self {
            Self::AtServer(expire) => expire(),
            Self::Refused(refused) => {
                let credential = request.headers().get(&refused.header).cloned();
                lock(&refused.expired).extend(credential);
            }
        }
    }

    /// The refusal of a request whose credential has expired.
    pub(super) fn refusal(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let Self::Refused(refused) = self else { return None };
        let credential = request.headers().get(&refused.header)?;
        lock(&refused.expired).contains(credential).then(|| refused.refusal.clone())
    }
}

impl Refused {
    pub(super) fn new(header: HeaderName, refusal: Response<Bytes>) -> Self {
        Self { header, refusal, expired: Mutex::default() }
    }
}
