use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use pinning_keys_core::{Credential, ExposedCredential, KeyName, KeyRef};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::secret_file::SecretFile;
use crate::{Delivery, SinkError, secret_text};

/// The end of year 9999, after which times have no text form.
const LAST_SECOND: u64 = 253_402_300_799;

/// A key as [`Field::Json`](crate::Field::Json) writes it: the stored form of a [`Credential`],
/// with the key's reference, name and end beside it.
///
/// ```
/// use pinning_keys_sinks::StoredKey;
///
/// let stored = StoredKey::from_json(
///     br#"{"key_ref":"v1:pinata:0d2a","name":"ci","provider":"pinata","bearer":"eyJhbGciOi"}"#,
/// )?;
/// assert_eq!(stored.key_ref().unwrap().to_string(), "v1:pinata:0d2a");
/// assert_eq!(stored.credential().expose().bearer(), Some("eyJhbGciOi"));
/// # Ok::<(), pinning_keys_sinks::SinkError>(())
/// ```
#[derive(Clone)]
pub struct StoredKey {
    credential: Credential,
    key_ref: Option<KeyRef>,
    name: Option<KeyName>,
    expiry: Option<SystemTime>,
}

impl StoredKey {
    /// Reads a stored key. A stored `Credential` without anything beside it is accepted too.
    ///
    /// ```
    /// use pinning_keys_sinks::StoredKey;
    ///
    /// let stored = StoredKey::from_json(br#"{"provider":"pinata","bearer":"eyJhbGciOi"}"#)?;
    /// assert_eq!(stored.key_ref(), None);
    /// assert!(StoredKey::from_json(b"eyJhbGciOi").is_err());
    /// # Ok::<(), pinning_keys_sinks::SinkError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`SinkError`], which quotes nothing of the input.
    pub fn from_json(json: &[u8]) -> Result<Self, SinkError> {
        let credential = serde_json::from_slice(json).map_err(|error| {
            SinkError::new(match error.classify() {
                // These errors are worded by `Credential` and quote nothing.
                serde_json::error::Category::Data => without_place(&error),
                _ => "it is not JSON".to_owned(),
            })
        })?;
        // Errors of serde quote what they did not expect, which may be a secret.
        let beside: Beside = serde_json::from_slice(json)
            .map_err(|_| SinkError::new("its key_ref, name and expires_at are not texts"))?;
        let wrong = |what: &str| SinkError::new(format!("its {what} is not valid"));
        let key_ref = beside.key_ref.as_deref().map(str::parse).transpose();
        let name = beside.name.map(KeyName::new).transpose();
        let expiry = beside.expires_at.as_deref().map(humantime::parse_rfc3339).transpose();
        Ok(Self {
            credential,
            key_ref: key_ref.map_err(|_| wrong("key_ref"))?,
            name: name.map_err(|_| wrong("name"))?,
            expiry: expiry.map_err(|_| wrong("expires_at"))?,
        })
    }

    /// Reads the file that the sink `file:` writes.
    ///
    /// ```
    /// use pinning_keys_sinks::StoredKey;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("key.json");
    /// std::fs::write(&path, r#"{"provider":"pinata","bearer":"eyJhbGciOi"}"#)?;
    /// assert_eq!(StoredKey::read(&path)?.credential().provider(), "pinata");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`SinkError`] if there is no such file, or if it does not hold a key.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, SinkError> {
        let file = SecretFile::new(path.as_ref());
        let Some(content) = file.read()? else {
            return Err(SinkError::new(format!("{file} does not exist")));
        };
        Self::from_json(&content).map_err(|error| {
            SinkError::new(format!("{file} does not hold a key: {error}"))
                .with_advice("name a file that was written by  issue … --to file:PATH")
        })
    }

    /// The secret part.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The reference of the key, if it is stored.
    pub fn key_ref(&self) -> Option<&KeyRef> {
        self.key_ref.as_ref()
    }

    /// The name of the key, if it is stored.
    pub fn name(&self) -> Option<&KeyName> {
        self.name.as_ref()
    }

    /// When the key's lease ends, if that is stored.
    pub fn expiry(&self) -> Option<SystemTime> {
        self.expiry
    }

    /// The secret part, without a copy.
    #[must_use]
    pub fn into_credential(self) -> Credential {
        self.credential
    }
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("provider", &self.credential.provider())
            .field("key_ref", &self.key_ref)
            .field("name", &self.name)
            .field("expiry", &self.expiry)
            .finish_non_exhaustive()
    }
}

/// The members beside those of the credential.
#[derive(Deserialize)]
struct Beside {
    key_ref: Option<String>,
    name: Option<String>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct StoredForm<'a> {
    key_ref: &'a KeyRef,
    name: &'a KeyName,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(flatten)]
    credential: ExposedCredential<'a>,
}

/// The stored form of a key that is delivered.
pub(crate) fn json(delivery: &Delivery<'_>) -> Result<SecretString, SinkError> {
    let form = StoredForm {
        key_ref: delivery.key_ref(),
        name: delivery.name(),
        expires_at: delivery.expiry().map(rfc3339),
        credential: delivery.credential().expose(),
    };
    secret_text::json(&form).ok_or_else(|| SinkError::new("the key has no JSON form"))
}

/// A time in whole seconds. One that has no text form becomes the nearest that has.
fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND));
    humantime::format_rfc3339_seconds(time).to_string()
}

/// The message without `at line 1 column 2`, which is added to it.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}
