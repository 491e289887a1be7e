//! One key of the file: its values, and what they add up to.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys::{Error, KeyName, PermissionSet, ScopeRequest};
use pinning_keys_sinks::{Field, SinkSpec};
use toml::de::{DeTable, DeValue};

use super::file::DeclaredKey;
use crate::durations;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::selector::is_reference;
use crate::output::escape::escaped;
use crate::presets;
use crate::scope_args::permissions;
use crate::secret_words::looks_secret;
use crate::settings::problems::{Problems, Value};
use crate::tables::check_tolerance;

/// The keys of an entry.
pub(super) const KEYS: &[&str] = &[
    "admin",
    "field",
    "lease",
    "max_lease",
    "max_uses",
    "name",
    "needs",
    "overlap",
    "prefers",
    "preset",
    "profile",
    "rotate",
    "to",
    "tolerates",
];

/// A value and the byte at which it is.
#[derive(Clone)]
pub(super) struct At<T> {
    pub(super) at: usize,
    pub(super) value: T,
}

/// The values of an entry that are valid by themselves.
#[derive(Default)]
pub(super) struct Entry {
    at: usize,
    /// What problems call the entry.
    pub(super) label: String,
    /// The keys that the entry has, whether or not their values are valid.
    has: BTreeSet<String>,
    has_problem: bool,
    pub(super) name: Option<At<KeyName>>,
    pub(super) profile: Option<At<String>>,
    preset: Option<At<ScopeRequest>>,
    needs: Option<At<PermissionSet>>,
    prefers: Option<At<PermissionSet>>,
    tolerates: Option<At<Vec<String>>>,
    admin: Option<At<()>>,
    max_uses: Option<At<NonZeroU64>>,
    lease: Option<At<Duration>>,
    max_lease: Option<At<Duration>>,
    rotate: Option<At<Duration>>,
    overlap: Option<At<Duration>>,
    field: Option<At<Field>>,
    to: Option<At<SinkSpec>>,
    /// The file, or the variable in a file, that gets the secret. Commands may share their text.
    pub(super) place: Option<(usize, String)>,
}

impl Entry {
    /// Reads the values of an entry at this byte.
    pub(super) fn read(problems: &mut Problems<'_>, at: usize, table: DeTable<'_>) -> Self {
        let has = table.keys().map(|key| key.get_ref().to_string()).collect();
        let label = table.get("name").and_then(|name| label(name.get_ref().as_str()?));
        let label = label.unwrap_or_else(|| "key".to_owned());
        let mut entry = Self { at, label, has, ..Self::default() };
        for (key, value) in table {
            let at = value.span().start;
            match entry.set(key.get_ref(), &value) {
                Ok(true) => continue,
                Ok(false) => {
                    problems.unknown_key(&key, &format!("{}: ", entry.label), KEYS);
                }
                Err(failure) => {
                    let failure = in_words_of_the_file(failure).in_context(&entry.label);
                    problems.add_failure(at, failure);
                }
            }
            entry.has_problem = true;
        }
        entry
    }

