//! The provider's data API, as the holder of a key uses it.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use pinning_keys::adapter::PermissionTable;
use pinning_keys::pinata::RESOURCES;
use pinning_keys::transport::{Limits, Transport};
use pinning_keys::w3ipfs::SCOPES;

/// What a key's holder tries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Upload,
    List,
    Remove,
    ReadKeys,
}

/// Where the routes of one vocabulary lie, below the base URL of the provider's API.
///
/// The emulator serves all of them at one address. At Pinata itself uploads to `/v3/files` go to
/// a host of their own, `uploads.pinata.cloud` (documented).
pub(crate) struct DataApi {
    table: &'static PermissionTable,
    api: String,
}

impl DataApi {
    pub(crate) fn new(table: &'static PermissionTable, api: &str) -> Self {
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

    /// Nothing has the id of what is removed: whether the key may remove shows all the same, since
    /// the provider looks at the scope first. Reading the keys takes the same permission as
    /// making one, and makes none if it should succeed.
    fn route(&self, deed: Deed) -> (Method, String) {
        let routes = if *self.table == RESOURCES {
            ["/v3/files", "/v3/files/public", "/v3/files/public/no-such-file", "/v3/api_keys"]
        } else if *self.table == SCOPES {
            ["/pinning/", "/pinning/pins/", "/pinning/unpin/no-such-pin", "/apiKeys/list"]
        } else {
            [
                "/pinning/pinFileToIPFS",
                "/data/pinList",
                "/pinning/unpin/no-such-cid",
                "/v3/api_keys",
            ]
        };
        let [upload, list, remove, read_keys] = routes;
        let (method, path) = match deed {
            Deed::Upload => (Method::POST, upload),
            Deed::List => (Method::GET, list),
            Deed::Remove => (Method::DELETE, remove),
            Deed::ReadKeys => (Method::GET, read_keys),
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
