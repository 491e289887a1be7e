use std::fmt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use pinning_keys_core::KeyRef;
use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;

use crate::field::{Choice, Field};
use crate::secret_file::SecretFile;
use crate::{Delivery, Incoming, Sink, SinkError, StoredKey};

/// `file:PATH`.
pub(crate) struct FileSink {
    file: SecretFile,
    choice: Choice,
    predecessors: Vec<KeyRef>,
}

impl FileSink {
    pub(crate) fn new(path: PathBuf, field: Option<Field>, predecessors: Vec<KeyRef>) -> Self {
        let choice = Choice::named(field, Choice::Field(Field::Json));
        Self { file: SecretFile::new(path), choice, predecessors }
    }

    /// Checks the place, and returns whether there is a file, which then holds a predecessor.
    fn check_place(&self) -> Result<bool, SinkError> {
        if !self.file.check()? {
            return Ok(false);
        }
        let refusal = |why: &str| {
            SinkError::new(format!("{} exists{why}", self.file))
                .with_advice("choose another path, or move the file away")
        };
        if self.predecessors.is_empty() {
            return Err(refusal(""));
        }
        let stored = self.file.read()?.map(|content| StoredKey::from_json(&content));
        let Some(Ok(stored)) = stored else {
            return Err(refusal(" and does not hold a key"));
        };
        match stored.key_ref() {
            Some(key_ref) if self.predecessors.contains(key_ref) => Ok(true),
            Some(_) => Err(refusal(" and holds another key")),
            None => Err(refusal(" and does not say which key it holds")),
        }
    }
}

#[async_trait]
impl Sink for FileSink {
    async fn check(&self, key: &Incoming) -> Result<(), SinkError> {
        self.choice.check(key)?;
        self.check_place()?;
        self.file.try_folder()
    }

    // There is nothing to wait for, so a caller that gives up cannot leave it half done.
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
        let value = self.choice.of(delivery)?;
        let value = value.expose_secret();
        // A file of JSON ends with a line break, and a bare value is nothing but the value.
        let end = if matches!(self.choice, Choice::Field(Field::Json)) { "\n" } else { "" };
        let mut content = Zeroizing::new(Vec::with_capacity(value.len() + end.len()));
        content.extend_from_slice(value.as_bytes());
        content.extend_from_slice(end.as_bytes());
        self.check_place()?;
        let prepared = self.file.prepare(&content)?;
        // Once more, because writing to a disk can take a while.
        if self.check_place()? { prepared.replace() } else { prepared.create() }
    }
}

impl fmt::Display for FileSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.fmt(f)
    }
}

/// Finds out whether files with secrets can be created in a folder: it exists, and not everyone can
/// write to it. Nothing is left behind.
///
/// The sink `file:` checks this for each file. For many files in one folder, this says once what is
/// wrong with it.
///
/// ```
/// use pinning_keys_sinks::check_folder;
///
/// let error = check_folder("/no/such/folder").unwrap_err();
/// assert_eq!(error.to_string(), "the folder /no/such/folder does not exist");
/// ```
///
/// # Errors
///
/// A [`SinkError`] that says why no file can be created there.
pub fn check_folder(folder: impl AsRef<Path>) -> Result<(), SinkError> {
    let file = SecretFile::new(folder.as_ref().join("key.json"));
    file.check_folder()?;
    file.try_folder()
}
