//! Whatever sources are combined, each setting comes from the documented one, the credential and
//! its address come from the same one, and no secret is printed.

use std::fmt::Write as _;

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use super::{PROJECT_FILE, USER_FILE, empty, protect, run_with, shown};
use crate::support::Stand;

const TABLES: [&str; 2] = ["resources", "endpoints"];
const NAMES: [&str; 2] = ["alpha", "beta"];
const COLORS: [&str; 3] = ["auto", "always", "never"];

/// What a configuration file says.
#[derive(Clone, Debug)]
struct File {
    choice: Option<&'static str>,
    color: Option<&'static str>,
    /// The profiles that it has, in the order of their names.
    profiles: [Option<Profile>; 2],
}

#[derive(Clone, Copy, Debug)]
struct Profile {
    table: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Sources {
    profile_flag: Option<&'static str>,
    profile_variable: Option<&'static str>,
    table_flag: Option<&'static str>,
    table_variable: Option<&'static str>,
    color_flag: Option<&'static str>,
    no_color: Option<&'static str>,
    credential: bool,
    base_url: bool,
    pinata_jwt: Option<&'static str>,
    named: Option<File>,
    project: Option<File>,
    user: Option<File>,
}

impl File {
    fn any(has_profiles: bool) -> impl Strategy<Value = Self> {
        let profile = || of(of(select(&TABLES[..])).prop_map(|table| Profile { table }));
        let profiles = [profile(), profile()]
            .prop_map(move |profiles| if has_profiles { profiles } else { [None, None] });
        (of(select(&NAMES[..])), of(select(&COLORS[..])), profiles)
            .prop_map(|(choice, color, profiles)| Self { choice, color, profiles })
    }

    fn text(&self, origin: &str) -> String {
        let mut text = String::new();
        if let Some(name) = self.choice {
            writeln!(text, "profile = {name:?}").expect("a string");
        }
        if let Some(color) = self.color {
            writeln!(text, "[output]\ncolor = {color:?}").expect("a string");
        }
        for (name, profile) in NAMES.iter().zip(self.profiles) {
            let Some(Profile { table }) = profile else { continue };
            let url = format!("https://{origin}-{name}.example");
            writeln!(text, "[profiles.{name}]\nprovider = \"pinata\"").expect("a string");
            writeln!(text, "jwt = \"canary-{origin}\"\nbase_url = {url:?}").expect("a string");
            if let Some(table) = table {
                writeln!(text, "table = {table:?}").expect("a string");
            }
        }
        text
    }

    fn profile(&self, name: &str) -> Option<Profile> {
        let at = NAMES.iter().position(|known| *known == name)?;
        self.profiles[at]
    }
}

impl Sources {
    fn any() -> impl Strategy<Value = Self> {
        let name = || of(select(&NAMES[..]));
        let flags = (name(), name(), of(select(&TABLES[..])), of(select(&TABLES[..])));
        let others = (of(Just("1")), of(Just("canary-of-another-program")));
        let files = (of(File::any(true)), of(File::any(false)), of(File::any(true)));
        (flags, of(select(&COLORS[..])), any::<[bool; 2]>(), others, files).prop_map(
            |(flags, color_flag, [credential, base_url], (no_color, pinata_jwt), files)| Self {
                profile_flag: flags.0,
                profile_variable: flags.1,
                table_flag: flags.2,
                table_variable: flags.3,
                color_flag,
                no_color,
                credential,
                base_url,
                pinata_jwt,
                named: files.0,
                project: files.1,
                user: files.2,
            },
        )
    }

    /// The profile and the file that has it; nothing for the environment, and an error if no account
    /// can be selected.
    fn account(&self) -> Result<Option<(&'static str, &'static str)>, ()> {
        let has = |file: &Option<File>, name: &str| {
            file.as_ref().is_some_and(|file| file.profile(name).is_some())
        };
        let find = |name| match name {
            _ if has(&self.named, name) => Ok(Some((name, "named"))),
            _ if has(&self.user, name) => Ok(Some((name, "user"))),
            _ => Err(()),
        };
        let elsewhere = self.credential || self.base_url;
        if let Some(name) = self.profile_flag.or(self.profile_variable) {
            return if elsewhere { Err(()) } else { find(name) };
        }
        if self.credential {
            return Ok(None);
        }
        let files = [&self.named, &self.project, &self.user].into_iter().flatten();
        let choice = files.into_iter().find_map(|file| file.choice);
        let known: Vec<_> = NAMES.into_iter().filter(|name| find(name).is_ok()).collect();
        match (choice, &known[..]) {
            (None, []) if self.pinata_jwt.is_some() => Ok(None),
            (None, [] | [_, _, ..]) => Err(()),
            (Some(name), _) | (None, &[name]) => {
                if self.base_url {
                    Err(())
                } else {
                    find(name)
                }
            }
        }
    }

