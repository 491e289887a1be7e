//! From the arguments to the exit code.

use std::ffi::OsString;

use crate::cli::{self, Cli, Command};
use crate::command_line;
#[cfg(feature = "store")]
use crate::commands::{apply, audit, diff, forget, run as worker, status, strays};
use crate::commands::{
    completions, config, exec, help, issue, list, man, plan, probe, revoke, show, verify,
};
#[cfg(feature = "store")]
use crate::commands::{migrate, renew, rotate};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use crate::settings::Settings;
use crate::usage::{self, Parsed};

/// Runs the program with these arguments, the first of which is its name.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let glimpsed = || Output::new(&usage::glimpse(&args));
    match usage::parse(&args) {
        Ok(Parsed::Run(cli)) => {
            command_line::remember(&cli.global);
            let settings = Settings::read(&cli.global);
            let output = Output::new(&settings.output_flags(&cli.global));
            finish(&output, dispatch(*cli, settings, output.clone()))
        }
        Ok(Parsed::Print(text)) => {
            let output = glimpsed();
            output.line(text.trim_end());
            finish(&output, Ok(Exit::Done))
        }
        Ok(Parsed::Nothing { help, failure }) => {
            let output = glimpsed();
            output.note(help);
            finish(&output, Err(failure))
        }
        Err(failure) => finish(&glimpsed(), Err(failure)),
    }
}

/// Reports a failure, and results that went missing.
fn finish(output: &Output, result: Result<Exit, Failure>) -> Exit {
    let report = |failure: Failure| {
        output.failure(&failure);
        failure.exit()
    };
    let exit = result.unwrap_or_else(report);
    match output.finish() {
        Ok(()) => exit,
        Err(failure) => exit.or_worse(report(failure)),
    }
}

fn dispatch(cli: Cli, settings: Settings, output: Output) -> Result<Exit, Failure> {
    match cli.command {
        Command::Completions(args) => Ok(completions::run(&args, cli::command(), &output)),
        Command::Man(args) => man::run(&args, cli::command(), &output),
        Command::Help(args) => help::run(&args, cli::explained_command(), &output),
        Command::Config(args) => config::run(&args, settings, &output),
        Command::Plan(args) => plan::run(&args, &session(settings, output)?),
        Command::Issue(args) => block_on(issue::run(&args, &session(settings, output)?)),
        Command::List(args) => block_on(list::run(&args, &session(settings, output)?)),
        Command::Show(args) => block_on(show::run(&args, &session(settings, output)?)),
        Command::Verify(args) => block_on(verify::run(&args, &session(settings, output)?)),
        Command::Probe(args) => block_on(probe::run(&args, &session(settings, output)?)),
        Command::Revoke(args) => block_on(revoke::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Diff(args) => block_on(diff::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Apply(args) => block_on(apply::run(&args, &session(settings, output)?)),
        Command::Exec(args) => block_on(exec::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Renew(args) => block_on(renew::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Rotate(args) => block_on(rotate::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Migrate(args) => block_on(migrate::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Run(args) => block_on(worker::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Status(args) => block_on(status::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Audit(args) => block_on(audit::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Strays(args) => block_on(strays::run(&args, &session(settings, output)?)),
        #[cfg(feature = "store")]
        Command::Forget(args) => block_on(forget::run(&args, &session(settings, output)?)),
    }
}

/// What the commands work with that need a valid configuration.
fn session(settings: Settings, output: Output) -> Result<Session, Failure> {
    let settings = settings.checked()?;
    for warning in settings.warnings() {
        output.warn(warning);
    }
    #[cfg(feature = "store")]
    command_line::remember_others(settings.other_profile_names());
    Ok(Session::new(output, settings))
}

/// Runs a command that calls the provider.
fn block_on(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {}", error.kind())))?;
    runtime.block_on(command)
}
