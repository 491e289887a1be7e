use std::fmt;
use std::path::PathBuf;

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;

use crate::env_text::{self, EnvFault};
use crate::field::{Choice, Field};
use crate::secret_file::SecretFile;
use crate::{Delivery, Incoming, Sink, SinkError};

/// `env:PATH#NAME`.
pub(crate) struct EnvSink {
    file: SecretFile,
    name: String,
    choice: Choice,
    replaces: bool,
}

impl EnvSink {
    pub(crate) fn new(path: PathBuf, name: String, field: Option<Field>, replaces: bool) -> Self {
        let choice = Choice::named(field, Choice::SingleSecret);
        Self { file: SecretFile::new(path), name, choice, replaces }
    }

    /// The content of the file, if there is one, which can take the variable.
    fn content(&self) -> Result<Option<Zeroizing<Vec<u8>>>, SinkError> {
        if !self.file.check()? {
            return Ok(None);
        }
        let content = self.file.read()?;
        let is_set = content.as_deref().map_or(Ok(false), |content| {
            env_text::has(content, &self.name).map_err(|fault| self.refusal(&fault))
        })?;
        if is_set && !self.replaces {
            return Err(SinkError::new(format!("{} is already set in {}", self.name, self.file))
                .with_advice("replace it with  --overwrite"));
        }
        Ok(content)
    }

    fn refusal(&self, fault: &EnvFault) -> SinkError {
        let (name, file) = (&self.name, &self.file);
        let (message, advice) = match fault {
            EnvFault::SpansLines => (
                format!("the value of {name} in {file} spans several lines"),
                "remove it from the file first",
            ),
            EnvFault::Unquotable => (
                "readers of environment files disagree about quotes and backslashes like those of \
                 the value"
                    .to_owned(),
                "deliver the key to a file:  --to file:PATH",
            ),
            EnvFault::ControlCharacter => (
                "the value contains a line break or another control character".to_owned(),
                "deliver the key to a file:  --to file:PATH",
            ),
        };
        SinkError::new(message).with_advice(advice)
    }
}

#[async_trait]
impl Sink for EnvSink {
    async fn check(&self, key: &Incoming) -> Result<(), SinkError> {
        self.choice.check(key)?;
        self.content()?;
        self.file.try_folder()
    }

    // There is nothing to wait for, so a caller that gives up cannot leave it half done.
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
        let mut value = self.choice.of(delivery)?;
        if matches!(self.choice, Choice::Field(Field::Json)) {
            value = env_text::quotable_json(value.expose_secret());
        }
        // Otherwise, of two deliveries at once, one could undo the other.
        let _lock = self.file.lock_folder();
        let content = self.content()?;
        let old = content.as_deref().map(Vec::as_slice).unwrap_or_default();
        let new = env_text::set(old, &self.name, value.expose_secret())
            .map_err(|fault| self.refusal(&fault))?;
        let prepared = self.file.prepare(&new)?;
        if content.is_some() { prepared.replace() } else { prepared.create() }
    }
}

impl fmt::Display for EnvSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.file, self.name)
    }
}
