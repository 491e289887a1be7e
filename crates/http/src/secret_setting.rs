//! How configuration says where a secret is kept.

use std::path::PathBuf;
use std::sync::Arc;

use pinning_keys_core::{Error, ErrorKind};
use serde::{Deserialize, Deserializer};

use crate::stored_credential::is_variable_name;
use crate::{AccountCredential, CredentialSource, SecretFrom, StoredCredential};

impl SecretFrom {
    /// A source that gives the secret as a bearer token.
    ///
    /// A token that is here is checked and made ready once; one that is kept elsewhere is read
    /// anew for each call, so that a rotated token is picked up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] where the token is here and cannot be sent, and
    /// [`ErrorKind::Configuration`] where the name of a variable or the path of a file cannot be
    /// one.
    pub fn into_bearer_source(self) -> Result<Arc<dyn CredentialSource>, Error> {
        match self {
            Self::Text(token) => Ok(Arc::new(AccountCredential::bearer(token)?)),
            Self::Variable(name) if !is_variable_name(&name) => {
                // It is not quoted: a token may have been pasted in its place.
                Err(Error::new(
                    ErrorKind::Configuration,
                    "the name of the variable that holds the secret is not a variable's name",
                )
                .with_hint("write a name such as PINATA_JWT there, and not the secret itself"))
            }
            Self::File(path) if path.as_os_str().is_empty() => Err(Error::new(
                ErrorKind::Configuration,
                "the path of the file that holds the secret is empty",
            )),
            elsewhere => Ok(Arc::new(StoredCredential::bearer(elsewhere))),
        }
    }
}

/// A text is the secret itself; `{ variable = "NAME" }` and `{ file = "PATH" }` name its place.
impl<'de> Deserialize<'de> for SecretFrom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "a secret is a text, { variable = \"NAME\" } or { file = \"PATH\" }"
        )]
        enum Form {
            Text(String),
            Elsewhere(Place),
        }

        // An enum, since a struct could be written as a list too, and a token in brackets would
        // then be taken for the name of a variable.
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Place {
            Variable(String),
            File(PathBuf),
        }

        Ok(match Form::deserialize(deserializer)? {
            Form::Text(secret) => Self::Text(secret.into()),
            Form::Elsewhere(Place::Variable(name)) => Self::Variable(name),
            Form::Elsewhere(Place::File(path)) => Self::File(path),
        })
    }
}
