//! Where a setting came from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::Serialize;

use crate::output::escape::escaped_os;

/// A line of a configuration file.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) path: Rc<PathBuf>,
    pub(crate) line: usize,
}

/// Where the value of a setting came from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Flag(&'static str),
    Variable(&'static str),
    File(Place),
    Default,
}

/// In the form that editors and terminals turn into a link: `config.toml:7`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", shown(&self.path), self.line)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File(place) => place.fmt(f),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "kind", rename_all = "lowercase")]
        enum Form<'a> {
            Flag { name: &'a str },
            Variable { name: &'a str },
            File { path: String, line: usize },
            Default,
        }
        match self {
            Self::Flag(name) => Form::Flag { name },
            Self::Variable(name) => Form::Variable { name },
            Self::File(place) => {
                Form::File { path: place.path.to_string_lossy().into_owned(), line: place.line }
            }
            Self::Default => Form::Default,
        }
        .serialize(serializer)
    }
}

/// A path for people.
pub(crate) fn shown(path: &Path) -> String {
    escaped_os(path.as_os_str())
}
