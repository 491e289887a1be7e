//! What an [`Error`] says to people.

use std::fmt;
use std::time::Duration;

use crate::{Effect, Error, Operation, ScopeError};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scope) = self.scope_error() {
            scope.fmt(f)?;
            return match scope {
                // It says so itself, in its first line.
                ScopeError::Inexpressible(_) => Ok(()),
                _ => self.write_effect(f),
            };
        }
        self.write_what(f)?;
        f.write_str(self.message())?;
        self.write_details(f)?;
        self.write_effect(f)?;
        if let Some(wait) = self.retry_after() {
            write!(f, "\n  the provider asks to wait {}", Seconds(wait))?;
        }
        match self.next_step() {
            Some(step) if f.alternate() => write!(f, "\n  {step}"),
            _ => Ok(()),
        }
    }
}

impl Error {
    /// What failed: `cannot issue key "user-42" at pinata: `.
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
        }
        if let Some(provider) = self.provider() {
            write!(f, " at {provider}")?;
        }
        f.write_str(": ")
    }

    /// The figures, in brackets: ` (HTTP 503, 3 attempts, 1.2 s)`.
    fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut details = Vec::new();
        if let Some(status) = self.status() {
            details.push(format!("HTTP {}", status.as_u16()));
        }
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
        if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
    }

    /// What was or was not done, where a call to the provider was made or meant.
    fn write_effect(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(operation) = self.operation() else {
            return Ok(());
        };
        match (self.effect(), operation) {
            (Effect::NotSent, _) => f.write_str("\n  nothing was sent"),
            (Effect::Rejected, Operation::Issue) => f.write_str("\n  no key was made"),
            (Effect::Rejected, Operation::Revoke) => f.write_str("\n  the key was not revoked"),
            (Effect::Unknown, Operation::Issue) => {
                // Attempts of which nothing was sent may have come before the one that got lost.
                let once = self.attempts().is_none_or(|attempts| attempts.count() <= 1);
                let what = if once { "was not retried" } else { "is not sent again" };
                write!(f, "\n  it {what}, because a second create could make a second key")?;
                match self.key_name() {
                    Some(name) => write!(
                        f,
                        "\n  to settle it:  issuer.reconcile({:?})   finds it by its exact \
                         name and revokes it",
                        name.as_str()
                    ),
                    None => Ok(()),
                }
            }
            (Effect::Unknown, Operation::Revoke) => {
                f.write_str("\n  the key may still work; revoking it again is harmless")
            }
            _ => Ok(()),
        }
    }
}

/// A duration as people say it.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis < 1_000 {
            write!(f, "{millis} ms")
        } else if millis % 1_000 == 0 || millis >= 60_000 {
            write!(f, "{} s", self.0.as_secs())
        } else {
            write!(f, "{:.1} s", self.0.as_secs_f64())
        }
    }
}
