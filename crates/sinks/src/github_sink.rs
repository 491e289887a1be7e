use std::ffi::OsStr;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;

use crate::field::{Choice, Field};
use crate::secret_file::SecretFile;
use crate::secret_forms::secret_forms;
use crate::spec_text::GithubFile;
use crate::{Delivery, DeliveryEffect, Environment, Incoming, Sink, SinkError, github_text};

/// Where the lines go that make the runner hide a secret.
pub(crate) type MaskOutput = Arc<Mutex<dyn Write + Send>>;

/// `github:env#NAME` and `github:output#NAME`.
pub(crate) struct GithubSink {
    file: GithubFile,
    name: String,
    choice: Choice,
    replaces: bool,
    environment: Environment,
    /// Where the runner reads the mask lines, unless it is stderr.
    masks: Option<MaskOutput>,
}

/// The variables that the runner sets.
const RESERVED_PREFIXES: [&str; 3] = ["ACTIONS_", "GITHUB_", "RUNNER_"];

impl GithubSink {
    pub(crate) fn new(
        (file, name): (GithubFile, String),
        field: Option<Field>,
        replaces: bool,
        environment: Environment,
        masks: Option<MaskOutput>,
    ) -> Self {
        let choice = Choice::named(field, Choice::SingleSecret);
        Self { file, name, choice, replaces, environment, masks }
    }

    fn variable(&self) -> &'static str {
        match self.file {
            GithubFile::Env => "GITHUB_ENV",
            GithubFile::Output => "GITHUB_OUTPUT",
        }
    }

    /// The file of the step, in which the name may be set, and its content.
    fn place(&self) -> Result<(PathBuf, Zeroizing<Vec<u8>>), SinkError> {
        if self.environment.get("GITHUB_ACTIONS") != Some(OsStr::new("true")) {
            return Err(SinkError::new("this is not a GitHub Actions workflow")
                .with_advice("deliver the key elsewhere, such as  --to file:key.json"));
        }
        let variable = self.variable();
        let path = self.environment.get(variable).filter(|path| !path.is_empty());
        let Some(path) = path.map(Path::new) else {
            return Err(SinkError::new(format!("the variable {variable} is not set"))
                .with_advice("run the command as a step of a workflow"));
        };
        self.check_name()?;
        let Some(content) = SecretFile::new(path).read()? else {
            return Err(SinkError::new(format!("the file of {variable} does not exist")));
        };
        let is_variable = self.file == GithubFile::Env && self.environment.is_set(&self.name);
        if !self.replaces && (is_variable || github_text::has(&content, &self.name)) {
            return Err(SinkError::new(format!("{self} is already set"))
                .with_advice("replace it with  --overwrite"));
        }
        Ok((path.to_owned(), content))
    }

    /// Refuses a variable that the runner would not set.
    fn check_name(&self) -> Result<(), SinkError> {
        let name = self.name.to_ascii_uppercase();
        let is_reserved =
            name == "CI" || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if self.file == GithubFile::Env && is_reserved {
            return Err(SinkError::usage(format!("GitHub reserves the variable {}", self.name))
                .with_advice("choose another name"));
        }
        Ok(())
    }

    /// Makes the runner hide every form of the secret from now on.
    fn mask(&self, delivery: &Delivery<'_>) -> io::Result<()> {
        match &self.masks {
            None => write_masks(delivery, &mut io::stderr().lock()),
            Some(output) => {
                write_masks(delivery, &mut *output.lock().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }

    fn failure(&self, error: &io::Error) -> SinkError {
        SinkError::new(format!("cannot write the file of {}: {}", self.variable(), error.kind()))
    }
}

#[async_trait]
impl Sink for GithubSink {
    async fn check(&self, key: &Incoming) -> Result<(), SinkError> {
        self.choice.check(key)?;
        let (path, _) = self.place()?;
        if self.masks.is_none() && is_stderr_discarded() {
            return Err(SinkError::new(
                "the secret cannot be masked in the log: stderr is discarded",
            )
            .with_advice("leave stderr open: the runner reads the mask lines there"));
        }
        open(&path).map(drop).map_err(|error| self.failure(&error))
    }

    // There is nothing to wait for, so a caller that gives up cannot leave it half done.
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
        let value = self.choice.of(delivery)?;
        let (path, content) = self.place()?;
        let text = github_text::assignment(&content, &self.name, value.expose_secret());
        let mut file = open(&path).map_err(|error| self.failure(&error))?;
        self.mask(delivery).map_err(|error| {
            SinkError::new(format!("cannot mask the secret in the log: {}", error.kind()))
                .with_advice("leave stderr open")
        })?;
        file.write_all(&text)
            .and_then(|()| file.sync_all())
            .map_err(|error| self.failure(&error).with_effect(DeliveryEffect::Unknown))
    }
}

fn write_masks(delivery: &Delivery<'_>, output: &mut dyn Write) -> io::Result<()> {
    for form in secret_forms(delivery.credential()) {
        output.write_all(github_text::mask_line(form.expose_secret()).as_bytes())?;
    }
    output.flush()
}

/// Whether nobody reads stderr: Rust opens `/dev/null` in place of a closed one.
#[cfg(unix)]
fn is_stderr_discarded() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let stderr = io::stderr().as_fd().try_clone_to_owned().map(File::from);
    let device = |metadata: std::fs::Metadata| metadata.rdev();
    let stderr = stderr.and_then(|file| file.metadata()).map(device);
    let null = std::fs::metadata("/dev/null").map(device);
    matches!((stderr, null), (Ok(stderr), Ok(null)) if stderr == null)
}

#[cfg(not(unix))]
fn is_stderr_discarded() -> bool {
    false
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

impl fmt::Display for GithubSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.variable(), self.name)
    }
}
