use std::env::{self, VarError};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pinning_keys_core::{Error, ErrorKind, header_fault};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

/// The shortest part of a path that may be a token rather than a name. The parts of a JWT and the
/// key pairs of both providers are longer.
const TOKEN_CHARS: usize = 16;

/// More than any credential has; what is longer is another file.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Where one secret text is kept. A text becomes one that is kept here.
#[derive(Clone)]
#[non_exhaustive]
pub enum SecretFrom {
    /// Here.
    Text(SecretString),
    /// In the environment variable of this name.
    Variable(String),
    /// In this file; blanks and line breaks around the text do not count.
    File(PathBuf),
}

impl SecretFrom {
    /// In the environment variable of this name.
    pub fn variable(name: impl Into<String>) -> Self {
        Self::Variable(name.into())
    }

    /// In this file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }

    /// Why nothing can be kept there, where that is so.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Variable(name) if !is_variable_name(name) => {
                Some("the name of the variable that holds the secret is not a variable's name")
            }
            Self::File(path) if path.as_os_str().is_empty() => {
                Some("the path of the file that holds the secret is empty")
            }
            _ => None,
        }
    }

    /// Reads the secret, and checks that it can be sent while its place is known.
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

    /// Names the place, never what is kept there.
    fn place(&self) -> String {
        match self {
            Self::Text(_) => "the configured credential".to_owned(),
            Self::Variable(name) => format!("the environment variable {}", shown(name)),
            Self::File(path) => format!("the file {}", shown_path(path)),
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

/// Names the place, never what is kept there.
impl fmt::Debug for SecretFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Variable(name) => f.debug_tuple("Variable").field(&shown(name)).finish(),
            Self::File(path) => f.debug_tuple("File").field(&shown_path(path)).finish(),
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

/// Whether a text can be the name of a variable, as shells have it. Most tokens cannot.
fn is_variable_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(is_part) && !text.starts_with(|c: char| c.is_ascii_digit()) && !text.is_empty()
}

/// The path of a file, unless there is none and it looks as if the secret stood in its place.
fn shown_path(path: &Path) -> String {
    let shown = path.display().to_string();
    let looks_like_token = |part: &str| {
        part.len() >= TOKEN_CHARS
            && part.contains(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase())
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '+';
    if shown.split(|c| !is_part(c)).any(looks_like_token) && !path.exists() {
        return "(no file's path)".to_owned();
    }
    shown
}

/// The name of a variable, unless it looks as if the secret stood in its place.
fn shown(name: &str) -> &str {
    if is_variable_name(name) { name } else { "(not a variable's name)" }
}

fn read_variable(name: &str) -> Result<SecretString, Error> {
    match env::var(name) {
        Ok(text) => Ok(text.into()),
        Err(VarError::NotPresent) => {
            Err(unavailable(format!("the environment variable {} is not set", shown(name))))
        }
        // The error itself would quote the value.
        Err(VarError::NotUnicode(_)) => {
            Err(unavailable(format!("the environment variable {} is not text", shown(name))))
        }
    }
}

fn read_file(path: &Path) -> Result<SecretString, Error> {
    let fault = |what: String| unavailable(format!("the file {} {what}", shown_path(path)));
    // A pipe or a device can block for ever, even while it is opened.
    match path.metadata() {
        Ok(file) if !file.is_file() => return Err(fault("is not a regular file".to_owned())),
        _ => {}
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| fault(format!("cannot be read ({})", describe(&error))))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(fault(format!("is longer than {MAX_FILE_BYTES} bytes")));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(text.trim().into()),
        Err(_) => Err(fault("is not text".to_owned())),
    }
}

/// The system's words for it, without a number behind them.
fn describe(error: &io::Error) -> String {
    error.kind().to_string()
}

fn unavailable(message: String) -> Error {
    Error::new(ErrorKind::CredentialUnavailable, message)
}
