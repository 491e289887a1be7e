use serde::Serialize;

/// The network that Pinata stores a file on.
///
/// ```
/// use pinning_keys_pinata::Network;
///
/// assert_eq!(Network::default(), Network::Private);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Network {
    /// Files that only the account, and whoever it gives a link to, can download. Pinata's default
    /// for uploads (documented).
    #[default]
    Private,
    /// Public IPFS.
    Public,
}
