//! Where the secret of a new key goes.

use std::env;
#[cfg(feature = "store")]
use std::ffi::OsStr;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
#[cfg(feature = "store")]
use std::path::Path;

use clap::builder::PossibleValue;
use pinning_keys::KeyRef;
use pinning_keys_sinks::{
    Delivery, DeliveryEffect, Environment, Field, Incoming, Sink, SinkError, SinkSpec,
};
use secrecy::ExposeSecret as _;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flag_values::{Suggested, help_with_fields};

/// The flags that say where the secret goes.
#[derive(clap::Args)]
pub(crate) struct DeliveryArgs {
    /// Where the secret goes: file:PATH, env:PATH#NAME, command:'PROGRAM ARGUMENTS',
    /// github:env#NAME or github:output#NAME
    #[arg(long, value_name = "SINK", help_heading = "Delivery")]
    to: Option<OsString>,
    #[arg(
        long,
        value_name = "FIELD",
        value_parser = Suggested(fields),
        hide_possible_values = true,
        help = help_with_fields("The part of the secret to deliver"),
        help_heading = "Delivery",
    )]
    field: Option<String>,
    /// Replace the variable if it exists
    #[arg(long, requires = "to", help_heading = "Delivery")]
    overwrite: bool,
    /// Print the secret, on a terminal only
    #[arg(long, help_heading = "Delivery")]
    show_secret: bool,
}

/// The sink, the terminal, or both.
pub(crate) struct Destination {
    sink: Option<Box<dyn Sink>>,
    /// The part of the secret that is printed on the terminal.
    shown: Option<Field>,
}

impl Destination {
    /// Parses the flags; no file is read or written yet. A command does not get the hidden variables.
    /// The secrets of these keys may be replaced in a file.
    pub(crate) fn parse(
        args: &DeliveryArgs,
        dry_run: bool,
        is_json: bool,
        hidden: &[String],
        replaces: &[KeyRef],
    ) -> Result<Self, Failure> {
        if args.show_secret && (is_json || !io::stdout().is_terminal()) {
            return Err(Failure::usage("--show-secret prints the secret on a terminal only")
                .with_next("to pass the secret on:  --to file:key.json, or another sink"));
        }
        let field: Option<Field> = args.field.as_deref().map(str::parse).transpose()?;
        let sink = match &args.to {
            Some(spec) => {
                let spec = SinkSpec::parse(spec)?.with_overwrite(args.overwrite);
                let spec = field.into_iter().fold(spec, SinkSpec::with_field);
                Some(open(spec, hidden, replaces)?)
            }
            None if args.show_secret || dry_run => None,
            None => return Err(no_sink()),
        };
        let shown = args.show_secret.then(|| field.unwrap_or(Field::Jwt));
        Ok(Self { sink, shown })
    }

    /// A file, which may replace one that holds one of these keys.
    #[cfg(feature = "store")]
    pub(crate) fn file(path: &Path, replaces: &[KeyRef]) -> Result<Self, Failure> {
        let text = OsString::from_iter([OsStr::new("file:"), path.as_os_str()]);
        let spec =
            replaces.iter().cloned().fold(SinkSpec::parse(text)?, SinkSpec::with_predecessor);
        Ok(Self { sink: Some(spec.open()?), shown: None })
    }

    /// The destination of a declared key. A command does not get the hidden variables. The secrets
    /// of these keys may be replaced in a file.
    #[cfg(feature = "store")]
    pub(crate) fn to(
        spec: SinkSpec,
        hidden: &[String],
        replaces: &[KeyRef],
    ) -> Result<Self, Failure> {
        Ok(Self { sink: Some(open(spec, hidden, replaces)?), shown: None })
    }

    /// Finds out, before the key is issued, whether its secret can be delivered.
    pub(crate) async fn check(&self, key: &Incoming) -> Result<(), SinkError> {
        if let Some(field) = self.shown {
            field.check(key)?;
        }
        match &self.sink {
            Some(sink) => sink.check(key).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
        match &self.sink {
            Some(sink) => sink.deliver(delivery).await,
            None => Ok(()),
        }
    }

    /// Prints the secret if it was asked for. Nothing else ever does.
    pub(crate) fn show(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
        let Some(field) = self.shown else { return Ok(()) };
        let secret = field.of(delivery)?;
        writeln!(io::stdout(), "{}", secret.expose_secret()).map_err(|error| {
            let error = SinkError::new(format!("the terminal: {}", error.kind()));
            error.with_effect(DeliveryEffect::Unknown)
        })
    }

    /// The name of the sink, for people.
    pub(crate) fn place(&self) -> Option<String> {
        self.sink.as_ref().map(ToString::to_string)
    }
}

fn open(
    spec: SinkSpec,
    hidden: &[String],
    replaces: &[KeyRef],
) -> Result<Box<dyn Sink>, SinkError> {
    let spec = replaces.iter().cloned().fold(spec, SinkSpec::with_predecessor);
    let visible = env::vars_os().filter(|(name, _)| !hidden.iter().any(|it| name == it.as_str()));
    spec.with_environment(Environment::from_vars(visible)).open()
}

fn no_sink() -> Failure {
    Failure::usage("no destination for the secret was given")
        .with_next("a file that only you can read:  --to file:key.json")
        .with_next("a variable in a file:           --to env:.env#PINATA_JWT")
        .with_next("the stdin of a command:         --to command:'gh secret set PINATA_JWT'")
        .with_next("the terminal, once:             --show-secret")
}

/// The values of `--field`.
fn fields() -> Vec<PossibleValue> {
    Field::ALL.iter().map(|field| PossibleValue::new(field.as_str())).collect()
}

/// The texts of sinks are escaped already.
impl From<SinkError> for Failure {
    fn from(error: SinkError) -> Self {
        let exit = if error.is_usage() { Exit::Usage } else { Exit::Failed };
        let failure = Self::new(exit, error.to_string());
        let failure = if error.is_usage() { failure } else { failure.with_kind("not_delivered") };
        let failure = match error.effect() {
            DeliveryEffect::NotDelivered => failure,
            DeliveryEffect::Unknown => failure.with_outcome("the secret may have been delivered"),
        };
        let advice = error.advice().into_iter().flat_map(str::lines);
        advice.fold(failure, |failure, line| failure.with_next(line.trim()))
    }
}
