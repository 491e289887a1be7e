//! From the arguments to the exit code.

use std::ffi::OsString;

use clap::Parser as _;

use crate::cli::{Cli, Command, Global};
use crate::commands::{
    completions, config, exec, issue, list, man, plan, probe, revoke, show, verify,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use crate::settings::Settings;
use crate::{command_line, usage};

/// Runs the program with these arguments, the first of which is its name.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            return usage::report(&error).unwrap_or_else(|failure| {
                Output::new(&Global::default()).failure(&failure);
                failure.exit()
            });
        }
    };
    command_line::remember(&cli.global);
    let output = Output::new(&cli.global);
    let report = |failure: Failure| {
        output.failure(&failure);
        failure.exit()
    };
    let exit = dispatch(cli, output.clone()).unwrap_or_else(&report);
    match output.finish() {
        Ok(()) => exit,
        Err(failure) => exit.or_worse(report(failure)),
    }
}

fn dispatch(cli: Cli, output: Output) -> Result<Exit, Failure> {
    match cli.command {
        // These work without a valid configuration.
        Command::Completions(args) => return completions::run(&args, &output),
        Command::Man(args) => return man::run(&args, &output),
        _ => {}
    }
    let settings = Settings::load(&cli.global)?;
    let session = Session::new(output, settings);
    match cli.command {
        Command::Plan(args) => plan::run(&args, &session),
        Command::Config(args) => config::run(&args, &session),
        Command::Issue(args) => block_on(issue::run(&args, &session)),
        Command::List(args) => block_on(list::run(&args, &session)),
        Command::Show(args) => block_on(show::run(&args, &session)),
        Command::Verify(args) => block_on(verify::run(&args, &session)),
        Command::Probe(args) => block_on(probe::run(&args, &session)),
        Command::Revoke(args) => block_on(revoke::run(&args, &session)),
        Command::Exec(args) => block_on(exec::run(&args, &session)),
        Command::Completions(_) | Command::Man(_) => unreachable!("handled above"),
    }
}

/// Runs a command that calls the provider.
fn block_on(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {}", error.kind())))?;
    runtime.block_on(command)
}
