//! The problems of a TOML file, each with its line.
//!
//! None quotes a value, which may be a misplaced secret.

use std::borrow::Cow;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::names::unknown;
use super::origin::Place;
use crate::failure::Failure;

pub(crate) type Key<'a> = Spanned<Cow<'a, str>>;
pub(crate) type Value<'a> = Spanned<DeValue<'a>>;

/// All problems of a file, not only the first.
pub(crate) struct Problems<'a> {
    path: &'a Rc<PathBuf>,
    text: &'a str,
    /// Each with the byte at which it is.
    found: Vec<(usize, Failure)>,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(path: &'a Rc<PathBuf>, text: &'a str) -> Self {
        // Some editors begin a file with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { path, text, found: Vec::new() }
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &'a Path {
        self.path
    }

    /// The file as a table; `None` if it is not TOML.
    pub(crate) fn parse(&mut self) -> Option<DeTable<'a>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                // The error's other texts quote the file.
                self.problem(at, format!("invalid TOML: {}", error.message()))
            }
        }
    }

    pub(crate) fn table<'v>(&mut self, value: Value<'v>, name: &str) -> Option<DeTable<'v>> {
        let at = value.span().start;
        match value.into_inner() {
            DeValue::Table(table) => Some(table),
            _ => self.problem(at, format!("{name} must be a table")),
        }
    }

    pub(crate) fn unknown_key(&mut self, key: &Key<'_>, before: &str, known: &[&str]) {
        let what = unknown("key", key.get_ref(), known.iter().copied());
        self.add(key.span().start, format!("{before}{what}"));
    }

    /// Adds a problem at this byte, and returns `None` instead of the value that could not be parsed.
    pub(crate) fn problem<T>(&mut self, at: usize, what: impl Display) -> Option<T> {
        self.add(at, what);
        None
    }

    pub(crate) fn add(&mut self, at: usize, what: impl Display) {
        self.add_failure(at, Failure::configuration(what.to_string()));
    }

    /// Adds a failure at this byte, which is put in front of it.
    pub(crate) fn add_failure(&mut self, at: usize, failure: Failure) {
        let place = Place { path: Rc::clone(self.path), line: self.line(at) };
        self.found.push((at, failure.in_context(&place.to_string())));
    }

    /// The number of the line on which a byte is.
    pub(crate) fn line(&self, at: usize) -> usize {
        1 + self.text.get(..at).unwrap_or(self.text).matches('\n').count()
    }

    /// The problems in the order of the file. The tables are in the order of their keys.
    pub(crate) fn into_failures(mut self) -> Vec<Failure> {
        self.found.sort_by_key(|(at, _)| *at);
        self.found.into_iter().map(|(_, problem)| problem).collect()
    }
}
