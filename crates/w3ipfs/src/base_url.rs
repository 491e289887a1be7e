//! The addresses of the provider's API over time. The paths were the same at all of them
//! (documented); it is not known which of the older addresses still answer.
//!
//! ```
//! use pinning_keys_w3ipfs::{W3ipfsConfig, base_url};
//!
//! let config = W3ipfsConfig::new().with_base_url(base_url::W3IPFS_STORAGE);
//! assert_eq!(config.base_url(), "https://api.w3ipfs.storage/api");
//! ```

/// AIOZ Pin, the provider's name today (documented).
pub const AIOZ_PIN: &str = "https://api.aiozpin.network/api";

/// W3IPFS in 2024 (documented).
pub const W3IPFS_STORAGE: &str = "https://api.w3ipfs.storage/api";

/// W3IPFS in early 2024 (documented, and seen in the provider's command-line client).
pub const W3IPFS_AIOZ: &str = "https://api.w3ipfs.aioz.network/api";

/// The address in the first documents, from 2023 (documented).
pub const ATTOAIOZ: &str = "https://api-ipfs.attoaioz.cyou/api";
