//! The built-in providers, and what every build knows about them.

use pinning_keys_http::ForeignVariable;

use crate::provider::BuiltIn;
#[cfg(any(feature = "pinata", feature = "w3ipfs"))]
use crate::provider::Provider;

/// Pinata, for [`Providers`](crate::Providers). Its configuration is a
/// [`PinataConfig`](crate::pinata::PinataConfig).
///
/// ```
/// assert_eq!(pinning_keys::pinata().id(), "pinata");
/// ```
#[cfg(feature = "pinata")]
pub fn pinata() -> Provider {
    Provider::of::<crate::pinata::PinataConfig>().built_in(&PINATA)
}

/// W3IPFS (AIOZ Pin), for [`Providers`](crate::Providers). Its configuration is a
/// [`W3ipfsConfig`](crate::w3ipfs::W3ipfsConfig).
///
/// ```
/// assert_eq!(pinning_keys::w3ipfs().id(), "w3ipfs");
/// ```
#[cfg(feature = "w3ipfs")]
pub fn w3ipfs() -> Provider {
    Provider::of::<crate::w3ipfs::W3ipfsConfig>().built_in(&W3IPFS)
}

/// All built-in providers, whether this build has their adapters or not.
pub(crate) const ALL: [&BuiltIn; 2] = [&PINATA, &W3IPFS];

// The variables are those that the providers' clients and the code of third parties read (seen).

static PINATA: BuiltIn = BuiltIn {
    id: "pinata",
    aliases: &[],
    variables: &[
        ForeignVariable::read("PINATA_JWT", "jwt"),
        ForeignVariable::known("PINATA_API_KEY", "api_key"),
        ForeignVariable::known("PINATA_SECRET_API_KEY", "api_secret"),
        ForeignVariable::known("PINATA_API_SECRET", "api_secret"),
    ],
    pair_needs: Some("PINNING_KEYS_ROUTE=legacy"),
    is_enabled: cfg!(feature = "pinata"),
};

/// W3IPFS has had several names and addresses, among them `aiozpin.network` (documented).
static W3IPFS: BuiltIn = BuiltIn {
    id: "w3ipfs",
    aliases: &["AIOZ Pin", "aioz", "web3ipfs"],
    variables: &[
        ForeignVariable::known("AIOZ_PIN_JWT", "jwt"),
        ForeignVariable::known("AIOZ_JWT_TOKEN", "jwt"),
        ForeignVariable::known("AIOZ_PIN_API_KEY", "api_key"),
        ForeignVariable::known("AIOZ_PIN_SECRET_KEY", "api_secret"),
        ForeignVariable::known("PINNING_API_KEY", "api_key"),
        ForeignVariable::known("PINNING_SECRET_KEY", "api_secret"),
    ],
    pair_needs: None,
    is_enabled: cfg!(feature = "w3ipfs"),
};
