//! The environment variables and files that the program reads, for its manual page.

pub(crate) const VARIABLES: &[(&str, &str)] = &[
    ("PINNING_KEYS_PROVIDER", "The provider: pinata or w3ipfs."),
    (
        "PINNING_KEYS_JWT, PINATA_JWT",
        "The account's JWT. PINATA_JWT alone is enough for Pinata. The other credentials are \
         described in the documentation of the library.",
    ),
    ("PINNING_KEYS_JWT_FILE", "The path of a file that holds the account's JWT."),
    ("PINNING_KEYS_API_KEY, PINNING_KEYS_API_SECRET", "The account's key pair, instead of a JWT."),
    ("PINNING_KEYS_BASE_URL", "The base URL of the API, such as an emulator's."),
    ("PINNING_KEYS_TABLE", "The table of a provider that has several."),
    ("PINNING_KEYS_ROUTE", "The route of a provider that has several."),
    ("PINNING_KEYS_PROFILE", "The profile to work with, unless --profile names one."),
    ("PINNING_KEYS_CONFIG", "A configuration file to read, unless --config names one."),
    ("PINNING_KEYS_REQUESTS_PER_MINUTE", "The account's rate limit."),
    ("NO_COLOR, CLICOLOR_FORCE", "Whether to use colour, unless --color says so."),
];

pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "~/.config/pinning-keys/config.toml",
        "The profiles and settings of a user. With XDG_CONFIG_HOME, and on Windows with APPDATA, it \
         is in that folder instead.",
    ),
    (
        ".pinning-keys.toml",
        "In a project's folder or one above: the profile to use, and settings of the output.",
    ),
];
