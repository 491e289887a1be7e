//! What a key's holder does, at the data routes of each table.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use pinning_keys::Permission;
use pinning_keys::adapter::PermissionTable;
use pinning_keys::pinata::{ENDPOINTS, RESOURCES};
use pinning_keys::transport::{Limits, Transport as _};
use pinning_keys_emulator::Emulator;
use serde_json::Value;

const CID: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

/// The data routes of one table, on an emulator.
pub(crate) struct Deeds<'a> {
    pub(crate) emulator: &'a Emulator,
    pub(crate) table: &'static PermissionTable,
}

impl Deeds<'_> {
    /// Does what takes this permission, with these credential headers, and tells the status.
    ///
    /// # Panics
    ///
    /// Where no deed is written down for the permission at the table.
    pub(crate) async fn attempt(&self, permission: Permission, key: &HeaderMap) -> StatusCode {
        let (method, mut path, body) = self.route(permission);
        if path.contains("{id}") {
            path = path.replace("{id}", &self.upload_something().await);
        }
        self.send(method, &path, body, key).await.0
    }

    fn route(&self, permission: Permission) -> (Method, String, Body) {
        use Permission::{PinsAddCid, PinsAddFile, PinsList, PinsListJobs, PinsRemove, UsageRead};
        let json = |member: &str| Body::Json(format!("{{\"{member}\":\"{CID}\"}}"));
        let (method, path, body) = match (self.table.name(), permission) {
            ("resources", PinsList) => (Method::GET, "/v3/files/public", Body::None),
            ("resources", PinsListJobs) => (Method::GET, "/v3/files/public/pin_by_cid", Body::None),
            ("resources", PinsAddFile) => (Method::POST, "/v3/files", Body::Form),
            ("resources", PinsAddCid) => (Method::POST, "/v3/files/public/pin_by_cid", json("cid")),
            ("resources", PinsRemove) => (Method::DELETE, "/v3/files/public/{id}", Body::None),
            ("endpoints", PinsList) => (Method::GET, "/data/pinList", Body::None),
            ("endpoints", PinsListJobs) => (Method::GET, "/pinning/pinJobs", Body::None),
            ("endpoints", PinsAddFile) => (Method::POST, "/pinning/pinFileToIPFS", Body::Form),
            ("endpoints", PinsAddCid) => (Method::POST, "/pinning/pinByHash", json("hashToPin")),
            ("endpoints", PinsRemove) => (Method::DELETE, "/pinning/unpin/{id}", Body::None),
            ("endpoints", UsageRead) => (Method::GET, "/data/userPinnedDataTotal", Body::None),
            ("scopes", PinsList) => (Method::GET, "/api/pinning/pins/", Body::None),
            ("scopes", PinsAddFile) => (Method::POST, "/api/pinning/", Body::Form),
            ("scopes", PinsAddCid) => (Method::POST, "/api/pinning/pinByHash", json("hash_to_pin")),
            ("scopes", PinsRemove) => (Method::DELETE, "/api/pinning/unpin/{id}", Body::None),
            (table, other) => panic!("no deed is written down for {other} at {table}"),
        };
        (method, path.to_owned(), body)
    }

    /// The id of something new, which the account itself has uploaded.
    async fn upload_something(&self) -> String {
        let (method, path, body) = self.route(Permission::PinsAddFile);
        let (status, answer) = self.send(method, &path, body, &self.account()).await;
        assert!(status.is_success(), "the account may upload: {status}");
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let id = if *self.table == ENDPOINTS { &answer["IpfsHash"] } else { &answer["data"]["id"] };
        id.as_str().expect("an upload has an id").to_owned()
    }

    /// A small upload, each with a content of its own: W3IPFS refuses what is pinned already (seen).
    fn form(&self) -> Bytes {
        let requests = self.emulator.requests();
        format!(
            "--sample\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"hello.txt\"\r\n\
             content-type: text/plain\r\n\r\n\
             hello for the {requests}th time\r\n\
             --sample\r\n\
             content-disposition: form-data; name=\"network\"\r\n\r\n\
             public\r\n\
             --sample--\r\n"
        )
        .into()
    }

    fn account(&self) -> HeaderMap {
        let is_pinata = *self.table == RESOURCES || *self.table == ENDPOINTS;
        let jwt = if is_pinata {
            self.emulator.pinata().jwt().to_owned()
        } else {
            self.emulator.w3ipfs().jwt()
        };
        let bearer = format!("Bearer {jwt}").parse().unwrap();
        HeaderMap::from_iter([(http::header::AUTHORIZATION, bearer)])
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Body,
        credential: &HeaderMap,
    ) -> (StatusCode, Bytes) {
        let url = format!("{}{path}", self.emulator.pinata().base_url());
        let mut request = Request::builder().method(method).uri(url);
        let content = match body {
            Body::None => Bytes::new(),
            Body::Json(text) => {
                request = request.header("content-type", "application/json");
                text.into()
            }
            Body::Form => {
                request = request.header("content-type", "multipart/form-data; boundary=sample");
                self.form()
            }
        };
        let mut request = request.body(content).unwrap();
        request.headers_mut().extend(credential.clone());
        let limits = Limits::new(Duration::from_secs(10), 1024 * 1024);
        let answer = self.emulator.transport().send(request, limits).await.unwrap();
        (answer.status(), answer.into_body())
    }
}

enum Body {
    None,
    Json(String),
    Form,
}
