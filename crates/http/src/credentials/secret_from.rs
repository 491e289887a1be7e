use std::env::{self, VarError};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pinning_keys_core::{Error, ErrorKind, header_fault};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

/// The shortest part of a path that may be a token instead of a name. The parts of a JWT and the
/// key pairs of both providers are longer.
const TOKEN_CHARS: usize = 16;

/// Longer than any credential: a longer file is another file.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Where a secret is stored.
///
/// ```
/// use pinning_keys_http::credentials::SecretFrom;
///
/// let here = SecretFrom::from("eyJhbGciOi");
/// let elsewhere = SecretFrom::file("/run/secrets/jwt");
/// assert_eq!(format!("{here:?} {elsewhere:?}"), r#"Text(..) File("/run/secrets/jwt")"#);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum SecretFrom {
    /// In this value.
    Text(SecretString),
    /// In the environment variable of this name.
    Variable(String),
    /// In this file. Whitespace around the secret is ignored.
    File(PathBuf),
}

impl SecretFrom {
    /// In the environment variable of this name.
    ///
    /// ```
    /// use pinning_keys_http::credentials::SecretFrom;
    ///
    /// assert!(matches!(SecretFrom::variable("EXAMPLE_JWT"), SecretFrom::Variable(_)));
    /// ```
    pub fn variable(name: impl Into<String>) -> Self {
        Self::Variable(name.into())
    }

    /// In this file.
    ///
    /// ```
    /// use pinning_keys_http::credentials::SecretFrom;
    ///
    /// assert!(matches!(SecretFrom::file("/run/secrets/jwt"), SecretFrom::File(_)));
    /// ```
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }

    /// Why this cannot be the place of a secret, if it cannot.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Variable(name) if !is_variable_name(name) => {
                Some("not a valid name of an environment variable")
            }
            Self::File(path) if path.as_os_str().is_empty() => {
                Some("the path of the file is empty")
            }
            _ => None,
        }
    }

    /// Reads the secret, and checks here that it can be sent, because only here its place is known.
    pub(super) fn read(&self) -> Result<SecretString, Error> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::Variable(name) => read_variable(name)?,
            Self::File(path) => read_file(path)?,
        };
        match header_fault(text.expose_secret()) {
            None => Ok(text),
            Some(fault) => Err(unavailable(format!("{} {fault}", self.place()))),
        }
    }

    /// Names the place, and never the secret.
    fn place(&self) -> String {
        match self {
            Self::Text(_) => "the configured credential".to_owned(),
            Self::Variable(name) => format!("environment variable {}", shown(name)),
            Self::File(path) => format!("file {}", shown_path(path)),
        }
    }
}

impl From<SecretString> for SecretFrom {
    fn from(secret: SecretString) -> Self {
        Self::Text(secret)
    }
}

impl From<&str> for SecretFrom {
    fn from(secret: &str) -> Self {
        Self::Text(secret.into())
    }
}

impl From<String> for SecretFrom {
    fn from(secret: String) -> Self {
        Self::Text(secret.into())
    }
}

/// Names the place, and never the secret.
impl fmt::Debug for SecretFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Variable(name) => f.debug_tuple("Variable").field(&shown(name)).finish(),
            Self::File(path) => f.debug_tuple("File").field(&shown_path(path)).finish(),
        }
    }
}

/// A string is the secret itself; `{ variable = "NAME" }` and `{ file = "PATH" }` name its place.
impl<'de> Deserialize<'de> for SecretFrom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected a string, { variable = \"NAME\" } or { file = \"PATH\" }"
        )]
        enum Form {
            Text(String),
            Elsewhere(Place),
        }

        // An enum, because a struct can be written as a list too, and a token in brackets would be
        // taken for the name of a variable.
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

/// Whether a text can be the name of a variable in a shell. Most tokens cannot.
fn is_variable_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(is_part) && !text.starts_with(|c: char| c.is_ascii_digit()) && !text.is_empty()
}

/// The path of a file, unless the file does not exist and the path may be the secret.
fn shown_path(path: &Path) -> String {
    let shown = path.display().to_string();
    let looks_like_token = |part: &str| {
        part.len() >= TOKEN_CHARS
            && part.contains(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase())
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '+';
    if shown.split(|c| !is_part(c)).any(looks_like_token) && !path.exists() {
        return "(not a path)".to_owned();
    }
    shown
}

/// The name of a variable, unless it may be the secret.
fn shown(name: &str) -> &str {
    if is_variable_name(name) { name } else { "(not a name)" }
}

fn read_variable(name: &str) -> Result<SecretString, Error> {
    match env::var(name) {
        Ok(text) => Ok(text.into()),
        Err(VarError::NotPresent) => {
            Err(unavailable(format!("environment variable {} is not set", shown(name))))
        }
        // The error itself would quote the value.
        Err(VarError::NotUnicode(_)) => {
            Err(unavailable(format!("environment variable {} is not valid Unicode", shown(name))))
        }
    }
}

fn read_file(path: &Path) -> Result<SecretString, Error> {
    let fault = |what: String| unavailable(format!("file {} {what}", shown_path(path)));
    // A pipe or a device can block forever, even while it is opened.
    match path.metadata() {
        Ok(file) if !file.is_file() => return Err(fault("is not a regular file".to_owned())),
        _ => {}
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| fault(format!("cannot be read ({})", describe(&error))))
        .map_err(|error| error.with_next_step("check the path and its permissions"))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(fault(format!("is longer than {MAX_FILE_BYTES} bytes")));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(text.trim().into()),
        Err(_) => Err(fault("is not valid UTF-8".to_owned())),
    }
}

/// The system's description, without its error number.
fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "file not found".to_owned(),
        kind => kind.to_string(),
    }
}

fn unavailable(message: String) -> Error {
    Error::new(ErrorKind::CredentialUnavailable, message)
}
