//! The data route that each permission opens, if one is known.

use http::Method;
use pinning_keys_core::Permission;

/// A request that needs this permission at Pinata, on the routes of the key's table. For what that
/// table does not have, a route of the other table, which must be closed to the key.
#[rustfmt::skip]
pub(super) fn at_pinata(permission: Permission, is_endpoints: bool) -> Option<(Method, &'static str)> {
    use Permission as P;
    let legacy = match permission {
        P::PinsList => (Method::GET, "/data/pinList"),
        P::PinsListJobs => (Method::GET, "/pinning/pinJobs"),
        P::PinsAddFile => (Method::POST, "/pinning/pinFileToIPFS"),
        P::PinsAddJson => (Method::POST, "/pinning/pinJSONToIPFS"),
        P::PinsAddCid => (Method::POST, "/pinning/pinByHash"),
        P::PinsRemove => (Method::DELETE, "/pinning/unpin/x"),
        P::PinsEditMetadata => (Method::PUT, "/pinning/hashMetadata"),
        P::KeysManage => (Method::POST, "/users/generateApiKey"),
        _ => return v3(permission),
    };
    if is_endpoints { Some(legacy) } else { v3(permission) }
}

#[rustfmt::skip]
fn v3(permission: Permission) -> Option<(Method, &'static str)> {
    use Permission as P;
    Some(match permission {
        P::PinsList => (Method::GET, "/v3/files/public"),
        P::PinsListJobs => (Method::GET, "/v3/files/public/pin_by_cid"),
        P::PinsAddFile | P::PinsAddJson => (Method::POST, "/v3/files"),
        P::PinsAddCid => (Method::POST, "/v3/files/public/pin_by_cid"),
        P::PinsRemove => (Method::DELETE, "/v3/files/public/x"),
        P::PinsEditMetadata => (Method::PUT, "/v3/files/public/x"),
        P::UploadsDelegate => (Method::POST, "/v3/files/sign"),
        P::LinksCreate => (Method::POST, "/v3/files/private/download_link"),
        P::SignaturesWrite => (Method::POST, "/v3/files/public/signature/x"),
        P::SwapsWrite => (Method::PUT, "/v3/files/public/swap/x"),
        P::GroupsRead => (Method::GET, "/v3/groups/public"),
        P::GroupsWrite => (Method::POST, "/v3/groups/public"),
        P::GatewaysRead => (Method::GET, "/v3/gateways"),
        P::GatewaysWrite => (Method::POST, "/v3/gateways"),
        P::AnalyticsRead => (Method::GET, "/v3/analytics/gateways/top"),
        P::KeysManage => (Method::POST, "/v3/api_keys"),
        P::UsageRead => (Method::GET, "/data/userPinnedDataTotal"),
        _ => return None,
    })
}

/// The same at W3IPFS.
#[rustfmt::skip]
pub(super) fn at_w3ipfs(permission: Permission) -> Option<(Method, &'static str)> {
    use Permission as P;
    Some(match permission {
        P::PinsList => (Method::GET, "/api/pinning/pins/"),
        P::PinsAddFile => (Method::POST, "/api/pinning/"),
        P::PinsAddCid => (Method::POST, "/api/pinning/pinByHash"),
        P::PinsRemove => (Method::DELETE, "/api/pinning/unpin/x"),
        P::PinsEditMetadata => (Method::PUT, "/api/pinning/metadata/"),
        P::NftsList => (Method::GET, "/api/nft/nfts/"),
        P::NftsAdd => (Method::POST, "/api/nft/"),
        P::NftsRemove => (Method::DELETE, "/api/nft/unpin/x"),
        P::KeysManage => (Method::POST, "/api/apiKeys/"),
        _ => return None,
    })
}
