//! Keys that are named on the command line.

use std::ffi::OsString;

use pinning_keys::KeyRef;
use pinning_keys::adapter::IssuerProfile;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::secret_words::{refuse_secret, secret_word};

/// A key by its reference or by its exact name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    Reference(KeyRef),
    Name(String),
}

impl Selector {
    /// A text of the form `v1:…` is a reference, which must belong to the provider. Every other
    /// text is a name.
    pub(crate) fn parse(argument: &OsString, profile: &IssuerProfile) -> Result<Self, Failure> {
        let Some(text) = argument.to_str() else {
            return Err(Failure::usage("a key's name or reference is not UTF-8"));
        };
        if text.is_empty() {
            return Err(Failure::usage("a key's name or reference is empty"));
        }
        if !is_reference(text) {
            refuse_secret("a key's name or reference", text)?;
            return Ok(Self::Name(text.to_owned()));
        }
        let key_ref: KeyRef =
            text.parse().map_err(|error| Failure::from(error).with_exit(Exit::Usage))?;
        let (owner, provider) = (key_ref.provider(), profile.provider());
        if owner != provider {
            let message =
                format!("the reference belongs to {owner}, and the account to {provider}");
            return Err(Failure::usage(message)
                .with_next(format!("select an account of {owner}:  --profile NAME")));
        }
        // The library refuses a reference that is made of a secret.
        profile.check_key_ref(&key_ref).map_err(|_| secret_word("a key's reference"))?;
        Ok(Self::Reference(key_ref))
    }

    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Reference(_) => None,
            Self::Name(name) => Some(name),
        }
    }
}

/// Whether a text has the form of a reference, of this or a later version.
pub(crate) fn is_reference(text: &str) -> bool {
    let version = text.split_once(':').and_then(|(version, _)| version.strip_prefix('v'));
    version.is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn only_a_version_and_a_colon_begin_a_reference() {
        for (text, is) in [
            ("v1:pinata:0d2a", true),
            ("v2:x", true),
            ("v1", false),
            ("v:x", false),
            ("av1:", false),
        ] {
            assert_eq!(is_reference(text), is, "{text}");
        }
    }
}