    /// Sets the value of a key. Returns whether there is such a key.
    fn set(&mut self, key: &str, value: &Value<'_>) -> Result<bool, Failure> {
        let at = value.span().start;
        match key {
            "name" => self.name = Some(At { at, value: name(text(key, value)?)? }),
            "profile" => self.profile = Some(At { at, value: text(key, value)?.to_owned() }),
            "preset" => self.preset = Some(At { at, value: presets::named(text(key, value)?)? }),
            "needs" => self.needs = Some(At { at, value: permissions(key, &texts(key, value)?)? }),
            "prefers" => {
                self.prefers = Some(At { at, value: permissions(key, &texts(key, value)?)? });
            }
            "tolerates" => {
                let names = texts(key, value)?;
                names.iter().try_for_each(|name| check_tolerance(key, name))?;
                self.tolerates = Some(At { at, value: names });
            }
            "admin" => self.admin = Some(At { at, value: admin(value)? }),
            "max_uses" => self.max_uses = Some(At { at, value: uses(value)? }),
            "lease" => self.lease = Some(At { at, value: duration(key, value)? }),
            "max_lease" => self.max_lease = Some(At { at, value: duration(key, value)? }),
            "rotate" => self.rotate = Some(At { at, value: duration(key, value)? }),
            "overlap" => self.overlap = Some(At { at, value: duration(key, value)? }),
            "field" => self.field = Some(At { at, value: text(key, value)?.parse::<Field>()? }),
            "to" => self.set_destination(at, text(key, value)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_destination(&mut self, at: usize, text: &str) -> Result<(), Failure> {
        self.to = Some(At { at, value: SinkSpec::parse(text)? });
        if text.starts_with("file:") || text.starts_with("env:") {
            self.place = Some((at, text.to_owned()));
        }
        Ok(())
    }

    /// The key that the entry declares; `None` if there is a problem with it.
    pub(super) fn finish(self, problems: &mut Problems<'_>) -> Option<DeclaredKey> {
        for required in ["name", "profile", "to"] {
            if !self.has.contains(required) {
                problems.add(self.at, format!("{}: {required} is missing", self.label));
            }
        }
        let scope = self.scope(problems);
        let is_consistent = self.check_times(problems);
        if !is_consistent || self.has_problem {
            return None;
        }
        let to = self.field.into_iter().fold(self.to?.value, |to, it| to.with_field(it.value));
        Some(DeclaredKey {
            name: self.name?.value,
            profile: self.profile?.value,
            scope: scope?,
            max_uses: self.max_uses.map(|it| it.value),
            lease: self.lease.map(|it| it.value),
            max_lease: self.max_lease.map(|it| it.value),
            rotate: self.rotate.map(|it| it.value),
            overlap: self.overlap.map(|it| it.value).unwrap_or_default(),
            to,
        })
    }

    fn scope(&self, problems: &mut Problems<'_>) -> Option<ScopeRequest> {
        let label = &self.label;
        let scopes = ["preset", "needs", "admin"];
        let named: Vec<_> = scopes.into_iter().filter(|key| self.has.contains(*key)).collect();
        match named[..] {
            [_] => {}
            [] => {
                return problems
                    .problem(self.at, format!("{label}: expected one of preset, needs, admin"));
            }
            [first, second, ..] => {
                let what = format!("{label}: {first} cannot be combined with {second}");
                return problems.problem(self.at, what);
            }
        }
        for (key, other, is_allowed) in [
            ("prefers", "needs", self.has.contains("needs")),
            ("tolerates", "needs or preset", !self.has.contains("admin")),
        ] {
            if self.has.contains(key) && !is_allowed {
                return problems.problem(self.at, format!("{label}: {key} belongs to {other}"));
            }
        }
        if self.admin.is_some() {
            return Some(ScopeRequest::admin());
        }
        let floor = match &self.preset {
            Some(preset) => preset.value.clone(),
            None => ScopeRequest::needs(self.needs.as_ref()?.value),
        };
        let floor = self.prefers.iter().fold(floor, |scope, it| scope.prefers(it.value));
        let tolerates = self.tolerates.iter().flat_map(|it| it.value.clone());
        let scope = tolerates.fold(floor, ScopeRequest::tolerates);
        if let Err(error) = scope.check() {
            let failure = in_words_of_the_file(Error::from(error).into());
            problems.add_failure(self.at, failure.in_context(label));
            return None;
        }
        Some(scope)
    }

    fn check_times(&self, problems: &mut Problems<'_>) -> bool {
        let label = &self.label;
        if let (Some(max), false) = (&self.max_lease, self.has.contains("lease")) {
            problems.add(max.at, format!("{label}: max_lease needs a lease"));
            return false;
        }
        let Some(lease) = &self.lease else { return true };
        if let Some(max) = self.max_lease.as_ref().filter(|max| max.value < lease.value) {
            problems.add(max.at, format!("{label}: max_lease is shorter than lease"));
            return false;
        }
        if let Some(rotate) = self.rotate.as_ref().filter(|it| it.value >= lease.value) {
            let failure = Failure::configuration("rotate must be shorter than lease")
                .with_next("otherwise the key ends before it is replaced");
            problems.add_failure(rotate.at, failure.in_context(label));
            return false;
        }
        true
    }
}

/// The name of a key for problems, unless it may be a secret.
fn label(name: &str) -> Option<String> {
    let is_short = name.len() <= KeyName::MAX_CHARS.min(80) && !name.is_empty();
    (is_short && !looks_secret(name)).then(|| escaped(name))
}

fn text<'a>(key: &str, value: &'a Value<'_>) -> Result<&'a str, Failure> {
    let text = value.get_ref().as_str();
    text.ok_or_else(|| Failure::configuration(format!("{key} must be a string")))
}

fn texts(key: &str, value: &Value<'_>) -> Result<Vec<String>, Failure> {
    let wrong = || Failure::configuration(format!("{key} must be a list of strings"));
    let DeValue::Array(items) = value.get_ref() else { return Err(wrong()) };
    if items.is_empty() {
        return Err(Failure::configuration(format!("{key} is empty")));
    }
    items.iter().map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

fn name(text: &str) -> Result<KeyName, Failure> {
    if looks_secret(text) {
        return Err(Failure::configuration("name looks like a secret, which every listing shows"));
    }
    if is_reference(text) {
        let what = "name looks like a key reference (\"v1:…\"), so no command could find the key";
        return Err(Failure::configuration(what));
    }
    Ok(KeyName::new(text)?)
}

fn admin(value: &Value<'_>) -> Result<(), Failure> {
    match value.get_ref().as_bool() {
        Some(true) => Ok(()),
        _ => Err(Failure::configuration("admin must be true, or left out")),
    }
}

fn uses(value: &Value<'_>) -> Result<NonZeroU64, Failure> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => {
            let digits = number.as_str();
            u64::from_str_radix(digits, number.radix()).ok().and_then(NonZeroU64::new)
        }
        _ => None,
    };
    number.ok_or_else(|| Failure::configuration("max_uses must be a whole number of at least 1"))
}

fn duration(key: &str, value: &Value<'_>) -> Result<Duration, Failure> {
    let read = value.get_ref().as_str().and_then(durations::parse);
    read.ok_or_else(|| {
        Failure::configuration(format!("{key} must be a length of time"))
            .with_next(format!("for example:  {key} = \"90min\", \"12h\", \"30d\" or \"8w\""))
    })
}

/// A failure about flags, in words for the file. It concerns the configuration.
pub(super) fn in_words_of_the_file(failure: Failure) -> Failure {
    const WORDS: [(&str, &str); 7] = [
        ("--tolerates ", "tolerates: "),
        ("--needs ", "needs: "),
        ("--table endpoints", "table = \"endpoints\" in the profile"),
        ("--table resources", "table = \"resources\" in the profile"),
        ("--to ", "to: "),
        ("--admin", "admin = true"),
        ("--", ""),
    ];
    let reword = |line: &String| {
        WORDS.iter().fold(line.clone(), |line, (flag, word)| line.replace(flag, word))
    };
    let lines: Vec<_> = failure.next().iter().map(reword).collect();
    failure.with_exit(Exit::Configuration).with_only_next(lines)
}
