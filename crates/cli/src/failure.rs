//! Why a command failed, and what to type next.

use pinning_keys::{Effect, Error, ErrorKind, Operation};
use serde::Serialize;

use crate::exit::Exit;
use crate::next_lines::steps_for;
use crate::output::escape::escaped;
use crate::rewording::reworded;

/// A failure as the program reports it: one line, and lines with what to do about it.
///
/// It holds no secret and no argument's value.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    next: Vec<String>,
    /// For programs, where neither the exit code nor the library's error tells failures apart.
    kind: Option<&'static str>,
    /// What the library reported, for `--json`.
    error: Option<Box<Error>>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), next: Vec::new(), kind: None, error: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Exit::Configuration, message)
    }

    /// Adds a line with what to do, such as a command to type.
    pub(crate) fn with_next(mut self, line: impl Into<String>) -> Self {
        self.next.push(line.into());
        self
    }

    /// Replaces the lines with what to do.
    pub(crate) fn with_only_next(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.next = lines.into_iter().collect();
        self
    }

    /// Says at the end of the message what became of it.
    pub(crate) fn with_outcome(mut self, outcome: &str) -> Self {
        self.message = format!("{}; {outcome}", self.message);
        self
    }

    /// Puts what failed in this way, or the place of the mistake, before the message.
    pub(crate) fn in_context(mut self, context: &str) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// Sets a word that programs can rely on.
    pub(crate) fn with_kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }

    pub(crate) fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The failure of one key of several, which does not concern the command line.
    #[cfg(feature = "store")]
    pub(crate) fn of_key(self) -> Self {
        if self.exit == Exit::Usage { self.with_exit(Exit::Failed) } else { self }
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn kind(&self) -> Option<&'static str> {
        self.kind
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn next(&self) -> &[String] {
        &self.next
    }

    pub(crate) fn error(&self) -> Option<&Error> {
        self.error.as_deref()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            exit: exit_of(&error),
            message: escaped(&reworded(&error.to_string())),
            next: steps_for(&error).iter().map(|step| escaped(&step.to_string())).collect(),
            kind: None,
            error: Some(Box::new(error)),
        }
    }
}

/// The exit code for an error of the library.
pub(crate) fn exit_of(error: &Error) -> Exit {
    match error.kind() {
        _ if error.effect() == Effect::Unknown && changes_keys(error) => Exit::Unknown,
        ErrorKind::InvalidInput => Exit::Usage,
        ErrorKind::Configuration | ErrorKind::CredentialUnavailable => Exit::Configuration,
        ErrorKind::Unauthenticated | ErrorKind::PermissionDenied | ErrorKind::AccountRestricted => {
            Exit::Refused
        }
        _ if error.is_retryable() => Exit::Later,
        _ => Exit::Failed,
    }
}

/// Whether the call that failed changes something at the provider.
fn changes_keys(error: &Error) -> bool {
    matches!(error.operation(), Some(Operation::Issue | Operation::Revoke))
}

/// The form of a failure for programs: one object on stderr.
impl Serialize for Failure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut fields = serializer.serialize_struct("Failure", 5)?;
        fields.serialize_field("exit_code", &self.exit.code())?;
        fields.serialize_field("kind", &self.kind)?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("next", &self.next)?;
        fields.serialize_field("cause", &self.error())?;
        fields.end()
    }
}
