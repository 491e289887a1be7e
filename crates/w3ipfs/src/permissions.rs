//! W3IPFS's permission table, and the form of grants in a create request.

use pinning_keys_core::{Grant, Permission, PermissionTable, Translation};
use pinning_keys_http::flags::GroupedFlags;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::holder_routes;

use Permission::{
    KeysManage, NftsAdd, NftsList, NftsRemove, PinsAddCid, PinsAddFile, PinsList, PinsRemove,
};

/// The seven flags of `scopes`, written `group.flag`, in the order of the provider's document.
///
/// The flags are documented. What each opens is inferred from its name.
static SCOPE_GRANTS: [Grant; 7] = [
    Grant::new("data.pin_list", &[PinsList]),
    Grant::new("data.nft_list", &[NftsList]),
    Grant::new("pinning.unpin", &[PinsRemove]),
    Grant::new("pinning.pin_by_hash", &[PinsAddCid]),
    Grant::new("pinning.pin_file_to_ipfs", &[PinsAddFile]),
    Grant::new("pin_nft.unpin_nft", &[NftsRemove]),
    Grant::new("pin_nft.pin_nft_to_ipfs", &[NftsAdd]),
];

/// W3IPFS's permission table, the `scopes` of a key: one flag for each operation.
///
/// ```
/// use pinning_keys_core::ScopeRequest;
/// use pinning_keys_w3ipfs::SCOPES;
///
/// let translation = SCOPES.translate(&ScopeRequest::reader())?;
/// assert_eq!(translation.grants().map(|g| g.name()).collect::<Vec<_>>(), ["data.pin_list"]);
/// assert_eq!(translation.missing().to_string(), "pins:list-jobs");
/// # Ok::<(), pinning_keys_core::ScopeError>(())
/// ```
pub static SCOPES: PermissionTable = PermissionTable::new("w3ipfs", "scopes", &SCOPE_GRANTS)
    .with_serves("/api/pinning/* and /api/nft/*")
    .with_routes(&holder_routes::ROUTES)
    .with_admin_only(&[KeysManage])
    .with_unknowns(&[
        "what each flag opens is inferred from its name; no document says it",
        "a key with all seven flags may become an admin key, as in the provider's own dashboard",
        "which flag, if any, opens billing, gateways and editing metadata is not documented",
    ]);

/// The `scopes` member of a create request.
///
/// The document requires every flag, except for an admin key, for which it shows the short form.
/// How the provider treats a missing group is not known, so all are written out.
pub(crate) struct WireScopes<'a>(pub(crate) &'a Translation);

impl Serialize for WireScopes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Scoped<'a> {
            admin: bool,
            #[serde(flatten)]
            flags: GroupedFlags<'a>,
        }
        if self.0.granted().is_admin() {
            let mut member = serializer.serialize_map(Some(1))?;
            member.serialize_entry("admin", &true)?;
            return member.end();
        }
        Scoped { admin: false, flags: GroupedFlags(self.0) }.serialize(serializer)
    }
}
