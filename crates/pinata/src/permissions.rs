//! Pinata's two permission tables, and the form of grants in a create request.

use pinning_keys_core::{Grant, Permission, PermissionTable, Translation};
use pinning_keys_http::flags::GroupedFlags;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::holder_routes;

use Permission::{
    AccountRead, AccountSetPinPolicy, AnalyticsRead, AnalyticsWrite, GatewaysRead, GatewaysWrite,
    GroupsRead, GroupsWrite, KeysManage, LinksCreate, PinsAddCid, PinsAddFile, PinsAddJson,
    PinsEditMetadata, PinsList, PinsListJobs, PinsRemove, PinsSetPolicy, SignaturesWrite,
    SwapsWrite, UploadsDelegate, UsageRead,
};

/// The ten values of `permissions.resources` (documented on the SDK page of `keys.create`).
///
/// What each grant opens follows from the scope labels of the operations in Pinata's OpenAPI
/// document, which also says that `write` includes `read`.
static RESOURCE_GRANTS: [Grant; 10] = [
    Grant::new("org:read", &[AccountRead]),
    Grant::new("org:write", &[AccountRead, KeysManage]),
    Grant::new("org:files:read", &[PinsList, PinsListJobs]),
    Grant::new(
        "org:files:write",
        &[
            PinsList,
            PinsListJobs,
            PinsAddFile,
            PinsAddJson,
            PinsAddCid,
            PinsRemove,
            PinsEditMetadata,
            UploadsDelegate,
            LinksCreate,
            SignaturesWrite,
            SwapsWrite,
        ],
    ),
    Grant::new("org:groups:read", &[GroupsRead]),
    Grant::new("org:groups:write", &[GroupsWrite]),
    Grant::new("org:gateways:read", &[GatewaysRead]),
    Grant::new("org:gateways:write", &[GatewaysWrite]),
    Grant::new("org:analytics:read", &[AnalyticsRead]),
    Grant::new("org:analytics:write", &[AnalyticsWrite]),
];

/// The ten flags of `permissions.endpoints` (documented in the schema of the create request).
///
/// That a flag opens the route of its name is inferred; refusals seen by third parties confirm it
/// for `pinFileToIPFS` and `pinJSONToIPFS`. Written `group.flag`, in the order of the schema.
static ENDPOINT_GRANTS: [Grant; 10] = [
    Grant::new("data.pinList", &[PinsList]),
    Grant::new("data.userPinnedDataTotal", &[UsageRead]),
    Grant::new("pinning.hashMetadata", &[PinsEditMetadata]),
    Grant::new("pinning.hashPinPolicy", &[PinsSetPolicy]),
    Grant::new("pinning.pinByHash", &[PinsAddCid]),
    Grant::new("pinning.pinFileToIPFS", &[PinsAddFile]),
    Grant::new("pinning.pinJSONToIPFS", &[PinsAddJson]),
    Grant::new("pinning.pinJobs", &[PinsListJobs]),
    Grant::new("pinning.unpin", &[PinsRemove]),
    Grant::new("pinning.userPinPolicy", &[AccountSetPinPolicy]),
];

/// Pinata's v3 table, `permissions.resources`, for key holders that call `/v3/*`.
///
/// It is coarse: a key that can upload can also delete, share and swap (`org:files:write`).
///
/// ```
/// use pinning_keys_core::ScopeRequest;
/// use pinning_keys_pinata::RESOURCES;
///
/// let translation = RESOURCES.translate(&ScopeRequest::reader())?;
/// assert_eq!(translation.grants().map(|g| g.name()).collect::<Vec<_>>(), ["org:files:read"]);
/// # Ok::<(), pinning_keys_core::ScopeError>(())
/// ```
pub static RESOURCES: PermissionTable = PermissionTable::new(
    "pinata",
    "resources",
    &RESOURCE_GRANTS,
)
.with_serves("/v3/*")
.with_routes(&holder_routes::V3)
.with_keyless(
    &[PinsAddFile, PinsAddJson],
    "PinataIssuer::sign_upload signs a URL that accepts uploads until it expires",
)
.with_unknowns(&[
    "vectorizing files requires org:write on one page of the documents and org:files:write on \
             another, so either may open it",
    "x402 operations have no scope label, so any grant may open them",
    "org:read and org:analytics:write label no documented operation",
    "whether a key with org:write can create an admin key is not documented",
])
.with_siblings(&[&ENDPOINTS]);

/// Pinata's legacy table, `permissions.endpoints`, for key holders that call `/pinning/*` and
/// `/data/*`. Each flag opens one route, so it can express what [`RESOURCES`] cannot.
///
/// A key of one table is refused on the other's routes (seen by third parties).
///
/// ```
/// use pinning_keys_core::ScopeRequest;
/// use pinning_keys_pinata::ENDPOINTS;
///
/// let translation = ENDPOINTS.translate(&ScopeRequest::uploader())?;
/// assert!(translation.extra().is_empty());
/// # Ok::<(), pinning_keys_core::ScopeError>(())
/// ```
pub static ENDPOINTS: PermissionTable =
    PermissionTable::new("pinata", "endpoints", &ENDPOINT_GRANTS)
        .with_serves("/pinning/* and /data/*")
        .with_routes(&holder_routes::LEGACY)
        .with_admin_only(&[KeysManage])
        .with_unknowns(&[
            "hashPinPolicy and userPinPolicy name routes that are no longer documented",
        ])
        .with_siblings(&[&RESOURCES]);

/// The `permissions` member of a create request.
///
/// One of `admin`, `resources` and `endpoints`, never two: no document says how the provider
/// treats a mixture. All ten endpoint flags are written out, because the older document requires
/// them and the newer one shows them.
pub(crate) struct WirePermissions<'a>(pub(crate) &'a Translation);

impl Serialize for WirePermissions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut member = serializer.serialize_map(Some(1))?;
        if self.0.granted().is_admin() {
            member.serialize_entry("admin", &true)?;
        } else if *self.0.table() == ENDPOINTS {
            member.serialize_entry("endpoints", &GroupedFlags(self.0))?;
        } else {
            member.serialize_entry("resources", &Resources(self.0))?;
        }
        member.end()
    }
}

struct Resources<'a>(&'a Translation);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.grants().map(Grant::name))
    }
}
