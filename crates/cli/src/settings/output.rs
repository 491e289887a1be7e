//! The output settings: flags, then the variables that all programs share, then files.

use clap::ColorChoice;

use super::environment::Environment;
use super::files::Files;
use super::origin::{Origin, Place};
use super::sections::OutputSection;
use super::value::{Color, OnLine};
use crate::global::Global;

/// The output settings, each with where it came from.
#[derive(Clone, Debug)]
pub(crate) struct OutputSettings {
    pub(crate) color: (Color, Origin),
    pub(crate) json: (bool, Origin),
    pub(crate) quiet: (bool, Origin),
}

impl OutputSettings {
    pub(crate) fn of(global: &Global, environment: &Environment, files: &Files) -> Self {
        let flag = |is_set: bool, name| is_set.then_some((true, Origin::Flag(name)));
        let or_default = |value: Option<_>| value.unwrap_or((false, Origin::Default));
        let color = global.color.map(|color| (Color::from(color), Origin::Flag("--color")));
        let color = color.or_else(|| color_of(environment));
        let color = color.or_else(|| in_files(files, |output| output.color.as_ref()));
        let json = flag(global.json, "--json");
        let quiet = flag(global.quiet, "--quiet");
        Self {
            color: color.unwrap_or((Color::Auto, Origin::Default)),
            json: or_default(json.or_else(|| in_files(files, |output| output.json.as_ref()))),
            quiet: or_default(quiet.or_else(|| in_files(files, |output| output.quiet.as_ref()))),
        }
    }

    /// The flags that have the same effect. The environment's choice of colour is left to the
    /// terminal's own rules.
    pub(crate) fn flags(&self, global: &Global) -> Global {
        let is_chosen = matches!(self.color.1, Origin::Flag(_) | Origin::File(_));
        let mut flags = global.clone();
        flags.color = is_chosen.then(|| self.color.0.into());
        flags.json = self.json.0;
        flags.quiet = self.quiet.0;
        flags
    }
}

/// The choice of colour in the variables that many programs read.
fn color_of(environment: &Environment) -> Option<(Color, Origin)> {
    let is_set = |name| environment.get(name).is_some_and(|value| !value.is_empty());
    let is_on = |name| environment.get(name).is_some_and(|value| value != "0");
    if is_set("NO_COLOR") {
        Some((Color::Never, Origin::Variable("NO_COLOR")))
    } else if is_set("CLICOLOR_FORCE") && is_on("CLICOLOR_FORCE") {
        Some((Color::Always, Origin::Variable("CLICOLOR_FORCE")))
    } else {
        None
    }
}

/// The value in the file with the highest precedence that has one.
fn in_files<T: Copy>(
    files: &Files,
    value: impl Fn(&OutputSection) -> Option<&OnLine<T>>,
) -> Option<(T, Origin)> {
    files.all.iter().find_map(|file| {
        let found = value(&file.document.output)?;
        let place = Place { path: file.path.clone(), line: found.line };
        Some((found.value, Origin::File(place)))
    })
}

impl From<ColorChoice> for Color {
    fn from(choice: ColorChoice) -> Self {
        match choice {
            ColorChoice::Auto => Self::Auto,
            ColorChoice::Always => Self::Always,
            ColorChoice::Never => Self::Never,
        }
    }
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}
