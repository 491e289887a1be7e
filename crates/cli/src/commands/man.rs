//! `man`: the manual pages.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::help::commands::named;
use crate::help::{environment, examples, exit_codes};
use crate::output::Output;

/// Print the manual page of the program or of a command
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A command (default: the whole program)
    command: Vec<OsString>,
}

pub(crate) fn run(args: &Args, program: Command, output: &Output) -> Result<Exit, Failure> {
    let mut program = program.subcommand_help_heading("COMMANDS");
    let command = named(&mut program, &args.command, "command", &[])?.clone();
    let mut page = Vec::new();
    write(&mut page, command)
        .map_err(|error| Failure::new(Exit::Failed, format!("no page: {}", error.kind())))?;
    output.line(ascii(String::from_utf8_lossy(&page).trim_end()));
    Ok(Exit::Done)
}

/// The page without characters that not every formatter reads in every locale.
fn ascii(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    for character in page.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            let _ = write!(text, "\\[u{:04X}]", u32::from(character));
        }
    }
    text
}

fn write(page: &mut impl io::Write, command: Command) -> io::Result<()> {
    let is_program = command.get_name() == "pinning-keys";
    let has_commands = command.has_subcommands();
    let examples = examples::of(command.get_name());
    let source = format!("pinning-keys {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command).source(source).manual("pinning-keys");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    if has_commands {
        man.render_subcommands_section(page)?;
    }
    man.render_options_section(page)?;
    let mut rest = Roff::new();
    for (at, (what, line)) in examples.iter().enumerate() {
        if at == 0 {
            rest.control("SH", ["EXAMPLES"]);
        }
        entry(&mut rest, what, line);
    }
    if is_program {
        exit_status(&mut rest);
        entries(&mut rest, "ENVIRONMENT", environment::VARIABLES);
        entries(&mut rest, "FILES", environment::FILES);
    } else {
        rest.control("SH", ["SEE ALSO"]);
        rest.text([bold("pinning-keys"), roman("(1), which lists the exit codes")]);
    }
    rest.to_writer(page)
}

fn exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit_codes::entries() {
        entry(roff, &code, meaning);
    }
    roff.control("PP", []);
    roff.text([roman(exit_codes::notes())]);
}

fn entries(roff: &mut Roff, title: &str, entries: &[(&str, &str)]) {
    roff.control("SH", [title]);
    for (name, text) in entries {
        entry(roff, name, text);
    }
}

fn entry(roff: &mut Roff, name: &str, text: &str) {
    roff.control("TP", []);
    roff.text([bold(name)]);
    roff.text([roman(text)]);
}
