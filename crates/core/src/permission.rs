use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::PermissionSet;
use crate::text::{begins_with, nearest};

/// Makes the enum, its texts and its descriptions from one list, so that none can be forgotten.
/// `opened` says when a provider's grant opens the permission, if two authors of adapters could
/// decide it differently.
macro_rules! permissions {
    ($($variant:ident = $text:literal, $sentence:literal $(, opened: $opened:literal)?;)*) => {
        /// One thing that the holder of a key may do.
        ///
        /// Permissions are named by what they allow, in words that belong to no provider. Each has
        /// a stable text form ([`as_str`](Self::as_str)) for configuration, logs and serde, and a
        /// [`description`](Self::description) for people.
        ///
        /// For authors of adapters, the documentation of a permission says when a provider's grant
        /// opens it, if that is not obvious. If no document settles it, declare that it does, and
        /// state the doubt in [`PermissionTable::with_unknowns`](crate::PermissionTable::with_unknowns):
        /// a key must never be able to do more than its scope says.
        ///
        /// ```
        /// use pinning_keys_core::Permission;
        ///
        /// let permission: Permission = "pins:add-file".parse()?;
        /// assert_eq!(permission, Permission::PinsAddFile);
        /// assert_eq!(permission.description(), "upload a file and pin it");
        /// # Ok::<(), pinning_keys_core::UnknownPermission>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Permission {
            $(
                #[doc = concat!("`", $text, "`: ", $sentence, ".")]
                $(
                    ///
                    #[doc = $opened]
                )?
                $variant,
            )*
        }

        impl Permission {
            /// Every permission, in the order in which they are listed and printed.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable text form, such as `pins:add-file`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// What the permission allows, as a phrase that continues "may …".
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => $sentence,)*
                }
            }
        }
    };
}

permissions! {
    PinsList = "pins:list", "list and inspect what is pinned";
    PinsListJobs = "pins:list-jobs", "list the pins by CID that are still being fetched",
        opened: "Opened if the holder can see these pins, on a route of their own or in the list of \
                 all pins.";
    PinsAddFile = "pins:add-file", "upload a file and pin it";
    PinsAddJson = "pins:add-json", "upload a JSON document and pin it",
        opened: "Opened by the grant with which the provider's documents upload JSON documents, on a \
                 route or with a method of its client for them. Uploading a file that contains JSON \
                 does not count.";
    PinsAddCid = "pins:add-cid", "pin content that is already on IPFS, by its CID",
        opened: "Opened if the provider fetches the content from IPFS itself. Fetching it from a URL \
                 does not count.";
    PinsRemove = "pins:remove", "unpin and delete content",
        opened: "Opened if the holder can unpin or delete content, whoever added it.";
    PinsEditMetadata = "pins:edit-metadata", "rename pins and change their key-values",
        opened: "Opened if the holder can change either of them after the upload. Setting them with \
                 the upload does not count.";
    UploadsDelegate = "uploads:delegate", "create signed URLs that let others upload",
        opened: "Opened by the grant for the route that makes such URLs. If a holder signs them \
                 without asking the provider, as with S3 keys, the grant for uploads opens it.";
    LinksCreate = "links:create", "create links that let others download private files",
        opened: "Opened by the grant for the route that makes such links. If a holder signs them \
                 without asking the provider, the grant for reading private files opens it.";
    SignaturesWrite = "signatures:write", "attach signatures to content and remove them";
    SwapsWrite = "swaps:write", "make one CID serve the content of another, and undo this";
    GroupsRead = "groups:read", "list and inspect groups of files",
        opened: "A group is any named set to which files can be added, such as a bucket or a folder.";
    GroupsWrite = "groups:write", "create, change and delete groups of files";
    GatewaysRead = "gateways:read", "list and inspect gateways";
    GatewaysWrite = "gateways:write", "create, configure and delete gateways";
    AnalyticsRead = "analytics:read", "read gateway traffic figures";
    AnalyticsWrite = "analytics:write", "write analytics (no documented operation)";
    AccountRead = "account:read", "read the account (no documented operation)",
        opened: "Opened if the holder learns something about the account itself, such as its plan, its \
                 owner's e-mail address, or a log of what was done in it.";
    KeysManage = "keys:manage", "issue, list and revoke API keys, including keys with more permissions",
        opened: "Opened only by what lets the holder do all three. A grant that only issues keys is \
                 native and escalating.";
    UsageRead = "usage:read", "read how much is stored",
        opened: "Opened if the holder learns how much the account stores, on a route for it. Adding \
                 up the sizes in the list of pins does not count.";
    PinsSetPolicy = "pins:set-policy", "change where one pin is replicated (retired route)";
    AccountSetPinPolicy = "account:set-pin-policy", "change where new pins are replicated (retired route)";
    NftsList = "nfts:list", "list and inspect NFT pins",
        opened: "Opened only if the provider keeps NFT assets apart from other content.";
    NftsAdd = "nfts:add", "upload NFT assets with their metadata and pin them",
        opened: "Opened only if the provider keeps NFT assets apart from other content.";
    NftsRemove = "nfts:remove", "unpin NFT assets",
        opened: "Opened only if the provider keeps NFT assets apart from other content.";
}

