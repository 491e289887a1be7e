//! What an [`Error`] says to people.

use std::fmt;

use crate::next_step::Seconds;
use crate::{Effect, Error, Operation};

/// One line: what failed, why, and what happened at the provider. `{:#}` adds what to do.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_what(f)?;
        match self.scope_error() {
            Some(scope) => write!(f, "{scope}")?,
            None => f.write_str(self.message())?,
        }
        self.write_details(f)?;
        self.write_effect(f)?;
        if !f.alternate() {
            return Ok(());
        }
        if let Some(scope) = self.scope_error() {
            scope.write_details(f)?;
        }
        if self.effect() == Effect::Unknown && self.operation() == Some(Operation::Issue) {
            // True after several attempts, too: nothing was sent in those before the lost one.
            f.write_str(
                "\n  it is not sent again, because a second create could issue a second key",
            )?;
        }
        match self.next_step() {
            Some(step) => write!(f, "\n  {step}"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// Writes what failed: `cannot issue key "user-42" at pinata: `.
    fn write_what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(operation) = self.operation() else {
            return Ok(());
        };
        match (operation, self.key_name()) {
            (Operation::Issue, Some(name)) if self.effect() == Effect::Unknown => {
                write!(f, "key {:?} may exist", name.as_str())?;
            }
            (Operation::Issue, Some(name)) => write!(f, "cannot issue key {:?}", name.as_str())?,
            (Operation::Issue, None) => f.write_str("cannot issue the key")?,
            (Operation::List, _) => f.write_str("cannot list the keys")?,
            (Operation::Revoke, _) => f.write_str("cannot revoke the key")?,
            (Operation::Verify, _) => f.write_str("cannot verify the credential")?,
            (Operation::Probe, _) => f.write_str("cannot probe the credential")?,
            (Operation::SignUpload, _) => f.write_str("cannot sign an upload URL")?,
            (Operation::Login, _) => f.write_str("cannot log in")?,
        }
        // A refused scope names the provider itself.
        match self.provider().filter(|_| self.scope_error().is_none()) {
            Some(provider) => write!(f, " at {provider}: "),
            None => f.write_str(": "),
        }
    }

    /// Writes the facts and figures in brackets: ` (HTTP 503, 3 attempts, 1.2 s)`.
    fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut details = Vec::new();
        details.extend(self.origin().map(|origin| format!("from {origin}")));
        details.extend(self.status().map(|status| format!("HTTP {}", status.as_u16())));
        // Some providers repeat the status as their code.
        let repeats = |code: &&str| self.status().is_some_and(|status| status.as_str() == *code);
        details.extend(self.provider_code().filter(|code| !repeats(code)).map(str::to_owned));
        if let Some(attempts) = self.attempts() {
            let count = attempts.count();
            let noun = if count == 1 { "attempt" } else { "attempts" };
            details.push(format!("{count} {noun}"));
            details.push(Seconds(attempts.elapsed()).to_string());
            details.extend(attempts.stopped().map(str::to_owned));
        }
        details.extend(self.retry_after().map(|wait| format!("retry after {}", Seconds(wait))));
        if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
    }

    /// Writes what happened at the provider, if a call to it was intended.
    fn write_effect(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(operation) = self.operation() else {
            return Ok(());
        };
        f.write_str(match (self.effect(), operation) {
            (Effect::NotSent, _) => "; nothing was sent",
            (Effect::Rejected, Operation::Issue) => "; no key was issued",
            (Effect::Rejected, Operation::Revoke) => "; the key was not revoked",
            // A line about a key with a name already begins with "key … may exist".
            (Effect::Unknown, Operation::Issue) if self.key_name().is_none() => "; a key may exist",
            (Effect::Unknown, Operation::Revoke) => "; the key may still work",
            _ => "",
        })
    }
}
