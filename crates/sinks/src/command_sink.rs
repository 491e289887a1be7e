use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use async_trait::async_trait;
use tokio::process::Command;

use crate::command_run::{Ended, Running};
use crate::field::{Choice, Field};
use crate::mask::Mask;
use crate::text::{escaped, escaped_os, shown, typed};
use crate::{
    Delivery, DeliveryEffect, Environment, Incoming, ProgramFault, Sink, SinkError, find_program,
};

/// How much of a command's stderr an error shows.
const SHOWN_LINES: usize = 3;
const SHOWN_CHARS: usize = 300;

/// `command:PROGRAM ARGUMENTS`.
pub(crate) struct CommandSink {
    text: OsString,
    words: Vec<OsString>,
    choice: Choice,
    environment: Environment,
    limit: Duration,
}

impl CommandSink {
    pub(crate) fn new(
        text: OsString,
        words: Vec<OsString>,
        field: Option<Field>,
        environment: Environment,
        limit: Duration,
    ) -> Self {
        let choice = Choice::named(field, Choice::SingleSecret);
        Self { text, words, choice, environment, limit }
    }

    fn program(&self) -> &OsStr {
        self.words.first().map(OsString::as_os_str).unwrap_or_default()
    }

    /// The program by its name.
    fn name(&self) -> String {
        escaped_os(self.program())
    }

    /// The file of the program.
    fn file(&self) -> Result<PathBuf, SinkError> {
        let search = self.environment.get("PATH").unwrap_or_default();
        find_program(self.program(), search).map_err(|fault| match fault {
            ProgramFault::Missing => {
                SinkError::new(format!("the program {} does not exist", self.name()))
            }
            ProgramFault::NotInPath => {
                SinkError::new(format!("the program {} is not in PATH", self.name()))
                    .with_advice("install it, or name it with its path")
            }
            ProgramFault::NotExecutable(file) => {
                SinkError::new(format!("{} is not executable", shown(&file)))
                    .with_advice(format!("allow it:  chmod +x {}", typed(&file)))
            }
        })
    }

    fn start(&self) -> Result<Running, SinkError> {
        let mut command = Command::new(self.file()?);
        #[cfg(unix)]
        command.arg0(self.program());
        // The account's variables are not in this environment.
        command.args(self.words.iter().skip(1)).env_clear().envs(self.environment.vars());
        Running::start(command).map_err(|error| {
            SinkError::new(format!("cannot run {}: {}", self.name(), error.kind()))
        })
    }

    fn failure(&self, ended: &Ended, delivery: &Delivery<'_>) -> SinkError {
        let how = match ended.status {
            Some(status) => format!("failed with {}", way(status)),
            None => format!("was stopped after {} s", self.limit.as_secs_f64()),
        };
        let printed = Mask::of(delivery.credential()).apply(&ended.stderr);
        let colon = if printed.trim().is_empty() { "" } else { ": " };
        let shown = last_lines(&printed);
        let message = format!("the command {} {how}{colon}{shown}", self.name());
        SinkError::new(message).with_effect(DeliveryEffect::Unknown)
    }
}

#[async_trait]
impl Sink for CommandSink {
    async fn check(&self, key: &Incoming) -> Result<(), SinkError> {
        self.choice.check(key)?;
        self.file().map(drop)
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
        let value = self.choice.of(delivery)?;
        let ended = self.start()?.finish(&value, self.limit).await.map_err(|error| {
            let message = format!("cannot wait for the command {}: {}", self.name(), error.kind());
            SinkError::new(message).with_effect(DeliveryEffect::Unknown)
        })?;
        match ended.status {
            Some(status) if status.success() => Ok(()),
            _ => Err(self.failure(&ended, delivery)),
        }
    }
}

impl fmt::Display for CommandSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(escaped_os(&self.text).trim())
    }
}

/// `exit code 1` or `signal 9`.
fn way(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    format!("exit code {}", status.code().unwrap_or_default())
}

/// The last lines of what a command printed, on one line and without what a terminal would obey.
fn last_lines(text: &str) -> String {
    let mut lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.drain(..lines.len().saturating_sub(SHOWN_LINES));
    let line = escaped(&lines.join(" / "));
    match line.char_indices().rev().nth(SHOWN_CHARS) {
        Some((cut, _)) => format!("…{}", &line[cut..]),
        None => line,
    }
}
