//! What the program prints: results on stdout, everything else on stderr.

mod calls;
pub(crate) mod escape;
mod json;
pub(crate) mod table;
#[cfg(feature = "store")]
pub(crate) mod time;
pub(crate) mod tone;

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use terminal_size::{Width, terminal_size_of};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::global::Global;

use calls::ShowCalls;
use table::{Labels, Table};
use tone::Tone;

#[derive(Clone)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    verbose: bool,
    stdout: Arc<Mutex<Stdout>>,
}

/// Whether results still reach somebody. If not, the work goes on all the same.
#[derive(Clone, Copy)]
enum Stdout {
    Open,
    /// Nobody reads any more, as after `| head`.
    Closed,
    /// Something went missing that was wanted, such as on a full disk.
    Lost(ErrorKind),
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        match global.color {
            None | Some(clap::ColorChoice::Auto) => anstream::ColorChoice::Auto,
            Some(clap::ColorChoice::Always) => anstream::ColorChoice::Always,
            Some(clap::ColorChoice::Never) => anstream::ColorChoice::Never,
        }
        .write_global();
        let (json, quiet, verbose) = (global.json, global.quiet, global.verbose);
        if verbose {
            ShowCalls { json }.install();
        }
        Self { json, quiet, verbose, stdout: Arc::new(Mutex::new(Stdout::Open)) }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether to draw progress on stderr, over and over in the same place.
    pub(crate) fn shows_progress(&self) -> bool {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        !self.json && !self.quiet && !self.verbose && io::stderr().is_terminal() && !is_dumb
    }

    /// Whether a result could not be written, as to a full disk.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(*self.stdout(), Stdout::Lost(_))
    }

    /// Whether nobody reads the results any more, as after `| head`.
    pub(crate) fn is_closed(&self) -> bool {
        !matches!(*self.stdout(), Stdout::Open)
    }

    /// Prints a line of the result for people.
    pub(crate) fn line(&self, text: impl Display) {
        self.print(anstream::stdout(), &format!("{text}\n"));
    }

    /// Prints a table of the result for people.
    pub(crate) fn table(&self, table: &Table) {
        self.lines(&table.lines(width_of(io::stdout())));
    }

    /// Prints a part of the result for people: texts with a label in front of each.
    pub(crate) fn labels(&self, labels: &Labels) {
        self.lines(&labels.lines(width_of(io::stdout())));
    }

    /// Prints an object of the result for programs, with the format's version as first member.
    pub(crate) fn object(&self, value: &impl Serialize) {
        self.print(io::stdout(), &format!("{}\n", json::line(value)));
    }

    /// Prints a line about what is going on, for people, unless `--quiet`.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet && !self.json {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Prints a table as a note, unless `--quiet`.
    #[cfg(feature = "store")]
    pub(crate) fn note_table(&self, table: &Table) {
        if !self.quiet && !self.json {
            self.question_table(table);
        }
    }

    /// Prints the table that a question is about. A program that reads JSON is not asked.
    pub(crate) fn question_table(&self, table: &Table) {
        if !self.json || io::stderr().is_terminal() {
            let mut stderr = anstream::stderr();
            for line in table.lines(width_of(io::stderr())) {
                let _ = writeln!(stderr, "{line}");
            }
        }
    }

    /// Prints a line that matters even with `--quiet`.
    pub(crate) fn warn(&self, text: impl Display) {
        if self.json {
            let warning = Reported::Warning { message: text.to_string() };
            let _ = writeln!(io::stderr(), "{}", json::line(&warning));
        } else {
            let warning = Tone::Notable.paint("warning:");
            let _ = writeln!(anstream::stderr(), "{warning} {text}");
        }
    }

    /// Prints a line about the work itself, for people, if `-v` asks for it.
    pub(crate) fn detail(&self, text: impl Display) {
        if self.verbose && !self.json {
            let _ = writeln!(anstream::stderr(), "{}", Tone::Dim.paint(text));
        }
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            let _ = writeln!(io::stderr(), "{}", json::line(&Reported::Error(failure)));
            return;
        }
        let mut stderr = anstream::stderr();
        let _ = writeln!(stderr, "{} {}", Tone::Bad.paint("error:"), failure.message());
        for line in failure.next() {
            let _ = writeln!(stderr, "  {line}");
        }
    }

    /// Fails if a part of the result went missing. A reader who had enough is no failure.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        match *self.stdout() {
            Stdout::Open | Stdout::Closed => Ok(()),
            Stdout::Lost(kind) => {
                let message = format!("the result could not be written to stdout: {kind}");
                Err(Failure::new(Exit::Failed, message))
            }
        }
    }

    fn lines(&self, lines: &[String]) {
        let ends = lines.iter().flat_map(|line| [line, "\n"]);
        self.print(anstream::stdout(), &ends.collect::<String>());
    }

    fn print(&self, mut stream: impl Write, text: &str) {
        let mut stdout = self.stdout();
        if !matches!(*stdout, Stdout::Open) {
            return;
        }
        if let Err(error) = stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
            *stdout = match error.kind() {
                ErrorKind::BrokenPipe => Stdout::Closed,
                kind => Stdout::Lost(kind),
            };
        }
    }

    fn stdout(&self) -> MutexGuard<'_, Stdout> {
        self.stdout.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The width of a terminal; nothing else has one, so that `grep` finds whole lines.
#[cfg(unix)]
fn width_of(stream: impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size_of(stream).map(|(Width(columns), _)| columns.into())
}

/// The width of a terminal; nothing else has one, so that `findstr` finds whole lines.
#[cfg(windows)]
fn width_of(stream: impl std::os::windows::io::AsHandle) -> Option<usize> {
    terminal_size_of(stream).map(|(Width(columns), _)| columns.into())
}

/// What is on stderr, in the form for programs.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Reported<'a> {
    Error(&'a Failure),
    Warning { message: String },
}
