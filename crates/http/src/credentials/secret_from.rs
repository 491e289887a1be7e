use std::env::{self, VarError};
use std::fmt;
use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pinning_keys_core::{Error, ErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use crate::clean_text::{
    TextFault, escaped, header_value_fault, is_name, path_fault, secret_fault, trimmed,
};

/// The shortest part of a path that may be a token instead of a name. The parts of a JWT and the
/// key pairs of both providers are longer.
const TOKEN_CHARS: usize = 16;

/// Longer than any credential: a longer file is another file.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Where a secret is stored.
///
/// Whitespace, line ends and a byte order mark around the secret are ignored. A secret with a mark
/// that is part of no credential, such as a quotation mark at its beginning, is an error.
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
    /// In this file, as UTF-8.
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
    pub(crate) fn fault(&self) -> Option<TextFault> {
        match self {
            Self::Variable(name) if !is_name(name) => Some(TextFault::new(
                "refers to a variable with an invalid name",
                "set it to the name of the variable alone",
            )),
            Self::File(path) if path.as_os_str().is_empty() => Some(TextFault::new(
                "refers to a file with an empty path",
                "set it to the path of the file",
            )),
            _ => None,
        }
    }

    /// The secret or its place without what surrounds the text by accident, for a text that was
    /// configured.
    pub(crate) fn cleaned(self) -> Result<Self, TextFault> {
        let (cleaned, fault) = match self {
            Self::Text(text) => {
                let text = trimmed(text.expose_secret());
                (Self::Text(text.into()), secret_fault(text))
            }
            Self::Variable(name) => (Self::variable(trimmed(&name)), None),
            Self::File(path) => match path.to_str().map(trimmed) {
                Some(text) => (Self::file(text), path_fault(text)),
                None => (Self::File(path), None),
            },
        };
        fault.or_else(|| cleaned.fault()).map_or(Ok(cleaned), Err)
    }

    /// The secret, if it is in this value.
    pub(super) fn text(&self) -> Option<SecretString> {
        match self {
            Self::Text(text) => Some(trimmed(text.expose_secret()).into()),
            _ => None,
        }
    }

    /// Reads the secret, and checks here that it can be sent, because only here its place is known.
    pub(super) fn read(&self) -> Result<SecretString, Error> {
        self.read_without(secret_fault)
    }

    /// The same for the whole value of a header.
    pub(super) fn read_value(&self) -> Result<SecretString, Error> {
        self.read_without(header_value_fault)
    }

    fn read_without(&self, fault: fn(&str) -> Option<TextFault>) -> Result<SecretString, Error> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::Variable(name) => read_variable(name)?,
            Self::File(path) => read_file(path)?,
        };
        let text = trimmed(text.expose_secret());
        match fault(text) {
            None => Ok(text.into()),
            Some(_) if text.is_empty() && matches!(self, Self::File(_)) => {
                Err(unavailable(format!("{} is empty", self.place()))
                    .with_next_step("write the credential into it"))
            }
            Some(fault) => Err(fault.error(ErrorKind::CredentialUnavailable, &self.place())),
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
            Self::File(path) => f.debug_tuple("File").field(&path_or_none(path)).finish(),
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

/// The path of a file for people, unless the path may be the secret.
fn shown_path(path: &Path) -> String {
    escaped(&path_or_none(path))
}

/// The path of a file, unless the file does not exist and the path may be the secret.
fn path_or_none(path: &Path) -> String {
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
    if is_name(name) { name } else { "(not a name)" }
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
        Ok(file) if !file.is_file() => {
            return Err(fault(describe_type(file.file_type()).to_owned()).with_next_step(
                "store the secret in a regular file, set the variable itself (such as \
                 PINNING_KEYS_JWT), or use a CredentialSource",
            ));
        }
        _ => {}
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| fault(format!("cannot be read ({})", describe(&error))))
        .map_err(|error| error.with_next_step(advice_on_reading(path)))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(fault(format!("is longer than {MAX_FILE_BYTES} bytes")));
    }
    if is_utf16(&bytes) {
        return Err(fault("is encoded in UTF-16".to_owned()).with_next_step(
            "save it as UTF-8; in PowerShell 5, `Out-File -Encoding ascii` does, and `>` does not",
        ));
    }
    String::from_utf8(bytes)
        .map(SecretString::from)
        .map_err(|_| fault("is not valid UTF-8".to_owned()))
}

/// Why a file that is no regular file is not read.
fn describe_type(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_fifo(&file_type) {
        return "is a pipe, which cannot be read again for each call";
    }
    if file_type.is_dir() { "is a directory" } else { "is not a regular file" }
}

fn advice_on_reading(path: &Path) -> &'static str {
    if path.to_string_lossy().starts_with(['~', '$', '%']) {
        return "write the path in full: ~ and variables are not expanded here";
    }
    "check the path, such as that in jwt_file (PINNING_KEYS_JWT_FILE), and its permissions"
}

/// Whether bytes begin with a byte order mark of UTF-16 or with an ASCII character in it.
fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..])
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
