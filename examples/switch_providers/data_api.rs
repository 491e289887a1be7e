//! The provider's data API, as the holder of a key calls it.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use pinning_keys::adapter::PermissionTable;
use pinning_keys::pinata::RESOURCES;
use pinning_keys::transport::{Limits, Transport};
use pinning_keys::w3ipfs::SCOPES;

/// What the holder of a key tries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Upload,
    List,
    Remove,
    ReadKeys,
}

/// The data routes of one table, below the base URL of the provider's API.
///
/// The emulator serves all of them at one address. Pinata takes uploads to `/v3/files` at another
/// host, `uploads.pinata.cloud` (documented).
pub(crate) struct DataApi {
    table: &'static PermissionTable,
    api: String,
}

impl DataApi {
    pub(crate) fn new(table: &'static PermissionTable, api: &str) -> Self {
        Self { table, api: api.to_owned() }
    }

    /// Tries a deed with these credential headers, and returns the status of the answer.
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

    /// Nothing has the id that is removed, but the provider checks the scope first, so the answer
    /// shows whether the key may remove. Reading keys needs the permission to create one, and is
    /// harmless if it succeeds.
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

/// A small upload.
const UPLOAD: &[u8] = b"--sample\r\n\
    content-disposition: form-data; name=\"file\"; filename=\"hello.txt\"\r\n\
    content-type: text/plain\r\n\r\n\
    hello\r\n\
    --sample\r\n\
    content-disposition: form-data; name=\"network\"\r\n\r\n\
    public\r\n\
    --sample--\r\n";
