//! From the text of a configuration file to its sections.
//!
//! Every problem is found, not only the first. None quotes a value, which may be a misplaced secret.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use pinning_keys::IssuerConfig;
use pinning_keys::adapter::Setting;
use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::names::{quoted, unknown};
use super::origin::Place;
use super::secret_path::in_folder;
use super::sections::{Account, Document, OutputSection, Profile};
use super::value::{Color, Entry, OnLine, ProfileName};
use crate::failure::Failure;

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;
type Value<'a> = Spanned<DeValue<'a>>;

/// What a file may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything.
    Full,
    /// What a file that is found by itself may decide: the choice of a profile, and the output.
    Project,
}

/// Parses a file, and reports all problems that the text alone shows.
pub(crate) fn parse(path: &Rc<PathBuf>, text: &str, extent: Extent) -> (Document, Vec<Failure>) {
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser { path, text, extent, problems: Vec::new() };
    let document = match DeTable::parse(text) {
        Ok(table) => parser.document(table.into_inner()),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            // The error's other texts quote the file.
            let what = format!("invalid TOML: {}", error.message());
            parser.problem(at, what).unwrap_or_default()
        }
    };
    // The tables are in the order of their keys.
    parser.problems.sort_by_key(|(at, _)| *at);
    (document, parser.problems.into_iter().map(|(_, problem)| problem).collect())
}

struct Parser<'a> {
    path: &'a Rc<PathBuf>,
    text: &'a str,
    extent: Extent,
    /// The problems, each with the byte at which it is.
    problems: Vec<(usize, Failure)>,
}

