//! What the program prints: results on stdout, everything else on stderr.

pub(crate) mod escape;
pub(crate) mod table;

use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, Write};
use std::rc::Rc;

use serde::Serialize;

use crate::cli::Global;
use crate::failure::Failure;

/// The version of the JSON that is printed. It changes only if a program could break.
const FORMAT: u32 = 1;

#[derive(Clone)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    verbose: bool,
    /// Nobody reads stdout any more, as after `| head`. The work goes on all the same.
    closed: Rc<Cell<bool>>,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        if let Some(choice) = global.color {
            match choice {
                clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
                clap::ColorChoice::Always => anstream::ColorChoice::Always,
                clap::ColorChoice::Never => anstream::ColorChoice::Never,
            }
            .write_global();
        }
        let (json, quiet, verbose) = (global.json, global.quiet, global.verbose);
        Self { json, quiet, verbose, closed: Rc::default() }
    }

    /// The output of a command line that could not be parsed.
    pub(crate) fn plain() -> Self {
        Self { json: false, quiet: false, verbose: false, closed: Rc::default() }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a line of the result for people.
    pub(crate) fn line(&self, text: impl Display) {
        self.write(&mut anstream::stdout(), &text);
    }

    /// Prints an object of the result for programs, with the format's version as first member.
    pub(crate) fn object(&self, value: &impl Serialize) {
        self.write(&mut io::stdout(), &Versioned::line(value));
    }

    /// Prints a line about what is going on, unless `--quiet`.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Prints a line that matters even with `--quiet`.
    pub(crate) fn warn(&self, text: impl Display) {
        let _ = writeln!(anstream::stderr(), "warning: {text}");
    }

    /// Prints a line about the work itself, if `-v` asks for it.
    pub(crate) fn detail(&self, text: impl Display) {
        if self.verbose {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            let line = Versioned::line(&Reported { error: failure });
            let _ = writeln!(io::stderr(), "{line}");
            return;
        }
        let mut stderr = anstream::stderr();
        let _ = writeln!(stderr, "error: {}", failure.message());
        for line in failure.next() {
            let _ = writeln!(stderr, "  {line}");
        }
    }

    fn write(&self, stream: &mut impl Write, text: &impl Display) {
        if !self.closed.get() && writeln!(stream, "{text}").is_err() {
            self.closed.set(true);
        }
    }
}

#[derive(Serialize)]
struct Reported<'a> {
    error: &'a Failure,
}

#[derive(Serialize)]
struct Versioned<'a, T> {
    format: u32,
    #[serde(flatten)]
    value: &'a T,
}

impl<'a, T: Serialize> Versioned<'a, T> {
    fn line(value: &'a T) -> String {
        // Only a map with keys that are not text can fail, and no result has one.
        serde_json::to_string(&Self { format: FORMAT, value }).unwrap_or_default()
    }
}
