//! The addresses that the provider's API has had. Its paths were the same at all of them
//! (documented); which of the older ones still answer is not known.

/// AIOZ Pin, the provider's name today (documented).
pub const AIOZ_PIN: &str = "https://api.aiozpin.network/api";

/// W3IPFS in 2024 (documented).
pub const W3IPFS_STORAGE: &str = "https://api.w3ipfs.storage/api";

/// W3IPFS in early 2024 (documented, and seen in the provider's command-line client).
pub const W3IPFS_AIOZ: &str = "https://api.w3ipfs.aioz.network/api";

/// The address of the first documents, of 2023.
pub const ATTOAIOZ: &str = "https://api-ipfs.attoaioz.cyou/api";
