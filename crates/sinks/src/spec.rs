use std::ffi::OsStr;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pinning_keys_core::KeyRef;

use crate::command_sink::CommandSink;
use crate::env_sink::EnvSink;
use crate::field::Field;
use crate::file_sink::FileSink;
use crate::github_sink::{GithubSink, MaskOutput};
use crate::spec_text::Target;
use crate::{Environment, Sink, SinkError};

/// How long a command may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Which sink, as text such as `file:key.json` names it, and how it is used.
///
/// ```
/// use pinning_keys_sinks::{Field, SinkSpec};
///
/// let sink = SinkSpec::parse("env:.env#PINATA_JWT")?.with_field(Field::Jwt).open()?;
/// assert_eq!(sink.to_string(), ".env#PINATA_JWT");
/// # Ok::<(), pinning_keys_sinks::SinkError>(())
/// ```
///
/// `Debug` shows only the kind, because a path or a word of a command can be private.
#[derive(Clone)]
pub struct SinkSpec {
    target: Target,
    field: Option<Field>,
    overwrite: bool,
    predecessors: Vec<KeyRef>,
    time_limit: Duration,
    environment: Option<Environment>,
    masks: Option<MaskOutput>,
}

impl SinkSpec {
    /// Reads the text form of a sink. The README lists the kinds.
    ///
    /// ```
    /// use pinning_keys_sinks::SinkSpec;
    ///
    /// assert!(SinkSpec::parse("file:key.json").is_ok());
    /// let error = SinkSpec::parse("env:.env").unwrap_err();
    /// assert_eq!(error.to_string(), "the sink env names no variable");
    /// ```
    ///
    /// # Errors
    ///
    /// A [usage error](SinkError::is_usage), which does not repeat the text.
    pub fn parse(spec: impl AsRef<OsStr>) -> Result<Self, SinkError> {
        let target = Target::parse(spec.as_ref())?;
        Ok(Self {
            target,
            field: None,
            overwrite: false,
            predecessors: Vec::new(),
            time_limit: TIME_LIMIT,
            environment: None,
            masks: None,
        })
    }

    /// Sets the part of the credential that the sink gets (default: [`Field::Json`] for a file,
    /// otherwise [`Field::Jwt`] if the key has one; a part of a pair has to be named).
    ///
    /// ```
    /// use pinning_keys_sinks::{Field, SinkSpec};
    ///
    /// let spec = SinkSpec::parse("file:secret.txt")?.with_field(Field::ApiSecret);
    /// # Ok::<(), pinning_keys_sinks::SinkError>(())
    /// ```
    #[must_use]
    pub fn with_field(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    /// Sets whether the sinks `env` and `github` replace a variable that exists (default: no).
    ///
    /// ```
    /// use pinning_keys_sinks::SinkSpec;
    ///
    /// let spec = SinkSpec::parse("env:.env#PINATA_JWT")?.with_overwrite(true);
    /// # Ok::<(), pinning_keys_sinks::SinkError>(())
    /// ```
    #[must_use]
    pub fn with_overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Adds a key that the new one replaces, as in a rotation. A file that holds it is replaced,
    /// and so is a variable, whatever its value.
    ///
    /// ```
    /// use pinning_keys_core::KeyRef;
    /// use pinning_keys_sinks::SinkSpec;
    ///
    /// let rotated: KeyRef = "v1:pinata:0d2a".parse()?;
    /// let spec = SinkSpec::parse("file:key.json")?.with_predecessor(rotated);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_predecessor(mut self, key_ref: KeyRef) -> Self {
        self.predecessors.push(key_ref);
        self
    }

    /// Sets how long a command may take before it is killed with everything that it started
    /// (default: 60 s).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_sinks::SinkSpec;
    ///
    /// let spec = SinkSpec::parse("command:gh secret set PINATA_JWT")?
    ///     .with_time_limit(Duration::from_secs(10));
    /// # Ok::<(), pinning_keys_sinks::SinkError>(())
    /// ```
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sets the variables that the sink reads and that its command gets (default:
    /// [`Environment::current`] when the sink is opened).
    ///
    /// ```
    /// use pinning_keys_sinks::{Environment, SinkSpec};
    ///
    /// let spec = SinkSpec::parse("command:gh secret set PINATA_JWT")?
    ///     .with_environment(Environment::from_vars([("PATH", "/usr/bin")]));
    /// # Ok::<(), pinning_keys_sinks::SinkError>(())
    /// ```
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Sets where the sink `github` writes the lines that make the runner hide the secret, which
    /// therefore contain it (default: stderr).
    ///
    /// ```
    /// use pinning_keys_sinks::SinkSpec;
    ///
    /// let spec = SinkSpec::parse("github:env#PINATA_JWT")?.with_mask_output(std::io::stdout());
    /// # Ok::<(), pinning_keys_sinks::SinkError>(())
    /// ```
    #[must_use]
    pub fn with_mask_output(mut self, output: impl Write + Send + 'static) -> Self {
        self.masks = Some(Arc::new(Mutex::new(output)));
        self
    }

    /// The sink, ready to be checked. Nothing is read or written yet.
    ///
    /// ```
    /// use pinning_keys_sinks::SinkSpec;
    ///
    /// assert!(SinkSpec::parse("file:key.json")?.open().is_ok());
    /// assert!(SinkSpec::parse("file:key.json")?.with_overwrite(true).open().is_err());
    /// # Ok::<(), pinning_keys_sinks::SinkError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [usage error](SinkError::is_usage) if [`with_overwrite`](Self::with_overwrite) does not
    /// apply to the sink.
    pub fn open(self) -> Result<Box<dyn Sink>, SinkError> {
        if self.overwrite {
            self.target.check_overwrite()?;
        }
        let replaces = self.overwrite || !self.predecessors.is_empty();
        let environment = self.environment.unwrap_or_else(Environment::current);
        let field = self.field;
        Ok(match self.target {
            Target::File(path) => Box::new(FileSink::new(path, field, self.predecessors)),
            Target::Env { path, name } => Box::new(EnvSink::new(path, name, field, replaces)),
            Target::Command { text, words } => {
                let limit = self.time_limit;
                Box::new(CommandSink::new(text, words, field, environment, limit))
            }
            Target::Github { file, name } => {
                Box::new(GithubSink::new((file, name), field, replaces, environment, self.masks))
            }
        })
    }
}

impl fmt::Debug for SinkSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkSpec")
            .field("kind", &self.target.kind())
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}
