//! The routes on which the holders of keys use what the two tables grant, the main route of a
//! permission first.
//!
//! Retired routes (`hashPinPolicy`, `userPinPolicy`) are left out, and so are the routes that read
//! a signature or a swap and those for the parts of a gateway, such as its domains. No route is
//! documented for `account:read` and `analytics:write`.

use http::Method;
use pinning_keys_core::{BodyForm, CredentialForm, DataRoute, Permission, Provenance, RouteHost};

use BodyForm::{Json, Multipart};
use Permission::{
    AnalyticsRead, GatewaysRead, GatewaysWrite, GroupsRead, GroupsWrite, KeysManage, LinksCreate,
    PinsAddCid, PinsAddFile, PinsAddJson, PinsEditMetadata, PinsList, PinsListJobs, PinsRemove,
    SignaturesWrite, SwapsWrite, UploadsDelegate, UsageRead,
};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

/// A documented v3 route. All of them declare a bearer token (documented), and no source uses a key
/// pair on them.
const fn v3(permission: Permission, method: Method, path: &'static str) -> DataRoute {
    DataRoute::new(permission, method, path, CredentialForm::Bearer)
}

/// A documented legacy route. They accept the token and the key pair (both documented).
const fn legacy(permission: Permission, method: Method, path: &'static str) -> DataRoute {
    DataRoute::new(permission, method, path, CredentialForm::BearerOrKeyPair)
}

/// The v3 routes (documented, if not marked otherwise).
#[rustfmt::skip]
pub(crate) static V3: [DataRoute; 32] = [
    v3(PinsList, GET, "/v3/files/{network}"),
    v3(PinsList, GET, "/v3/files/{network}/{id}"),
    v3(PinsListJobs, GET, "/v3/files/public/pin_by_cid"),
    v3(PinsAddFile, POST, "/v3/files").with_host(RouteHost::Uploads).with_body(Multipart),
    // The official client uploads a JSON document as a file of this type.
    v3(PinsAddJson, POST, "/v3/files").with_host(RouteHost::Uploads).with_body(Multipart)
        .with_provenance(Provenance::Seen),
    v3(PinsAddCid, POST, "/v3/files/public/pin_by_cid").with_body(Json),
    v3(PinsRemove, DELETE, "/v3/files/{network}/{id}"),
    // Cancels a pin by CID that is still being fetched.
    v3(PinsRemove, DELETE, "/v3/files/public/pin_by_cid/{id}"),
    v3(PinsEditMetadata, PUT, "/v3/files/{network}/{id}").with_body(Json),
    v3(UploadsDelegate, POST, "/v3/files/sign").with_host(RouteHost::Uploads).with_body(Json),
    v3(LinksCreate, POST, "/v3/files/private/download_link").with_body(Json),
    v3(SignaturesWrite, POST, "/v3/files/{network}/signature/{cid}").with_body(Json),
    v3(SignaturesWrite, DELETE, "/v3/files/{network}/signature/{cid}"),
    v3(SwapsWrite, PUT, "/v3/files/{network}/swap/{cid}").with_body(Json),
    v3(SwapsWrite, DELETE, "/v3/files/{network}/swap/{cid}"),
    v3(GroupsRead, GET, "/v3/groups/{network}"),
    v3(GroupsRead, GET, "/v3/groups/{network}/{id}"),
    v3(GroupsWrite, POST, "/v3/groups/{network}").with_body(Json),
    v3(GroupsWrite, PUT, "/v3/groups/{network}/{id}").with_body(Json),
    v3(GroupsWrite, DELETE, "/v3/groups/{network}/{id}"),
    v3(GroupsWrite, PUT, "/v3/groups/{network}/{id}/ids/{file_id}"),
    v3(GroupsWrite, DELETE, "/v3/groups/{network}/{id}/ids/{file_id}"),
    v3(GatewaysRead, GET, "/v3/gateways"),
    v3(GatewaysRead, GET, "/v3/gateways/{id}"),
    v3(GatewaysRead, GET, "/v3/gateways/exists/{domain}"),
    v3(GatewaysWrite, POST, "/v3/gateways").with_body(Json),
    v3(GatewaysWrite, DELETE, "/v3/gateways/{id}"),
    v3(AnalyticsRead, GET, "/v3/analytics/gateways/top"),
    v3(AnalyticsRead, GET, "/v3/analytics/gateways/time_series"),
    v3(KeysManage, POST, "/v3/api_keys").with_body(Json),
    v3(KeysManage, GET, "/v3/api_keys"),
    v3(KeysManage, DELETE, "/v3/api_keys/{key}"),
];

/// The legacy routes (documented).
#[rustfmt::skip]
pub(crate) static LEGACY: [DataRoute; 8] = [
    legacy(PinsList, GET, "/data/pinList"),
    legacy(UsageRead, GET, "/data/userPinnedDataTotal"),
    legacy(PinsEditMetadata, PUT, "/pinning/hashMetadata").with_body(Json),
    legacy(PinsAddCid, POST, "/pinning/pinByHash").with_body(Json),
    legacy(PinsAddFile, POST, "/pinning/pinFileToIPFS").with_body(Multipart),
    legacy(PinsAddJson, POST, "/pinning/pinJSONToIPFS").with_body(Json),
    legacy(PinsListJobs, GET, "/pinning/pinJobs"),
    legacy(PinsRemove, DELETE, "/pinning/unpin/{cid}"),
];
