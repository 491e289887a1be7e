//! Relative paths of secrets.

use std::path::Path;

use pinning_keys::IssuerConfig;
use pinning_keys::adapter::Setting;
use pinning_keys::credentials::SecretFrom;

use super::value::{is_secret, secret_of};

/// The value of a setting of this provider, with the relative path of a secret starting at this
/// folder, that of the configuration file. In the working folder, the same path could be a file that
/// somebody else wrote.
pub(crate) fn in_folder(folder: &Path, provider: &str, name: &str, value: Setting) -> Setting {
    if !is_secret(name) {
        return value;
    }
    let Ok(SecretFrom::File(path)) = secret_of(name, value.clone()) else { return value };
    // What the provider's configuration refuses, it explains better without a folder before it.
    let accepted = IssuerConfig::for_provider(provider)
        .and_then(|config| config.with_setting(name, value.clone()));
    let is_pattern = path.to_string_lossy().starts_with(['~', '$', '%']);
    if accepted.is_err() || path.is_absolute() || is_pattern {
        return value;
    }
    let full = folder.join(path);
    match full.to_str() {
        Some(text) if name.ends_with("_file") => Setting::from(text),
        // If the folder's name is not text, a setting that takes only a text refuses this.
        _ => Setting::from(SecretFrom::File(full)),
    }
}
