//! `help`: explain a command or a topic.

use std::ffi::OsString;

use clap::Command;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::help::commands::named;
use crate::help::{exit_codes, scopes};
use crate::output::Output;
use crate::output::table::{Labels, Table};

/// What `help` explains besides commands.
const TOPICS: [&str; 2] = ["exit-codes", "scopes"];

/// Explain a command, the exit codes or scopes
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A command, exit-codes or scopes
    topic: Vec<OsString>,
}

pub(crate) fn run(args: &Args, mut program: Command, output: &Output) -> Result<Exit, Failure> {
    match args.topic.as_slice() {
        [topic] if topic == "exit-codes" => print_exit_codes(output),
        [topic] if topic == "scopes" => output.line(scopes::scopes_help().trim_end()),
        words => {
            let command = named(&mut program, words, "command or topic", &TOPICS)?;
            output.line(command.render_help().ansi().to_string().trim_end());
        }
    }
    Ok(Exit::Done)
}

fn print_exit_codes(output: &Output) {
    let mut codes = Labels::default();
    for (code, meaning) in exit_codes::entries() {
        codes.push(&code, meaning);
    }
    output.labels(&codes);
    output.line("");
    let mut notes = Table::without_header();
    notes.push([exit_codes::notes()]);
    output.table(&notes);
}
