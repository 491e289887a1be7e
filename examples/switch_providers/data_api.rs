//! The provider's data API, as the holder of a key calls it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use pinning_keys::transport::{Limits, Transport};
use pinning_keys::{BodyForm, KeyIssuer, KeyIssuerExt, Permission};

/// What the holder of a key tries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Upload,
    List,
    Remove,
    ReadKeys,
}

/// A request that the holder of a key can try.
struct Route {
    method: Method,
    url: String,
    body: BodyForm,
}

/// The provider's data API, at the address of the issuer whose keys call it.
pub(crate) struct DataApi {
    issuer: Arc<dyn KeyIssuer>,
}

impl DataApi {
    pub(crate) fn of(issuer: Arc<dyn KeyIssuer>) -> Self {
        Self { issuer }
    }

    /// Tries a deed with these credential headers, and returns the status of the answer.
    pub(crate) async fn attempt(
        &self,
        deed: Deed,
        headers: HeaderMap,
        transport: &dyn Transport,
    ) -> Result<StatusCode, Box<dyn Error>> {
        let Route { method, url, body } = self.route(deed)?;
        let mut request = Request::builder().method(method).uri(url);
        let body = if body == BodyForm::Multipart {
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

    /// The library knows the route of each permission. Nothing has the id that is removed, but the
    /// provider checks the scope first, so the answer shows whether the key may remove.
    fn route(&self, deed: Deed) -> Result<Route, Box<dyn Error>> {
        let permission = match deed {
            Deed::Upload => Permission::PinsAddFile,
            Deed::List => Permission::PinsList,
            Deed::Remove => Permission::PinsRemove,
            Deed::ReadKeys => return self.route_of_keys(),
        };
        let route = self.issuer.holder_route(permission);
        let mut route = route.ok_or_else(|| format!("no route is known for {permission}"))?;
        for name in route.placeholders() {
            let value = if name == "network" { "public" } else { "no-such-pin" };
            route = route.with_value(name, value)?;
        }
        let (method, url) = (route.method().clone(), route.url().to_owned());
        Ok(Route { method, url, body: route.body() })
    }

    /// Reading the account's keys needs the permission to create one, and is harmless if it
    /// succeeds. No table has a route for it that every key may try.
    fn route_of_keys(&self) -> Result<Route, Box<dyn Error>> {
        let profile = self.issuer.profile();
        let path = match profile.provider() {
            "w3ipfs" => "/apiKeys/list",
            _ => "/v3/api_keys",
        };
        let base_url = profile.base_url().ok_or("the address of the API is not known")?;
        Ok(Route { method: Method::GET, url: format!("{base_url}{path}"), body: BodyForm::Empty })
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
