//! The providers of this build, their settings, and the errors about both.

use pinning_keys_core::{Error, ErrorKind};

#[cfg(feature = "pinata")]
use crate::pinata::PinataConfig;
#[cfg(feature = "w3ipfs")]
use crate::w3ipfs::W3ipfsConfig;

/// The ids of the providers of this build.
pub(crate) const IDS: &[&str] = &[
    #[cfg(feature = "pinata")]
    "pinata",
    #[cfg(feature = "w3ipfs")]
    "w3ipfs",
];

/// The names of a provider's settings; none if this build does not have it.
pub(crate) fn settings_of(id: &str) -> &'static [&'static str] {
    match id {
        #[cfg(feature = "pinata")]
        "pinata" => PinataConfig::SETTINGS,
        #[cfg(feature = "w3ipfs")]
        "w3ipfs" => W3ipfsConfig::SETTINGS,
        _ => &[],
    }
}

/// The names of the settings of all providers of this build. Those that providers share repeat.
pub(crate) fn all_settings() -> impl Iterator<Item = &'static str> {
    IDS.iter().flat_map(|id| settings_of(id)).copied()
}

/// The error for a setting that only another provider has. It was probably left behind when the
/// provider changed.
pub(crate) fn foreign_setting(provider: &str, setting: &str) -> Option<Error> {
    if settings_of(provider).contains(&setting) {
        return None;
    }
    let owner = IDS.iter().find(|id| settings_of(id).contains(&setting))?;
    let message = format!("setting {setting:?} belongs to {owner}, not to {provider}");
    Some(Error::new(ErrorKind::Configuration, message).with_next_step("remove the setting"))
}

/// The error for an id that names no provider of this build. The id is quoted only if it belongs
/// to a provider, because a secret may have been pasted in its place.
pub(crate) fn unknown_provider(id: &str) -> Error {
    let message = match id {
        "pinata" | "w3ipfs" => format!("provider {id:?} needs the feature {id:?} of this crate"),
        _ => match meant(id) {
            Some(provider) => format!("unknown provider; did you mean {provider}?"),
            None => format!("unknown provider; expected one of {}", IDS.join(", ")),
        },
    };
    Error::new(ErrorKind::Configuration, message)
}

/// The provider that a common name refers to. W3IPFS has had several names and addresses, among them
/// `aiozpin.network` (documented).
fn meant(name: &str) -> Option<&'static str> {
    let is_letter = |c: &char| c.is_ascii_alphanumeric();
    let name: String = name.chars().filter(is_letter).collect::<String>().to_lowercase();
    let contains = |part: &&str| name.contains(*part);
    if name.contains("pinata") {
        Some("\"pinata\"")
    } else if ["aioz", "w3ipfs", "web3ipfs"].iter().any(contains) {
        Some("\"w3ipfs\" (AIOZ Pin)")
    } else {
        None
    }
}

/// The message for a configuration that names no provider in this place.
pub(crate) fn no_provider(place: &str) -> String {
    format!("{place} is not set; expected one of {}", IDS.join(", "))
}
