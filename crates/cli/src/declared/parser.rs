//! From the text of the file to the keys that it declares.
//!
//! All problems are reported, not only the first. None quotes a value, which may be a misplaced secret.

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

use toml::de::{DeTable, DeValue};

use super::entry::Entry;
use super::file::DeclaredKey;
use crate::failure::Failure;
use crate::nearest::unknown;
use crate::settings::problems::{Problems, Value};

/// The only key at the top level of a file.
const KEYS: &[&str] = &["key"];

/// Parses a file, or reports all problems that its text and the names of the profiles show.
pub(crate) fn parse(
    path: &Rc<PathBuf>,
    text: &str,
    profiles: &[String],
) -> Result<Vec<DeclaredKey>, Vec<Failure>> {
    let mut problems = Problems::new(path, text);
    let table = problems.parse();
    let mut parser = Parser { problems, profiles, names: HashMap::new(), places: HashMap::new() };
    let keys = table.map(|table| parser.document(table)).unwrap_or_default();
    let problems = parser.problems.into_failures();
    if problems.is_empty() { Ok(keys) } else { Err(problems) }
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
            self.check_once(name.at, &text, |parser| &mut parser.names, &entry.label, "name");
        }
        if let Some((at, place)) = &entry.place {
            self.check_once(*at, place, |parser| &mut parser.places, &entry.label, "to");
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
        label: &str,
        key: &str,
    ) {
        let line = self.problems.line(at);
        let first = *seen(self).entry(text.to_owned()).or_insert(line);
        if first != line {
            self.problems.add(at, format!("{label}: {key} is the same as on line {first}"));
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
        let known: Vec<_> = self.profiles.iter().map(String::as_str).collect();
        self.problems.add(at, format!("{label}: {}", unknown("profile", name, &known)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[[key]]\nname = \"ci\"\nprofile = \"main\"\npreset = \"reader\"\n";

    /// The problems of a file, each with its line.
    fn problems(text: &str) -> Vec<String> {
        let (path, profiles) = (Rc::new(PathBuf::from("keys.toml")), ["main".to_owned()]);
        let problems = parse(&path, text, &profiles).expect_err("the file is invalid");
        problems.iter().map(|it| format!("{} {}", it.exit().code(), it.message())).collect()
    }

    #[test]
    fn every_problem_is_reported_with_its_line() {
        let text = "keys = 1\n[[key]]\nname = \"ci\"\nprofile = \"mian\"\n\
            needs = [\"pins:lst\"]\nto = \"fil:a\"\nleese = \"1d\"\nrotate = \"2\"\n\
            [[key]]\nfield = \"jwt\"\n[[key]]\nname = \"ci\"\n";
        assert_eq!(
            problems(text),
            [
                "78 keys.toml:1: unknown key \"keys\"; did you mean \"key\"?",
                "78 keys.toml:4: ci: unknown profile; did you mean main?",
                "78 keys.toml:5: ci: unknown permission in needs; did you mean pins:list?",
                "78 keys.toml:6: ci: unknown kind of sink; did you mean \"file\"?",
                "78 keys.toml:7: ci: unknown key \"leese\"; did you mean \"lease\"?",
                "78 keys.toml:8: ci: rotate must be a length of time",
                "78 keys.toml:9: key: name is missing",
                "78 keys.toml:9: key: profile is missing",
                "78 keys.toml:9: key: to is missing",
                "78 keys.toml:9: key: expected one of preset, needs, admin",
                "78 keys.toml:11: ci: profile is missing",
                "78 keys.toml:11: ci: to is missing",
                "78 keys.toml:11: ci: expected one of preset, needs, admin",
                "78 keys.toml:12: ci: name is the same as on line 3",
            ]
        );
    }

    #[test]
    fn values_that_contradict_each_other_are_problems() {
        for (rest, problem) in [
            (
                "to = \"file:a\"\nneeds = [\"pins:list\"]",
                "1: ci: preset cannot be combined with needs",
            ),
            (
                "to = \"file:a\"\nlease = \"30d\"\nrotate = \"30d\"",
                "7: ci: rotate must be shorter than lease",
            ),
            (
                "to = \"file:a\"\nlease = \"30d\"\nmax_lease = \"1d\"",
                "7: ci: max_lease is shorter than lease",
            ),
            ("to = \"file:a\"\nlease = \"30s\"", "6: ci: lease is shorter than 1 min"),
            (
                "to = \"file:a\"\nfield = \"jwt\"",
                "6: ci: a file with only a part of the secret cannot be replaced later",
            ),
            ("to = \"file:a\"\nprefers = [\"pins:list\"]", "1: ci: prefers belongs to needs"),
        ] {
            assert_eq!(problems(&format!("{HEAD}{rest}")), [format!("78 keys.toml:{problem}")]);
        }
        let second = HEAD.replace("ci", "other");
        let twice = format!("{HEAD}to = \"file:a\"\n{second}to = \"file:a\"\n");
        assert_eq!(problems(&twice), ["78 keys.toml:10: other: to is the same as on line 5"]);
    }

    #[test]
    fn no_problem_quotes_what_may_be_a_secret() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln";
        for key in
            ["name", "profile", "preset", "to", "lease", "max_uses", "field", "needs", "nosuchkey"]
        {
            for value in [format!("\"{token}\""), format!("[\"{token}\"]")] {
                let problems = problems(&format!("[[key]]\n{key} = {value}\n"));
                assert!(problems.iter().all(|it| !it.contains("eyJ")), "{problems:?}");
            }
        }
    }
}
