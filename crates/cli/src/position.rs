//! Where arguments are, and which command they are for.

use std::ffi::{OsStr, OsString};

use clap::Command;

/// The arguments in front of `--`, behind which there are no flags, with their positions.
pub(crate) fn of_flags(args: &[OsString]) -> impl Iterator<Item = (usize, &OsStr)> {
    let args = args.iter().map(OsString::as_os_str).enumerate().skip(1);
    args.take_while(|(_, arg)| *arg != "--")
}

/// The position of an argument, or of a flag with its value.
pub(crate) fn of(text: &str, args: &[OsString]) -> Option<usize> {
    args.iter().skip(1).zip(1..).find_map(|(arg, at)| {
        let arg = arg.to_str()?;
        let is_flag = || arg.split_once('=').is_some_and(|(flag, _)| flag == text);
        (arg == text || is_flag()).then_some(at)
    })
}

/// The command that arguments are for.
pub(crate) struct Addressed<'a>(&'a mut Command);

impl<'a> Addressed<'a> {
    /// Follows the names of commands among the arguments. The command must have been built.
    pub(crate) fn by(command: &'a mut Command, args: &[OsString]) -> Self {
        let mut command = command;
        let mut words = of_flags(args).map(|(_, arg)| arg.to_str().unwrap_or_default());
        while let Some(word) = words.next() {
            if word.starts_with('-') {
                if takes_value(command, word) {
                    words.next();
                }
            } else if command.find_subcommand(word).is_some() {
                command = command.find_subcommand_mut(word).expect("it was just found");
            } else {
                break;
            }
        }
        Self(command)
    }

    /// The name of the command.
    pub(crate) fn name(&self) -> &str {
        self.0.get_name()
    }

    /// The line that shows which arguments there are.
    pub(crate) fn usage(&mut self) -> String {
        let usage = self.0.render_usage().to_string();
        usage.strip_prefix("Usage: ").map(|usage| format!("usage: {usage}")).unwrap_or(usage)
    }

    /// The line to type for help.
    pub(crate) fn help(&self) -> String {
        match self.words() {
            "" => "pinning-keys help".to_owned(),
            words => format!("pinning-keys help {words}"),
        }
    }

    /// How a positional argument that looks like a flag is given, if the command has one.
    pub(crate) fn with_value_behind_dashes(&self) -> Option<String> {
        let positional = self.0.get_positionals().next()?;
        let name = positional.get_value_names()?.first()?;
        Some(format!("pinning-keys {} … -- {name}", self.words()))
    }

    fn words(&self) -> &str {
        let name = self.0.get_bin_name().unwrap_or_default();
        name.split_once(' ').map_or("", |(_, words)| words)
    }
}

fn takes_value(command: &Command, flag: &str) -> bool {
    let Some(long) = flag.strip_prefix("--") else { return false };
    let mut flags = command.get_arguments().filter(|arg| arg.get_long() == Some(long));
    flags.any(|arg| arg.get_action().takes_values())
}
