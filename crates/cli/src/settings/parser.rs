//! From the text of a configuration file to its sections.
//!
//! Every problem is found, not only the first. None quotes a value, which may be a misplaced secret.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use pinning_keys::IssuerConfig;
use pinning_keys::adapter::Setting;
use serde::Deserialize as _;
use toml::de::{DeTable, ValueDeserializer};

use super::names::quoted;
use super::problems::{Key, Problems, Value};
use super::secret_path::in_folder;
use super::sections::{Account, Document, OutputSection, Profile};
use super::value::{Color, Entry, OnLine, ProfileName};
use crate::failure::Failure;

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
    let mut problems = Problems::new(path, text);
    let table = problems.parse();
    let mut parser = Parser { problems, extent };
    let document = table.map(|table| parser.document(table)).unwrap_or_default();
    (document, parser.problems.into_failures())
}

struct Parser<'a> {
    problems: Problems<'a>,
    extent: Extent,
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
                _ => self.problems.unknown_key(&key, "", Document::KEYS),
            }
        }
        document
    }

    fn profile_choice(&mut self, value: &Value<'_>) -> Option<OnLine<ProfileName>> {
        let at = value.span().start;
        let Some(text) = value.get_ref().as_str() else {
            return self.problems.problem(at, "profile must be a string, the name of a profile");
        };
        match ProfileName::parse(text) {
            Some(name) => Some(OnLine { value: name, line: self.problems.line(at) }),
            None => self
                .problems
                .problem(at, format!("profile is not a valid name: {}", ProfileName::RULE)),
        }
    }

    /// The address of a store, which the command that uses it checks.
    fn store(&mut self, value: &Value<'_>) -> Option<OnLine<String>> {
        let at = value.span().start;
        match value.get_ref().as_str() {
            Some(text) => Some(OnLine { value: text.to_owned(), line: self.problems.line(at) }),
            None => {
                self.problems.problem(at, "store must be a string: sqlite:PATH or postgres://…")
            }
        }
    }

    fn output(&mut self, value: Value<'_>) -> OutputSection {
        let mut output = OutputSection::default();
        let Some(table) = self.problems.table(value, "output") else { return output };
        for (key, value) in table {
            match &**key.get_ref() {
                "color" => output.color = self.color(&value),
                "json" => output.json = self.flag(&value, "output.json"),
                "quiet" => output.quiet = self.flag(&value, "output.quiet"),
                _ => self.problems.unknown_key(&key, "output: ", OutputSection::KEYS),
            }
        }
        output
    }

    fn color(&mut self, value: &Value<'_>) -> Option<OnLine<Color>> {
        let at = value.span().start;
        let text = value.get_ref().as_str().unwrap_or_default();
        match Color::ALL.into_iter().find(|color| color.name() == text) {
            Some(color) => Some(OnLine { value: color, line: self.problems.line(at) }),
            None => self.problems.problem(at, "output.color must be one of auto, always, never"),
        }
    }

    fn flag(&mut self, value: &Value<'_>, name: &str) -> Option<OnLine<bool>> {
        let at = value.span().start;
        match value.get_ref().as_bool() {
            Some(flag) => Some(OnLine { value: flag, line: self.problems.line(at) }),
            None => self.problems.problem(at, format!("{name} must be true or false")),
        }
    }

    fn profiles(&mut self, value: Value<'_>, document: &mut Document) {
        let Some(table) = self.problems.table(value, "profiles") else { return };
        for (key, value) in table {
            let Some(name) = ProfileName::parse(key.get_ref()) else {
                self.problems.add(key.span().start, ProfileName::RULE);
                continue;
            };
            if let Some(profile) = self.profile(&name, &key, value) {
                document.profiles.insert(name, profile);
            }
        }
    }

    fn profile(&mut self, name: &ProfileName, key: &Key<'_>, value: Value<'_>) -> Option<Profile> {
        let path = format!("profiles.{}", name.as_str());
        let mut table = self.problems.table(value, &path)?;
        let Some((_, provider)) = table.remove_entry("provider") else {
            return self.no_provider(&path, key, &table);
        };
        let at = provider.span().start;
        let id = provider.get_ref().as_str().unwrap_or_default();
        let Some(mut account) = Account::at(id) else {
            // The library words this error, and knows other names of the providers.
            let error = IssuerConfig::for_provider(id).err()?;
            self.problems.add_failure(at, Failure::from(error).in_context(&path));
            return None;
        };
        let folder = self.problems.path().parent().unwrap_or(Path::new(""));
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
        Some(Profile { line: self.problems.line(at), account })
    }

    fn no_provider<T>(&mut self, path: &str, key: &Key<'_>, table: &DeTable<'_>) -> Option<T> {
        // A misspelt `provider` is a likelier mistake than none at all.
        let mut names = table.keys();
        let is_meant =
            |name: &&Key<'_>| strsim::damerau_levenshtein(name.get_ref(), "provider") <= 2;
        if let Some(name) = names.find(is_meant) {
            self.problems.unknown_key(name, &format!("{path}: "), &["provider"]);
            return None;
        }
        let providers = IssuerConfig::PROVIDERS.join(", ");
        self.problems.problem(
            key.span().start,
            format!("{path} has no provider; expected one of {providers}"),
        )
    }

    /// The value of a setting, whatever its kind: a wrong one is refused later, by the setting.
    fn entry(&mut self, path: &str, value: Value<'_>) -> Option<Entry> {
        let at = value.span().start;
        match Setting::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(Entry { value, line: self.problems.line(at) }),
            // The error could quote the value. It is about numbers that are too large.
            Err(_) => self.problems.problem(at, format!("{path} has a value that is out of range")),
        }
    }

    fn misplaced(&mut self, key: &Key<'_>) {
        let name = quoted(key.get_ref()).unwrap_or_else(|| "this key".to_owned());
        let at = key.span().start;
        let problem = Failure::configuration(format!(
            "{name} is not allowed in a project file, which may contain only profile and [output]"
        ));
        let step = "move it to the user's file, or to a file that you name with --config";
        self.problems.add_failure(at, problem.with_next(step));
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
                self.problems.add(key.span().start, what);
            }
            None => self.problems.unknown_key(key, &format!("{path}: "), account.keys()),
        }
    }
}
