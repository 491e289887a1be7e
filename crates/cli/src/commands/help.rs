//! `help`: explain a command or a topic.

use std::ffi::OsString;

use crate::cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::help::{exit_codes, scopes};
use crate::nearest::unknown;
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

pub(crate) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let words: Vec<&str> = args.topic.iter().map(|word| word.to_str().unwrap_or("")).collect();
    match words[..] {
        ["exit-codes"] => {
            let mut codes = Labels::default();
            exit_codes::entries().for_each(|(code, meaning)| codes.push(&code, meaning));
            output.labels(&codes);
            output.line("");
            let mut notes = Table::without_header();
            notes.push([exit_codes::notes()]);
            output.table(&notes);
        }
        ["scopes"] => output.line(scopes::scopes_help().trim_end()),
        _ => output.line(explanation(&words)?),
    }
    Ok(Exit::Done)
}

/// The help of a command, or of the program if there are no words.
fn explanation(words: &[&str]) -> Result<String, Failure> {
    let mut root = cli::command();
    root.build();
    let mut command = &mut root;
    for word in words {
        if command.find_subcommand(word).is_none() {
            let mut known: Vec<&str> = command.get_subcommands().map(|it| it.get_name()).collect();
            known.extend(TOPICS);
            return Err(Failure::usage(unknown("command or topic", word, &known))
                .with_next("pinning-keys help"));
        }
        command = command.find_subcommand_mut(word).expect("it was just found");
    }
    Ok(command.render_help().ansi().to_string().trim_end().to_owned())
}
