//! What `exec` will do, checked before anything is issued.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::num::NonZeroU64;
use std::path::PathBuf;

use pinning_keys::{IssuedKey, KeyIssuer, KeyRequest, KeyScope, PermissionSet, Plan};
use pinning_keys_sinks::{Delivery, Field, Incoming, SinkError, is_account_variable};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use tokio::process::Command;

use super::variables::{self, Variable};
use super::{Args, program};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::table::Labels;

/// The key to issue and the command to run.
pub(super) struct Preparation {
    pub(super) request: KeyRequest,
    plan: Plan,
    variables: Vec<Variable>,
    program: PathBuf,
    /// The program as it was named.
    word: OsString,
    arguments: Vec<OsString>,
}

impl Preparation {
    /// Checks everything that can be checked without a request.
    pub(super) fn new(args: &Args, issuer: &dyn KeyIssuer) -> Result<Self, Failure> {
        let name = args.name.to_str().ok_or_else(|| Failure::usage("the name is not UTF-8"))?;
        let mut request = KeyRequest::new(name, args.scope.request()?)?;
        if let Some(uses) = args.max_uses {
            request = request.with_max_uses(uses);
        }
        let variables = variables::parse(&args.variables)?;
        let plan = issuer.plan(&request)?;
        let key = Incoming::new(request.name(), issuer.profile());
        for variable in &variables {
            variable.field.check(&key).map_err(|error| refused(&error, &key))?;
        }
        let (word, arguments) = args.command.split_first().ok_or_else(no_command)?;
        let (word, arguments) = (word.clone(), arguments.to_vec());
        let program = program::find(&word)?;
        Ok(Self { request, plan, variables, program, word, arguments })
    }

    /// The command, with the secret of the key in its environment and nowhere else.
    pub(super) fn command(&self, key: &IssuedKey) -> Result<Command, Failure> {
        let mut command = Command::new(&self.program);
        #[cfg(unix)]
        command.arg0(&self.word);
        command.args(&self.arguments);
        for (name, _) in env::vars_os() {
            if is_account_variable(&name) {
                command.env_remove(name);
            }
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

/// What would be done. `Serialize` writes the form for programs.
#[derive(Serialize)]
struct Planned<'a> {
    dry_run: bool,
    name: &'a str,
    provider: &'static str,
    table: &'static str,
    scope: KeyScope,
    missing: PermissionSet,
    extra: PermissionSet,
    max_uses: Option<NonZeroU64>,
    env: BTreeMap<&'a str, &'static str>,
    /// The words of the command; bytes that are not Unicode are replaced.
    command: Vec<String>,
}

impl<'a> Planned<'a> {
    fn new(prepared: &'a Preparation) -> Self {
        let translation = prepared.plan.translation();
        let variables = prepared.variables.iter();
        let words = [&prepared.word].into_iter().chain(&prepared.arguments);
        Self {
            dry_run: true,
            name: prepared.request.name().as_str(),
            provider: translation.table().provider(),
            table: translation.table().name(),
            scope: translation.granted(),
            missing: translation.missing(),
            extra: translation.extra(),
            max_uses: prepared.request.max_uses(),
            env: variables.map(|it| (it.name.as_str(), it.field.as_str())).collect(),
            command: words.map(|it| it.to_string_lossy().into_owned()).collect(),
        }
    }

    fn labels(&self) -> Labels {
        let mut labels = Labels::default();
        labels.push("issue", format!("{}   at {} ({})", self.name, self.provider, self.table));
        labels.push("grant", self.scope.to_string());
        if !self.missing.is_empty() {
            labels.push("missing", self.missing.to_string());
        }
        if !self.extra.is_empty() {
            labels.push("extra", self.extra.to_string());
        }
        if let Some(uses) = self.max_uses {
            labels.push("uses", uses.to_string());
        }
        for (name, field) in &self.env {
            labels.push("env", format!("{name}={field}"));
        }
        labels.push("run", self.command.join(" "));
        labels.push("revoke", "when the command ends");
        labels
    }
}
