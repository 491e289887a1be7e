//! The sections of a configuration file. The parser fills these types, and the JSON Schema is
//! derived from them, so that both accept the same keys.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::value::{Color, Entry, OnLine, ProfileName, forms};

/// The configuration of the command line `pinning-keys`.
///
/// A project file (`.pinning-keys.toml`) may contain `profile` and `[output]` only.
#[derive(Debug, Default, JsonSchema)]
#[schemars(title = "pinning-keys configuration", deny_unknown_fields, default)]
pub(crate) struct Document {
    /// The profile to work with if neither --profile nor PINNING_KEYS_PROFILE names one (default:
    /// the only profile, if there is just one).
    #[schemars(with = "ProfileName")]
    pub(crate) profile: Option<OnLine<ProfileName>>,
    /// The store of managed keys: sqlite:PATH or postgres://… (default: an SQLite file in the user's
    /// state folder). Protect the file if the address has a password: `chmod 600`.
    #[schemars(with = "String")]
    pub(crate) store: Option<OnLine<String>>,
    /// How results are printed.
    #[schemars(with = "OutputSection")]
    pub(crate) output: OutputSection,
    /// The accounts to work with, by a name of your choice.
    #[schemars(with = "BTreeMap<ProfileName, Account>")]
    pub(crate) profiles: BTreeMap<ProfileName, Profile>,
}

/// How results are printed.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub(crate) struct OutputSection {
    /// When to use colour (default: auto). NO_COLOR and CLICOLOR_FORCE override it.
    #[schemars(with = "Color")]
    pub(crate) color: Option<OnLine<Color>>,
    /// Print JSON, for programs (default: false).
    #[schemars(with = "bool")]
    pub(crate) json: Option<OnLine<bool>>,
    /// Print no progress and no notes (default: false).
    #[schemars(with = "bool")]
    pub(crate) quiet: Option<OnLine<bool>>,
}

/// A profile: an account at a provider, and the line on which the provider is named.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) line: usize,
    pub(crate) account: Account,
}

/// An account at a provider, and how to reach it.
#[derive(Debug, JsonSchema)]
#[schemars(tag = "provider", rename_all = "lowercase")]
pub(crate) enum Account {
    Pinata(PinataAccount),
    W3ipfs(W3ipfsAccount),
}

/// Declares the settings of an account at one provider.
macro_rules! account {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $key:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, JsonSchema)]
        #[schemars(deny_unknown_fields, default)]
        pub(crate) struct $name {
            $($(#[$about])* $key: Option<Entry>,)*
        }

        impl $name {
            const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            fn place(&mut self, key: &str) -> Option<&mut Option<Entry>> {
                match key {
                    $(stringify!($key) => Some(&mut self.$key),)*
                    _ => None,
                }
            }

            fn entries(&self) -> Vec<(&'static str, &Entry)> {
                let all = [$((stringify!($key), &self.$key)),*];
                all.into_iter().filter_map(|(key, entry)| Some((key, entry.as_ref()?))).collect()
            }
        }
    };
}

account! {
    /// An account at Pinata.
    PinataAccount {
        /// The account's JWT, or the variable or file that holds it.
        #[schemars(with = "forms::Secret")]
        jwt,
        /// The path of a file that holds the account's JWT.
        #[schemars(with = "String")]
        jwt_file,
        /// The key of the account's key pair; needs `route = "legacy"`.
        #[schemars(with = "forms::Secret")]
        api_key,
        /// The path of a file that holds the key of the account's key pair.
        #[schemars(with = "String")]
        api_key_file,
        /// The secret of the account's key pair; needs `route = "legacy"`.
        #[schemars(with = "forms::Secret")]
        api_secret,
        /// The path of a file that holds the secret of the account's key pair.
        #[schemars(with = "String")]
        api_secret_file,
        /// The base URL of the API (default: `https://api.pinata.cloud`).
        #[schemars(with = "String", regex(pattern = "^https?://"))]
        base_url,
        /// The base URL for signing uploads (default: Pinata's, unless `base_url` is set).
        #[schemars(with = "String", regex(pattern = "^https?://"))]
        upload_url,
        /// Hosts that may be reached over plain `http`. Loopback always may.
        #[schemars(with = "forms::Hosts")]
        allow_plain_http,
        /// The table in which keys are issued (default: `resources`, or `endpoints` with
        /// `route = "legacy"`).
        #[schemars(with = "forms::Table")]
        table,
        /// The routes through which keys are managed (default: `v3`).
        #[schemars(with = "forms::Route")]
        route,
        /// The time limit for each call, in seconds (default: 30).
        #[schemars(with = "u64", range(min = 1))]
        deadline_seconds,
        /// The account's rate limit, in requests per minute (default: that of the plan "Free", 60).
        #[schemars(with = "u32", range(min = 1))]
        requests_per_minute,
    }
}

