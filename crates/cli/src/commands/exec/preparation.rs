//! What `exec` will do, checked before anything is issued.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use pinning_keys::{IssuedKey, KeyIssuer, KeyRequest, KeyScope, Plan};
use pinning_keys_sinks::{Delivery, Field, Incoming, SinkError, is_account_variable};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use tokio::process::Command;

use super::program;
use super::variables::{self, Variable};
use crate::command_line::quoted;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::key_summary::KeySummary;
use crate::output::Output;
use crate::output::table::Labels;

/// The key to issue and the command to run.
pub(super) struct Preparation<'a> {
    request: &'a KeyRequest,
    plan: Plan,
    variables: Vec<Variable>,
    program: PathBuf,
    /// The program as it was named.
    word: &'a OsStr,
    arguments: &'a [OsString],
}

impl<'a> Preparation<'a> {
    /// Checks everything that can be checked without a request.
    pub(super) fn new(
        request: &'a KeyRequest,
        variables: &[OsString],
        command: &'a [OsString],
        issuer: &dyn KeyIssuer,
    ) -> Result<Self, Failure> {
        let variables = variables::parse(variables)?;
        let plan = issuer.plan(request)?;
        let key = Incoming::new(request.name(), issuer.profile());
        for variable in &variables {
            variable.field.check(&key).map_err(|error| refused(&error, &key))?;
        }
        let (word, arguments) = command.split_first().ok_or_else(no_command)?;
        let program = program::find(word)?;
        Ok(Self { request, plan, variables, program, word, arguments })
    }

    pub(super) fn granted(&self) -> KeyScope {
        self.plan.translation().granted().scope()
    }

    /// The command, with the secret of the key in its environment and nowhere else.
    pub(super) fn command(
        &self,
        key: &IssuedKey,
        secret_variables: &[String],
    ) -> Result<Command, Failure> {
        let mut command = Command::new(&self.program);
        #[cfg(unix)]
        command.arg0(self.word);
        command.args(self.arguments);
        for (name, _) in env::vars_os() {
            if is_account_variable(&name) {
                command.env_remove(name);
            }
        }
        for name in secret_variables {
            command.env_remove(name);
        }
        let delivery = Delivery::new(key);
        for Variable { name, field } in &self.variables {
            let missing = |error: SinkError| Failure::new(Exit::Failed, format!("--env: {error}"));
            let value = field.of(&delivery).map_err(missing)?;
            command.env(name, value.expose_secret());
        }
        Ok(command)
    }

    /// Shows what would be done.
    pub(super) fn show(&self, output: &Output) {
        let planned = Planned::new(self);
        if output.is_json() {
            output.object(&planned);
        } else {
            output.labels(&planned.labels());
            output.note("nothing was sent");
        }
    }
}

fn no_command() -> Failure {
    Failure::usage("the command is missing").with_next("write it after --")
}

/// The failure of a field that such keys do not have.
fn refused(error: &SinkError, key: &Incoming) -> Failure {
    let fields = Field::ALL.into_iter().filter(|field| field.check(key).is_ok());
    let flags: Vec<_> = fields.map(|field| format!("VAR={field}")).collect();
    Failure::usage(format!("--env: {error}"))
        .with_next(format!("such keys have  {}", flags.join(", ")))
}

/// What would be done, in the words of `issue`. `Serialize` writes the form for programs.
#[derive(Serialize)]
struct Planned<'a> {
    dry_run: bool,
    #[serde(flatten)]
    summary: KeySummary,
    env: BTreeMap<&'a str, &'static str>,
    /// The words of the command; bytes that are not Unicode are replaced.
    command: Vec<Cow<'a, str>>,
}

impl<'a> Planned<'a> {
    fn new(prepared: &'a Preparation<'_>) -> Self {
        let variables = prepared.variables.iter();
        let arguments = prepared.arguments.iter().map(OsString::as_os_str);
        let words = [prepared.word].into_iter().chain(arguments);
        Self {
            dry_run: true,
            summary: KeySummary::of(prepared.request, prepared.plan.translation()),
            env: variables.map(|it| (it.name.as_str(), it.field.as_str())).collect(),
            command: words.map(OsStr::to_string_lossy).collect(),
        }
    }

    fn labels(&self) -> Labels {
        let mut labels = self.summary.labels("issue");
        for (name, field) in &self.env {
            labels.push("env", format!("{name}={field}"));
        }
        let words: Vec<_> = self.command.iter().map(|word| quoted(word)).collect();
        labels.push("run", words.join(" "));
        labels
    }
}
