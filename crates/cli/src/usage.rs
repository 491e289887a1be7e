//! Errors of the command line itself.
//!
//! clap repeats arguments in its errors, and an argument may be a secret in the wrong place. The
//! errors here name flags, commands and positions, and never show what was typed.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ColorChoice, FromArgMatches as _};
use pinning_keys_core::contains_jwt;

use crate::cli::{self, Cli};
use crate::failure::Failure;
use crate::global::Global;
use crate::output::escape::escaped;
use crate::position::{self, Addressed};

/// What the arguments ask for.
pub(crate) enum Parsed {
    Run(Box<Cli>),
    /// Print this, the help or the version.
    Print(String),
    /// Print what there is to choose from, and fail.
    Nothing {
        help: String,
        failure: Failure,
    },
}

/// Parses the arguments, the first of which is the program's name.
pub(crate) fn parse(args: &[OsString]) -> Result<Parsed, Failure> {
    let mut command = cli::explained_command();
    let parsed = command.try_get_matches_from_mut(args);
    let error = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => return Ok(Parsed::Run(Box::new(cli))),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Ok(Parsed::Print(error.render().ansi().to_string()))
        }
        _ => {
            if let Some((at, _)) = position::of_flags(args).find(|(_, arg)| is_secret(arg)) {
                return Err(secret(at));
            }
            command.build();
            let mut addressed = Addressed::by(&mut command, args);
            let failure = Problem { error: &error, args }.failure(&addressed);
            let failure = failure.with_next(addressed.usage()).with_next(addressed.help());
            match error.kind() {
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                    Ok(Parsed::Nothing { help: error.render().ansi().to_string(), failure })
                }
                _ => Err(failure),
            }
        }
    }
}

/// The flags that decide how errors are shown, even if the rest cannot be parsed.
pub(crate) fn glimpse(args: &[OsString]) -> Global {
    let mut words = position::of_flags(args).map(|(_, arg)| arg.to_str().unwrap_or_default());
    let mut global = Global::default();
    while let Some(word) = words.next() {
        let when = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        global.color = match when {
            Some("always") => Some(ColorChoice::Always),
            Some("never") => Some(ColorChoice::Never),
            _ => global.color,
        };
    }
    global.json = position::of_flags(args).any(|(_, arg)| arg == "--json");
    global
}

fn is_secret(arg: &OsStr) -> bool {
    arg.to_str().is_some_and(contains_jwt)
}

fn secret(at: usize) -> Failure {
    Failure::usage(format!("argument {at} contains a JWT; secrets are not taken as arguments"))
        .with_next("other programs can see arguments, and shells store them: revoke it")
        .with_next("pinning-keys revoke --token -   reads it from stdin")
}

struct Problem<'a> {
    error: &'a clap::Error,
    args: &'a [OsString],
}