account! {
    /// An account at W3IPFS (AIOZ Pin).
    W3ipfsAccount {
        /// The account's JWT, or the variable or file that holds it.
        #[schemars(with = "forms::Secret")]
        jwt,
        /// The path of a file that holds the account's JWT.
        #[schemars(with = "String")]
        jwt_file,
        /// The key of the account's key pair.
        #[schemars(with = "forms::Secret")]
        api_key,
        /// The path of a file that holds the key of the account's key pair.
        #[schemars(with = "String")]
        api_key_file,
        /// The secret of the account's key pair.
        #[schemars(with = "forms::Secret")]
        api_secret,
        /// The path of a file that holds the secret of the account's key pair.
        #[schemars(with = "String")]
        api_secret_file,
        /// The base URL of the API (default: the provider's).
        #[schemars(with = "String", regex(pattern = "^https?://"))]
        base_url,
        /// Hosts that may be reached over plain `http`. Loopback always may.
        #[schemars(with = "forms::Hosts")]
        allow_plain_http,
        /// The page size used when listing keys (default: 100; at least 2).
        #[schemars(with = "u64", range(min = 1))]
        page_size,
        /// The time limit for each call, in seconds (default: 30).
        #[schemars(with = "u64", range(min = 1))]
        deadline_seconds,
        /// The account's rate limit, in requests per minute (default: 60).
        #[schemars(with = "u32", range(min = 1))]
        requests_per_minute,
    }
}

/// Applies an expression to the account at whichever provider it is.
macro_rules! each {
    ($account:expr, $bound:ident => $same:expr) => {
        match $account {
            Account::Pinata($bound) => $same,
            Account::W3ipfs($bound) => $same,
        }
    };
}

impl Document {
    pub(crate) const KEYS: &'static [&'static str] = &["output", "profile", "profiles", "store"];
}

impl OutputSection {
    pub(crate) const KEYS: &'static [&'static str] = &["color", "json", "quiet"];
}

impl Account {
    /// An account without settings at the provider with this id.
    pub(crate) fn at(provider: &str) -> Option<Self> {
        match provider {
            "pinata" => Some(Self::Pinata(PinataAccount::default())),
            "w3ipfs" => Some(Self::W3ipfs(W3ipfsAccount::default())),
            _ => None,
        }
    }

    /// The id of the provider.
    pub(crate) const fn provider(&self) -> &'static str {
        match self {
            Self::Pinata(_) => "pinata",
            Self::W3ipfs(_) => "w3ipfs",
        }
    }

    /// The names of the settings that it may have.
    pub(crate) fn keys(&self) -> &'static [&'static str] {
        match self {
            Self::Pinata(_) => PinataAccount::KEYS,
            Self::W3ipfs(_) => W3ipfsAccount::KEYS,
        }
    }

    /// Where the setting of this name is kept.
    pub(crate) fn place(&mut self, key: &str) -> Option<&mut Option<Entry>> {
        each!(self, account => account.place(key))
    }

    /// The settings that it has.
    pub(crate) fn entries(&self) -> Vec<(&'static str, &Entry)> {
        each!(self, account => account.entries())
    }
}
