//! One key of the file: its values, and the declaration that they make.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys::{Error, KeyName, PermissionSet, ScopeRequest};
use pinning_keys_lifecycle::Lease;
use pinning_keys_sinks::{Field, SinkSpec};
use toml::de::DeTable;

use super::file::DeclaredKey;
use super::values::{admin, duration, label, name, text, texts, uses};
use super::words::in_words_of_the_file;
use crate::failure::Failure;
use crate::presets;
use crate::scope_args::permissions;
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
    /// How problems name the entry.
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
    is_command: bool,
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
        self.is_command = text.starts_with("command:");
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
        let is_consistent = self.check_times(problems) & self.check_field(problems);
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
            is_command: self.is_command,
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

    /// A file is replaced only if it names the key that it belongs to, which a part of the secret does
    /// not.
    fn check_field(&self, problems: &mut Problems<'_>) -> bool {
        let is_file = self.place.as_ref().is_some_and(|(_, place)| place.starts_with("file:"));
        let Some(field) = self.field.as_ref().filter(|it| is_file && it.value != Field::Json)
        else {
            return true;
        };
        let what = "a file with only a part of the secret cannot be replaced later";
        let failure = Failure::configuration(what)
            .with_next("leave out field, or use a variable in a file:  to = \"env:PATH#NAME\"");
        problems.add_failure(field.at, failure.in_context(&self.label));
        false
    }

    fn check_times(&self, problems: &mut Problems<'_>) -> bool {
        let label = &self.label;
        if let (Some(max), false) = (&self.max_lease, self.has.contains("lease")) {
            problems.add(max.at, format!("{label}: max_lease needs a lease"));
            return false;
        }
        let Some(lease) = &self.lease else { return true };
        if lease.value < Lease::MIN {
            problems.add(lease.at, format!("{label}: lease is shorter than 1 min"));
            return false;
        }
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
