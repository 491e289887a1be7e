//! The environment variables and files that the program reads, for its manual page.

pub(crate) const VARIABLES: &[(&str, &str)] = &[
    ("PINNING_KEYS_PROVIDER", "The provider: pinata or w3ipfs."),
    ("PINNING_KEYS_JWT, PINATA_JWT", "The account's JWT. PINATA_JWT alone is enough for Pinata."),
    (
        "PINNING_KEYS_API_KEY, PINNING_KEYS_API_SECRET",
        "The account's key pair instead of a JWT: for W3IPFS, or for Pinata with \
         PINNING_KEYS_ROUTE=legacy.",
    ),
    (
        "PINNING_KEYS_JWT_FILE, PINNING_KEYS_API_KEY_FILE, PINNING_KEYS_API_SECRET_FILE",
        "The path of a file that holds the value.",
    ),
    ("PINNING_KEYS_BASE_URL", "The base URL of the API, such as an emulator's."),
    ("PINNING_KEYS_UPLOAD_URL", "Pinata only: the base URL for signing uploads."),
    ("PINNING_KEYS_ALLOW_PLAIN_HTTP", "Hosts that may be reached over http, separated by commas."),
    ("PINNING_KEYS_DEADLINE_SECONDS", "The time limit for each call, in seconds (default: 30)."),
    ("PINNING_KEYS_TABLE", "Pinata only: resources (default) or endpoints."),
    ("PINNING_KEYS_ROUTE", "Pinata only: v3 (default), sdk or legacy."),
    ("PINNING_KEYS_PAGE_SIZE", "W3IPFS only: the page size used when listing keys."),
    (
        "PINNING_KEYS_REQUESTS_PER_MINUTE",
        "The account's rate limit (default: 60, that of the free plans).",
    ),
    ("PINNING_KEYS_PROFILE", "The profile to work with, unless --profile names one."),
    ("PINNING_KEYS_CONFIG", "A configuration file to read, unless --config names one."),
    #[cfg(feature = "store")]
    (
        "PINNING_KEYS_STORE",
        "The store to use, unless --store names one: sqlite:PATH or postgres://…",
    ),
    ("NO_COLOR, CLICOLOR_FORCE", "Whether to use colour, unless --color says so."),
];

pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "~/.config/pinning-keys/config.toml",
        "The profiles and settings of a user. With XDG_CONFIG_HOME, and on Windows with APPDATA, it \
         is in that folder instead.",
    ),
    #[cfg(feature = "store")]
    (
        "~/.local/state/pinning-keys/keys.db",
        "The default store. If XDG_STATE_HOME is set, and on Windows with LOCALAPPDATA, it is in \
         that folder instead.",
    ),
    (
        ".pinning-keys.toml",
        "In a project's folder or one above: the profile to use, and settings of the output.",
    ),
    #[cfg(feature = "store")]
    ("keys.toml", "In the working folder: the declared keys, for diff and apply."),
];

#[cfg(test)]
mod tests {
    use pinning_keys::IssuerConfig;

    use super::VARIABLES;

    #[test]
    fn every_setting_has_its_variable() {
        let names: Vec<_> = VARIABLES.iter().flat_map(|(names, _)| names.split(", ")).collect();
        for provider in IssuerConfig::PROVIDERS {
            let config = IssuerConfig::for_provider(provider).expect("the provider is known");
            for setting in config.settings() {
                let name = format!("PINNING_KEYS_{}", setting.to_uppercase());
                assert!(names.contains(&&*name), "{name}");
            }
        }
    }
}