impl Permission {
    /// What a holder of this permission may also do, at every provider: `groups:write` implies
    /// `groups:read`, and likewise for gateways and analytics.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, PermissionSet};
    ///
    /// assert_eq!(Permission::GroupsWrite.implies(), PermissionSet::of(&[Permission::GroupsRead]));
    /// assert!(Permission::PinsRemove.implies().is_empty());
    /// ```
    #[must_use]
    pub const fn implies(self) -> PermissionSet {
        match self {
            Self::GroupsWrite => PermissionSet::of(&[Self::GroupsRead]),
            Self::GatewaysWrite => PermissionSet::of(&[Self::GatewaysRead]),
            Self::AnalyticsWrite => PermissionSet::of(&[Self::AnalyticsRead]),
            _ => PermissionSet::EMPTY,
        }
    }

    /// Whether the text of some permission begins with this word and a colon.
    pub(crate) const fn has_area(word: &str) -> bool {
        let mut i = 0;
        while i < Self::ALL.len() {
            let text = Self::ALL[i].as_str().as_bytes();
            let is_longer = text.len() > word.len();
            if is_longer && text[word.len()] == b':' && begins_with(text, word.as_bytes()) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Whether the holder can use this permission to get others.
    ///
    /// Such a permission must be named in [`ScopeRequest::needs`]; it is never granted as a
    /// preference or tolerated as a side effect.
    ///
    /// [`ScopeRequest::needs`]: crate::ScopeRequest::needs
    #[must_use]
    pub const fn is_escalating(self) -> bool {
        matches!(self, Self::KeysManage)
    }

    /// The permission of this text. Parsing does the same, but also looks for what was meant if
    /// there is none, which is slow.
    pub(crate) fn known(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::known(text).ok_or_else(|| UnknownPermission::new(text))
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The error for a text that names no [`Permission`].
///
/// ```
/// use pinning_keys_core::Permission;
///
/// let error = "pins:addfile".parse::<Permission>().unwrap_err();
/// assert_eq!(error.to_string(), r#"unknown permission "pins:addfile"; did you mean "pins:add-file"?"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPermission {
    text: String,
    nearest: Option<&'static str>,
}

impl UnknownPermission {
    pub(crate) fn new(text: &str) -> Self {
        let known = Permission::ALL.iter().map(|permission| permission.as_str());
        Self { text: text.to_owned(), nearest: nearest(text, known) }
    }

    /// The known permission that was probably meant, if one is similar enough.
    pub fn suggestion(&self) -> Option<&'static str> {
        self.nearest
    }
}

impl fmt::Display for UnknownPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown permission {:?}", crate::text::shortened(&self.text))?;
        match self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest:?}?"),
            None => f.write_str("; permissions look like \"pins:list\" or \"groups:write\""),
        }
    }
}

impl std::error::Error for UnknownPermission {}