    fn base_url(&self, account: Option<(&str, &str)>) -> String {
        match account {
            Some((name, file)) => format!("https://{file}-{name}.example from {}", file_name(file)),
            None if self.base_url => "https://env.example from PINNING_KEYS_BASE_URL".to_owned(),
            None => "https://api.pinata.cloud from default".to_owned(),
        }
    }

    fn table(&self, account: Option<(&str, &str)>) -> String {
        let in_file = account.and_then(|(name, file)| {
            let file = if file == "named" { &self.named } else { &self.user };
            file.as_ref()?.profile(name)?.table
        });
        if let Some(table) = self.table_flag {
            format!("{table} from --table")
        } else if let Some(table) = self.table_variable {
            format!("{table} from PINNING_KEYS_TABLE")
        } else if let (Some(table), Some((_, file))) = (in_file, account) {
            format!("{table} from {}", file_name(file))
        } else {
            "resources from default".to_owned()
        }
    }

    fn color(&self) -> String {
        let files = [("named", &self.named), ("project", &self.project), ("user", &self.user)];
        let in_file =
            files.into_iter().find_map(|(name, file)| Some((name, file.as_ref()?.color?)));
        match (self.color_flag, in_file) {
            (Some(color), _) => format!("{color} from --color"),
            _ if self.no_color.is_some() => "never from NO_COLOR".to_owned(),
            (None, Some((file, color))) => format!("{color} from {}", file_name(file)),
            (None, None) => "auto from default".to_owned(),
        }
    }
}

fn file_name(file: &str) -> &'static str {
    match file {
        "named" => "named.toml",
        "project" => PROJECT_FILE,
        _ => "config.toml",
    }
}

/// `value from file:line` without the line.
fn without_line(text: &str) -> &str {
    text.rsplit_once(".toml:").map_or(text, |(before, _)| &text[..before.len() + 5])
}

fn check(stand: &Stand, sources: &Sources) {
    let files = [
        ("named.toml", "named", &sources.named),
        (PROJECT_FILE, "project", &sources.project),
        (USER_FILE, "user", &sources.user),
    ];
    for (path, origin, file) in files {
        let _ = std::fs::remove_file(stand.home().join(path));
        if let Some(file) = file {
            stand.write(path, &file.text(origin));
            protect(stand, path);
        }
    }
    let mut line = "config --json".to_owned();
    let flags = [
        ("--profile", sources.profile_flag),
        ("--table", sources.table_flag),
        ("--color", sources.color_flag),
        ("--config", sources.named.as_ref().map(|_| "named.toml")),
    ];
    for (flag, value) in flags {
        if let Some(value) = value {
            write!(line, " {flag} {value}").expect("a string");
        }
    }
    let variables = [
        ("PINNING_KEYS_PROFILE", sources.profile_variable),
        ("PINNING_KEYS_TABLE", sources.table_variable),
        ("NO_COLOR", sources.no_color),
        ("PINNING_KEYS_PROVIDER", sources.credential.then_some("pinata")),
        ("PINNING_KEYS_JWT", sources.credential.then_some("canary-environment")),
        ("PINNING_KEYS_BASE_URL", sources.base_url.then_some("https://env.example")),
        ("PINATA_JWT", sources.pinata_jwt),
    ];
    let variables = variables.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let run = run_with(stand, &line, &variables.collect::<Vec<_>>());
    assert!(!format!("{run:?}").contains("canary"), "{run:?}");
    assert_eq!(without_line(&shown(&run, "color")), sources.color());
    let shown = |name| without_line(&shown(&run, name)).to_owned();
    match sources.account() {
        // With neither an account nor anything that names a part of one, nothing is wrong.
        Err(()) => assert!(run.code == 78 || shown("provider") == "none", "{run:?}"),
        Ok(account) => {
            assert_eq!(run.code, 0, "{run:?}");
            assert_eq!(shown("base_url"), sources.base_url(account));
            assert_eq!(shown("table"), sources.table(account));
            let jwt = match account {
                Some((_, file)) => file_name(file),
                None if sources.credential => "PINNING_KEYS_JWT",
                None => "PINATA_JWT",
            };
            assert_eq!(shown("jwt"), format!("set from {jwt}"));
        }
    }
}

#[test]
fn every_combination_of_sources_follows_the_precedence() {
    let stand = empty();
    let mut runner = TestRunner::new(Config { cases: 400, ..Config::default() });
    runner
        .run(&Sources::any(), |sources| {
            check(&stand, &sources);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