impl Problem<'_> {
    fn failure(&self, addressed: &Addressed<'_>) -> Failure {
        match self.error.kind() {
            ErrorKind::InvalidSubcommand => self.unknown_command(),
            ErrorKind::UnknownArgument => self.unknown_argument(addressed),
            ErrorKind::InvalidValue => self.invalid_value(),
            ErrorKind::ValueValidation => self.rejected_value(),
            ErrorKind::ArgumentConflict => self.conflict(),
            ErrorKind::MissingRequiredArgument => self.missing(),
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                Failure::usage("no command was given")
            }
            ErrorKind::InvalidUtf8 => self.not_utf8(),
            ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
                Failure::usage(format!("{} has the wrong number of values", self.flag()))
            }
            kind => Failure::usage(kind.to_string()),
        }
    }

    fn unknown_command(&self) -> Failure {
        Failure::usage(match &self.texts(ContextKind::SuggestedSubcommand)[..] {
            [] => "unknown command".to_owned(),
            [.., nearest] => format!("unknown command; did you mean {nearest}?"),
        })
    }

    fn unknown_argument(&self, addressed: &Addressed<'_>) -> Failure {
        let texts = self.texts(ContextKind::InvalidArg);
        let unknown = texts.first().copied().unwrap_or_default();
        let place = match position::of(unknown, self.args) {
            Some(at) => format!("argument {at}"),
            None => "an argument".to_owned(),
        };
        if !unknown.starts_with('-') {
            let failure = Failure::usage(format!("{place} is unexpected"));
            return match addressed.name() {
                "exec" => failure.with_next("write the command to run after --"),
                _ => failure,
            };
        }
        let failure = match &self.texts(ContextKind::SuggestedArg)[..] {
            [] => Failure::usage(format!("{place} is an unknown flag")),
            [nearest, ..] => {
                Failure::usage(format!("{place} is an unknown flag; did you mean {nearest}?"))
            }
        };
        match addressed.with_value_behind_dashes() {
            Some(line) => failure
                .with_next(format!("a value that begins with a dash goes after --, as in: {line}")),
            None => failure,
        }
    }

    fn invalid_value(&self) -> Failure {
        let flag = self.flag();
        let known = self.texts(ContextKind::ValidValue).join(", ");
        if self.texts(ContextKind::InvalidValue).concat().is_empty() {
            let failure = Failure::usage(format!("{flag} requires a value"));
            return match known.len() {
                1..=80 => failure.with_next(format!("expected one of {known}")),
                _ => failure
                    .with_next(format!("a value that begins with a dash is written {flag}=VALUE")),
            };
        }
        Failure::usage(match &self.texts(ContextKind::SuggestedValue)[..] {
            [] => format!("unknown value for {flag}; expected one of {known}"),
            [.., nearest] => format!("unknown value for {flag}; did you mean {nearest}?"),
        })
    }

    /// The value that a parser of this program, or one of clap's, did not accept.
    fn rejected_value(&self) -> Failure {
        let flag = self.flag();
        let value = self.texts(ContextKind::InvalidValue).concat();
        let reason = std::error::Error::source(self.error).map(ToString::to_string);
        match reason.filter(|reason| value.is_empty() || !reason.contains(&value)) {
            Some(reason) => {
                Failure::usage(format!("invalid value for {flag}: {}", escaped(&reason)))
            }
            None => Failure::usage(format!("invalid value for {flag}")),
        }
    }

    fn conflict(&self) -> Failure {
        let flag = self.flag();
        let others: Vec<&str> =
            self.texts(ContextKind::PriorArg).into_iter().map(name_of).collect();
        Failure::usage(match &others[..] {
            [] => format!("{flag} cannot be used with the other flags"),
            [other] if *other == flag => format!("{flag} can be given only once"),
            others => format!("{flag} cannot be used with {}", others.join(" and ")),
        })
    }

    fn missing(&self) -> Failure {
        Failure::usage(format!("missing {}", self.texts(ContextKind::InvalidArg).join(" and ")))
    }

    fn not_utf8(&self) -> Failure {
        let mut positions = (1..).zip(self.args.iter().skip(1));
        let mut invalid = positions.by_ref().filter(|(_, arg)| arg.to_str().is_none());
        Failure::usage(match (invalid.next(), invalid.next()) {
            (Some((at, _)), None) => format!("argument {at} is not valid UTF-8"),
            _ => "an argument is not valid UTF-8".to_owned(),
        })
    }

    /// The name of the flag or positional argument that the error is about.
    fn flag(&self) -> String {
        let texts = self.texts(ContextKind::InvalidArg);
        texts.first().map_or("an argument", |text| name_of(text)).to_owned()
    }

    fn texts(&self, kind: ContextKind) -> Vec<&str> {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => vec![text],
            Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// The name in what clap calls an argument: `--needs` in `--needs <PERMISSIONS>`.
fn name_of(argument: &str) -> &str {
    argument.split([' ', '=']).next().unwrap_or(argument)
}