impl Parser<'_> {
    fn document(&mut self, table: DeTable<'_>) -> Document {
        let mut document = Document::default();
        for (key, value) in table {
            match &**key.get_ref() {
                "profile" => document.profile = self.profile_choice(&value),
                "store" if self.extent == Extent::Full => document.store = self.store(&value),
                "output" => document.output = self.output(value),
                "profiles" if self.extent == Extent::Full => self.profiles(value, &mut document),
                _ if self.extent == Extent::Project => self.misplaced(&key),
                _ => self.unknown_key(&key, "", Document::KEYS),
            }
        }
        document
    }

    fn profile_choice(&mut self, value: &Value<'_>) -> Option<OnLine<ProfileName>> {
        let at = value.span().start;
        let Some(text) = value.get_ref().as_str() else {
            return self.problem(at, "profile must be a string, the name of a profile");
        };
        match ProfileName::parse(text) {
            Some(name) => Some(OnLine { value: name, line: self.line(at) }),
            None => self.problem(at, format!("profile is not a valid name: {}", ProfileName::RULE)),
        }
    }

    /// The address of a store, which the command that uses it checks.
    fn store(&mut self, value: &Value<'_>) -> Option<OnLine<String>> {
        let at = value.span().start;
        match value.get_ref().as_str() {
            Some(text) => Some(OnLine { value: text.to_owned(), line: self.line(at) }),
            None => self.problem(at, "store must be a string: sqlite:PATH or postgres://…"),
        }
    }

    fn output(&mut self, value: Value<'_>) -> OutputSection {
        let mut output = OutputSection::default();
        let Some(table) = self.table(value, "output") else { return output };
        for (key, value) in table {
            match &**key.get_ref() {
                "color" => output.color = self.color(&value),
                "json" => output.json = self.flag(&value, "output.json"),
                "quiet" => output.quiet = self.flag(&value, "output.quiet"),
                _ => self.unknown_key(&key, "output: ", OutputSection::KEYS),
            }
        }
        output
    }

    fn color(&mut self, value: &Value<'_>) -> Option<OnLine<Color>> {
        let at = value.span().start;
        let text = value.get_ref().as_str().unwrap_or_default();
        match Color::ALL.into_iter().find(|color| color.name() == text) {
            Some(color) => Some(OnLine { value: color, line: self.line(at) }),
            None => self.problem(at, "output.color must be one of auto, always, never"),
        }
    }

    fn flag(&mut self, value: &Value<'_>, name: &str) -> Option<OnLine<bool>> {
        let at = value.span().start;
        match value.get_ref().as_bool() {
            Some(flag) => Some(OnLine { value: flag, line: self.line(at) }),
            None => self.problem(at, format!("{name} must be true or false")),
        }
    }

    fn profiles(&mut self, value: Value<'_>, document: &mut Document) {
        let Some(table) = self.table(value, "profiles") else { return };
        for (key, value) in table {
            let Some(name) = ProfileName::parse(key.get_ref()) else {
                self.add(key.span().start, ProfileName::RULE);
                continue;
            };
            if let Some(profile) = self.profile(&name, &key, value) {
                document.profiles.insert(name, profile);
            }
        }
    }

    fn profile(&mut self, name: &ProfileName, key: &Key<'_>, value: Value<'_>) -> Option<Profile> {
        let path = format!("profiles.{}", name.as_str());
        let mut table = self.table(value, &path)?;
        let Some((_, provider)) = table.remove_entry("provider") else {
            return self.no_provider(&path, key, &table);
        };
        let at = provider.span().start;
        let id = provider.get_ref().as_str().unwrap_or_default();
        let Some(mut account) = Account::at(id) else {
            // The library words this error, and knows other names of the providers.
            let error = IssuerConfig::for_provider(id).err()?;
            let place = self.place(at);
            self.problems.push((at, Failure::from(error).in_context(&format!("{place}: {path}"))));
            return None;
        };
        let folder = self.path.parent().unwrap_or(Path::new(""));
        for (key, value) in table {
            let name = &**key.get_ref();
            let Some(place) = account.place(name) else {
                self.unknown_setting(&key, &path, &account);
                continue;
            };
            *place = self.entry(&format!("{path}.{name}"), value).map(|entry| {
                let value = in_folder(folder, id, name, entry.value);
                Entry { value, ..entry }
            });
        }
        Some(Profile { line: self.line(at), account })
    }

    fn no_provider<T>(&mut self, path: &str, key: &Key<'_>, table: &DeTable<'_>) -> Option<T> {
        // A misspelt `provider` is a likelier mistake than none at all.
        let mut names = table.keys();
        let is_meant =
            |name: &&Key<'_>| strsim::damerau_levenshtein(name.get_ref(), "provider") <= 2;
        if let Some(name) = names.find(is_meant) {
            self.unknown_key(name, &format!("{path}: "), &["provider"]);
            return None;
        }
        let providers = IssuerConfig::PROVIDERS.join(", ");
        self.problem(
            key.span().start,
            format!("{path} has no provider; expected one of {providers}"),
        )
    }

    /// The value of a setting, whatever its kind: a wrong one is refused later, by the setting.
    fn entry(&mut self, path: &str, value: Value<'_>) -> Option<Entry> {
        let at = value.span().start;
        match Setting::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(Entry { value, line: self.line(at) }),
            // The error could quote the value. It is about numbers that are too large.
            Err(_) => self.problem(at, format!("{path} has a value that is out of range")),
        }
    }

    fn table<'a>(&mut self, value: Value<'a>, name: &str) -> Option<DeTable<'a>> {
        let at = value.span().start;
        match value.into_inner() {
            DeValue::Table(table) => Some(table),
            _ => self.problem(at, format!("{name} must be a table")),
        }
    }

    fn misplaced(&mut self, key: &Key<'_>) {
        let name = quoted(key.get_ref()).unwrap_or_else(|| "this key".to_owned());
        let at = key.span().start;
        let place = self.place(at);
        let problem = Failure::configuration(format!(
            "{place}: {name} is not allowed in a project file, which may contain only profile and \
             [output]"
        ));
        let step = "move it to the user's file, or to a file that you name with --config";
        self.problems.push((at, problem.with_next(step)));
    }

    fn unknown_setting(&mut self, key: &Key<'_>, path: &str, account: &Account) {
        let name = &**key.get_ref();
        let provider = account.provider();
        let owner = IssuerConfig::PROVIDERS
            .iter()
            .find(|id| Account::at(id).is_some_and(|other| other.keys().contains(&name)));
        match owner {
            Some(owner) => {
                let what = format!("{path}.{name} is a setting of {owner}, not of {provider}");
                self.add(key.span().start, what);
            }
            None => self.unknown_key(key, &format!("{path}: "), account.keys()),
        }
    }

    fn unknown_key(&mut self, key: &Key<'_>, before: &str, known: &[&str]) {
        let what = unknown("key", key.get_ref(), known.iter().copied());
        self.add(key.span().start, format!("{before}{what}"));
    }

    /// Adds a problem at this byte. It returns nothing, in place of what could not be parsed.
    fn problem<T>(&mut self, at: usize, what: impl Display) -> Option<T> {
        self.add(at, what);
        None
    }

    fn add(&mut self, at: usize, what: impl Display) {
        let place = self.place(at);
        self.problems.push((at, Failure::configuration(format!("{place}: {what}"))));
    }

    fn place(&self, at: usize) -> Place {
        Place { path: Rc::clone(self.path), line: self.line(at) }
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text.get(..at).unwrap_or(self.text).matches('\n').count()
    }
}
