//! The configuration files: which ones there are, and what they say.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use etcetera::BaseStrategy as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::origin::shown;
use super::parser::{self, Extent};
use super::sections::Document;
use crate::failure::Failure;

/// The name of the project file, which is looked for in the working folder and those above it.
pub(crate) const PROJECT_FILE: &str = ".pinning-keys.toml";

/// Longer than any configuration: a longer file is another file.
const MAX_BYTES: u64 = 1024 * 1024;

/// What made the program read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// `--config` or `PINNING_KEYS_CONFIG`.
    Named,
    /// Found in the working folder or the nearest folder above it.
    Project,
    /// In the user's configuration folder.
    User,
}

impl Kind {
    /// What the file is called in a table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Named => "file of --config",
            Self::Project => "project file",
            Self::User => "user's file",
        }
    }
}

/// A configuration file that was looked for.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    pub(crate) kind: Kind,
    pub(crate) path: Rc<PathBuf>,
    pub(crate) exists: bool,
    pub(crate) document: Document,
}

/// A file that a flag or a variable names.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) path: PathBuf,
    pub(crate) by: &'static str,
}

/// The files in the order of their precedence, the highest first, and all problems in them.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) all: Vec<ConfigFile>,
    pub(crate) problems: Vec<Failure>,
}

impl Files {
    /// Reads the file with this path, the project file and the user's file.
    pub(crate) fn read(named: Option<Named>) -> Self {
        let mut files = Self::default();
        if let Some(Named { path, by }) = named {
            if fs::symlink_metadata(&path).is_ok() {
                files.add(Kind::Named, path);
            } else {
                // The path is not shown: something else may have been put in its place.
                let what = format!("{by} names a file that does not exist");
                files.problems.push(Failure::configuration(what));
            }
        }
        if let Some(path) = project_file() {
            files.add(Kind::Project, path);
        }
        if let Some(path) = user_file() {
            files.add(Kind::User, path);
        }
        files
    }

    /// The files that may define profiles, the highest precedence first.
    pub(crate) fn with_profiles(&self) -> impl Iterator<Item = &ConfigFile> {
        self.all.iter().filter(|file| file.kind != Kind::Project)
    }

    fn add(&mut self, kind: Kind, path: PathBuf) {
        // A file that is found in two ways is read once, with the higher precedence.
        if self.all.iter().any(|file| is_same(&file.path, &path)) {
            return;
        }
        let path = Rc::new(path);
        let (exists, document) = match read(&path, kind) {
            Ok(Some(text)) => {
                let extent = if kind == Kind::Project { Extent::Project } else { Extent::Full };
                let (document, problems) = parser::parse(&path, text.expose_secret(), extent);
                self.problems.extend(problems);
                (true, document)
            }
            Ok(None) => (false, Document::default()),
            Err(problem) => {
                self.problems.push(problem);
                (true, Document::default())
            }
        };
        self.all.push(ConfigFile { kind, path, exists, document });
    }
}

/// The path of the user's file, whether or not it exists; none if there is no home folder.
pub(crate) fn user_file() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("pinning-keys").join("config.toml"))
}

fn project_file() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    let candidates = folder.ancestors().map(|folder| folder.join(PROJECT_FILE));
    // A broken link is found as well, and reported.
    candidates.into_iter().find(|path| fs::symlink_metadata(path).is_ok())
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// The text of a file; nothing if the user has none.
fn read(path: &Path, kind: Kind) -> Result<Option<SecretString>, Failure> {
    let fault =
        |what: &str| Failure::configuration(format!("{} {}: {what}", kind.name(), shown(path)));
    let unreadable = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => fault("file not found"),
        kind => fault(&kind.to_string()),
    };
    match fs::metadata(path) {
        Err(error) if kind == Kind::User && is_missing(&error) => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
        Ok(file) if file.is_dir() => return Err(fault("it is a directory")),
        // A pipe that is found by itself could block forever. One that is named may be meant.
        Ok(file) if kind != Kind::Named && !file.is_file() => {
            return Err(fault("it is not a regular file"));
        }
        Ok(_) => {}
    }
    text_of(path, fault).map(Some)
}

/// The text of a file. `fault` turns a description of the problem into a failure.
pub(crate) fn text_of(
    path: &Path,
    fault: impl Fn(&str) -> Failure,
) -> Result<SecretString, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => fault("file not found"),
        kind => fault(&kind.to_string()),
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(fault("it is longer than 1 MiB"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| fault("it is not valid UTF-8").with_next("save it as UTF-8"))?;
    Ok(text.into())
}

/// Whether the user has no such file, as opposed to one that cannot be read.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
