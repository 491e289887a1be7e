//! The routes on which the holders of keys use what the table grants, the main route of a
//! permission first.

use http::Method;
use pinning_keys_core::{BodyForm, CredentialForm, DataRoute, Permission, Provenance};

use BodyForm::{Json, Multipart};
use Permission::{NftsAdd, NftsList, NftsRemove, PinsAddCid, PinsAddFile, PinsList, PinsRemove};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const DELETE: Method = Method::DELETE;

/// A documented route. All of them take the key pair, the only credential that a key has
/// (documented).
const fn route(permission: Permission, method: Method, path: &'static str) -> DataRoute {
    DataRoute::new(permission, method, path, CredentialForm::KeyPair)
}

/// The routes below the base URL, whose path is `/api` (documented, if not marked otherwise).
#[rustfmt::skip]
pub(crate) static ROUTES: [DataRoute; 9] = [
    route(PinsList, GET, "/pinning/pins/"),
    route(PinsList, GET, "/pinning/{pinId}"),
    route(NftsList, GET, "/nft/nfts/"),
    route(NftsList, GET, "/nft/{nftId}"),
    route(PinsRemove, DELETE, "/pinning/unpin/{pinId}"),
    route(PinsAddCid, POST, "/pinning/pinByHash").with_body(Json),
    route(PinsAddFile, POST, "/pinning/").with_body(Multipart),
    // Only the provider's dashboard calls it.
    route(NftsRemove, DELETE, "/nft/unpin/{nftId}").with_provenance(Provenance::Seen),
    route(NftsAdd, POST, "/nft/").with_body(Multipart),
];
