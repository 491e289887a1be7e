//! Values in a configuration file, with the line that they are on.

use pinning_keys::Error;
use pinning_keys::adapter::{ApiSettings, Setting};
use pinning_keys::credentials::SecretFrom;
use schemars::JsonSchema;

/// A value and the line that it is on.
#[derive(Clone, Debug)]
pub(crate) struct OnLine<T> {
    pub(crate) value: T,
    pub(crate) line: usize,
}

/// The value of a provider's setting. The provider's own configuration decides later whether it is
/// valid, so that a file and a variable follow one rule.
pub(crate) type Entry = OnLine<Setting>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Always, Self::Never];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

// The characters are few, so that a name can be typed and printed without quotation marks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(inline)]
pub(crate) struct ProfileName(
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"))] String,
);

impl ProfileName {
    /// What a name may look like, for error messages.
    pub(crate) const RULE: &'static str = "a profile's name has at most 64 letters, digits, _, . and \
        -, and begins with a letter or digit";

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        (begins && text.len() <= 64 && text.bytes().all(is_part)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the setting of this name holds a secret, or names the place of one.
pub(crate) fn is_secret(name: &str) -> bool {
    ApiSettings::is_credential(name)
}

/// The secret in a setting, or its place.
pub(crate) fn secret_of(name: &str, value: Setting) -> Result<SecretFrom, Error> {
    if name.ends_with("_file") { value.secret_file(name) } else { value.secret(name) }
}

/// The forms of values in the JSON Schema.
pub(super) mod forms {
    use schemars::JsonSchema;

    /// A secret, or the variable or file that holds it.
    #[derive(JsonSchema)]
    #[schemars(untagged)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(crate) enum Secret {
        /// The secret itself. Protect the file: `chmod 600`.
        Text(#[schemars(length(min = 1))] String),
        Elsewhere(SecretPlace),
    }

    /// The place of a secret.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(crate) enum SecretPlace {
        /// The name of the environment variable that holds the secret.
        Variable(#[schemars(length(min = 1))] String),
        /// The path of the file that holds the secret. A relative path starts at the folder of the
        /// configuration file.
        File(#[schemars(length(min = 1))] String),
    }

    /// Hosts, as a list or as one string with commas.
    #[derive(JsonSchema)]
    #[schemars(untagged)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(crate) enum Hosts {
        List(Vec<String>),
        Text(String),
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "lowercase", inline)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(crate) enum Route {
        V3,
        Sdk,
        Legacy,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "lowercase", inline)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(crate) enum Table {
        Resources,
        Endpoints,
    }
}
