//! From the text of the file to the keys that it declares.
//!
//! Every problem is found, not only the first. None quotes a value, which may be a misplaced secret.

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

use toml::de::{DeTable, DeValue};

use super::entry::Entry;
use super::file::DeclaredKey;
use crate::failure::Failure;
use crate::settings::problems::{Problems, Value};

/// What a file may contain besides keys: nothing.
const KEYS: &[&str] = &["key"];

/// Parses a file, and reports all problems that its text and the names of the profiles show.
pub(crate) fn parse(
    path: &Rc<PathBuf>,
    text: &str,
    profiles: &[String],
) -> (Vec<DeclaredKey>, Vec<Failure>) {
    let mut problems = Problems::new(path, text);
    let table = problems.parse();
    let mut parser = Parser { problems, profiles, names: HashMap::new(), places: HashMap::new() };
    let keys = table.map(|table| parser.document(table)).unwrap_or_default();
    (keys, parser.problems.into_failures())
}

struct Parser<'a> {
    problems: Problems<'a>,
    profiles: &'a [String],
    /// The line on which each name is declared.
    names: HashMap<String, usize>,
    /// The line on which each file, or variable in a file, is the destination of a secret.
    places: HashMap<String, usize>,
}

impl Parser<'_> {
    fn document(&mut self, table: DeTable<'_>) -> Vec<DeclaredKey> {
        let mut keys = Vec::new();
        for (key, value) in table {
            match &**key.get_ref() {
                "key" => keys = self.keys(value),
                _ => self.problems.unknown_key(&key, "", KEYS),
            }
        }
        keys
    }

    fn keys(&mut self, value: Value<'_>) -> Vec<DeclaredKey> {
        let at = value.span().start;
        let DeValue::Array(entries) = value.into_inner() else {
            self.problems
                .add(at, "key must be a list of tables, each of which begins with [[key]]");
            return Vec::new();
        };
        entries.into_iter().filter_map(|entry| self.key(entry)).collect()
    }

    fn key(&mut self, value: Value<'_>) -> Option<DeclaredKey> {
        let at = value.span().start;
        let table = self.problems.table(value, "key")?;
        let entry = Entry::read(&mut self.problems, at, table);
        if let Some(name) = &entry.name {
            let text = name.value.to_string();
            self.check_once(name.at, &text, |parser| &mut parser.names, "name is the same as");
        }
        if let Some((at, place)) = &entry.place {
            self.check_once(*at, place, |parser| &mut parser.places, "to is the same as");
        }
        if let Some(profile) = &entry.profile {
            self.check_profile(profile.at, &profile.value, &entry.label);
        }
        entry.finish(&mut self.problems)
    }

    fn check_once(
        &mut self,
        at: usize,
        text: &str,
        seen: impl Fn(&mut Self) -> &mut HashMap<String, usize>,
        what: &str,
    ) {
        let line = self.problems.line(at);
        let first = *seen(self).entry(text.to_owned()).or_insert(line);
        if first != line {
            self.problems.add(at, format!("{what} on line {first}"));
        }
    }

    fn check_profile(&mut self, at: usize, name: &str, label: &str) {
        if self.profiles.iter().any(|known| known == name) {
            return;
        }
        if self.profiles.is_empty() {
            let failure = Failure::configuration(format!("{label}: no profiles are configured"));
            let step = "pinning-keys config   shows which files were read";
            self.problems.add_failure(at, failure.with_next(step));
            return;
        }
        self.problems.unknown_word(at, label, "profile", name, self.profiles);
    }
}
