//! The provider's data API, as the holder of a key uses it.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use pinning_keys::pinata::Vocabulary;
use pinning_keys::transport::{Limits, Transport};

/// What a key's holder tries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Upload,
    List,
    Remove,
    ReadKeys,
}

/// Where the routes of one vocabulary lie.
///
/// The emulator serves all of them at one address. At Pinata itself uploads to `/v3/files` go to
/// a host of their own, `uploads.pinata.cloud` (documented).
pub(crate) struct DataApi {
    table: Vocabulary,
    api: String,
}

impl DataApi {
    pub(crate) fn new(table: Vocabulary, api: &str) -> Self {
        Self { table, api: api.to_owned() }
    }

    /// Tries a deed with these credential headers, and tells how the provider answers.
    pub(crate) async fn attempt(
        &self,
        deed: Deed,
        headers: HeaderMap,
        transport: &dyn Transport,
    ) -> Result<StatusCode, Box<dyn Error>> {
        let (method, url) = self.route(deed);
        let mut request = Request::builder().method(method).uri(url);
        let body = if deed == Deed::Upload {
            request = request.header("content-type", "multipart/form-data; boundary=sample");
            Bytes::from_static(UPLOAD)
        } else {
            Bytes::new()
        };
        let mut request = request.body(body)?;
        request.headers_mut().extend(headers);
        let limits = Limits::new(Duration::from_secs(30), 1024 * 1024);
        Ok(transport.send(request, limits).await?.status())
    }

    fn route(&self, deed: Deed) -> (Method, String) {
        let v3 = self.table == Vocabulary::Resources;
        let (method, path) = match deed {
            Deed::Upload if v3 => (Method::POST, "/v3/files"),
            Deed::Upload => (Method::POST, "/pinning/pinFileToIPFS"),
            Deed::List if v3 => (Method::GET, "/v3/files/public"),
            Deed::List => (Method::GET, "/data/pinList"),
            // Nothing has this id: whether the key may remove shows all the same, since the
            // provider looks at the scope first.
            Deed::Remove if v3 => (Method::DELETE, "/v3/files/public/no-such-file"),
            Deed::Remove => (Method::DELETE, "/pinning/unpin/no-such-cid"),
            // Takes the same permission as making a key, and makes none if it should succeed.
            Deed::ReadKeys => (Method::GET, "/v3/api_keys"),
        };
        (method, format!("{}{path}", self.api))
    }
}

/// A small upload, with the parts in the order of the official client.
const UPLOAD: &[u8] = b"--sample\r\n\
    content-disposition: form-data; name=\"file\"; filename=\"hello.txt\"\r\n\
    content-type: text/plain\r\n\r\n\
    hello\r\n\
    --sample\r\n\
    content-disposition: form-data; name=\"network\"\r\n\r\n\
    public\r\n\
    --sample--\r\n";
