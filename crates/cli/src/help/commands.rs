//! The overview of the commands, and what each command's help adds to clap's.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::Command;

use super::examples;
use crate::failure::Failure;
use crate::nearest::unknown;

/// The commands by what they are about. clap lists them in one group only.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Keys", &["plan", "issue", "list", "show", "revoke", "exec"]),
    ("Keys of the store", &["renew", "rotate", "migrate"]),
    ("Store", &["run", "status", "audit", "strays", "forget"]),
    ("Declared keys", &["diff", "apply"]),
    ("Credentials", &["verify", "probe"]),
    ("Program", &["config", "completions", "man", "help"]),
];

/// Where the descriptions begin.
const COLUMN: usize = 13;

/// The program with an overview of its commands, and each command with its examples.
pub(crate) fn explained(command: Command) -> Command {
    let overview = overview(&command);
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let command = names.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |command| {
            // Flags stay on a line each, which clap's long help spreads out.
            let about = command.get_long_about().or(command.get_about()).cloned();
            command.about(about.unwrap_or_default()).after_help(examples::text(name))
        })
    });
    command.help_template(format!(
        "{{about}}\n\n{{usage-heading}} {{usage}}\n{overview}\nOptions:\n{{options}}\n\n\
         More help:\n  \
           pinning-keys help COMMAND     a command, with examples\n  \
           pinning-keys help scopes      what a key may do, and how to ask for it\n  \
           pinning-keys help exit-codes  what the exit codes mean"
    ))
}

/// The command that words name, which is the program itself if there are none. Unknown words are
/// not repeated; `others` are known besides the commands.
pub(crate) fn named<'a>(
    program: &'a mut Command,
    words: &[OsString],
    what: &str,
    others: &[&str],
) -> Result<&'a mut Command, Failure> {
    program.build();
    let mut command = program;
    for word in words {
        let word = word.to_str().unwrap_or_default();
        if command.find_subcommand(word).is_none() {
            let names = command.get_subcommands().map(Command::get_name);
            let known: Vec<&str> = names.chain(others.iter().copied()).collect();
            return Err(Failure::usage(unknown(what, word, &known)).with_next("pinning-keys help"));
        }
        command = command.find_subcommand_mut(word).expect("it was just found");
    }
    Ok(command)
}

fn overview(command: &Command) -> String {
    let mut text = String::new();
    for (title, names) in GROUPS {
        // A program without a store has fewer commands.
        let found = names.iter().filter_map(|name| command.find_subcommand(name));
        for (row, command) in found.enumerate() {
            if row == 0 {
                let _ = writeln!(text, "\n{title}:");
            }
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {:<COLUMN$}{about}", command.get_name());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{GROUPS, overview};
    use crate::cli::Cli;

    #[test]
    fn every_command_is_in_one_group_with_a_line_that_fits() {
        let command = Cli::command();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        #[cfg(not(feature = "store"))]
        grouped.retain(|name| command.find_subcommand(name).is_some());
        let mut all: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        grouped.sort_unstable();
        all.sort_unstable();
        assert_eq!(grouped, all);
        let overview = overview(&command);
        assert!(overview.lines().all(|line| line.len() <= 80), "{overview}");
    }
}
