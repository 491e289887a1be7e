//! The text form of a sink.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use pinning_keys_core::contains_jwt;

use crate::text::unknown;
use crate::{SinkError, is_program_variable};

const KINDS: [&str; 4] = ["file", "env", "command", "github"];

/// What a sink is, as its text names it.
#[derive(Clone)]
pub(crate) enum Target {
    File(PathBuf),
    Env { path: PathBuf, name: String },
    Command { text: OsString, words: Vec<OsString> },
    Github { file: GithubFile, name: String },
}

/// A file through which a step of a workflow passes values on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum GithubFile {
    /// Variables of the later steps of the job.
    Env,
    /// Outputs of the step.
    Output,
}

impl Target {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Env { .. } => "env",
            Self::Command { .. } => "command",
            Self::Github { .. } => "github",
        }
    }

    /// Refuses a flag that would do nothing.
    pub(crate) fn check_overwrite(&self) -> Result<(), SinkError> {
        let advice = match self {
            Self::Env { .. } | Self::Github { .. } => return Ok(()),
            Self::File(_) => "move or delete the file first",
            Self::Command { .. } => "leave it out; the command decides what it replaces",
        };
        let message = format!("--overwrite does not apply to the sink {}", self.kind());
        Err(SinkError::usage(message).with_advice(advice))
    }

    /// Reads a sink. No error repeats its text.
    pub(crate) fn parse(spec: &OsStr) -> Result<Self, SinkError> {
        let bytes = spec.as_encoded_bytes();
        let text = String::from_utf8_lossy(bytes);
        if contains_jwt(&text) {
            return Err(SinkError::usage("the sink contains a JWT, which is a secret")
                .with_advice("name only the place; the sink gets the secret of the new key"));
        }
        let colon = bytes.iter().position(|byte| *byte == b':');
        let kind = String::from_utf8_lossy(&bytes[..colon.unwrap_or(bytes.len())]);
        let rest = colon.map(|colon| &bytes[colon + 1..]).unwrap_or_default();
        match &*kind {
            "file" | "env" | "command" | "github" if rest.is_empty() => {
                Err(form(&format!("the sink {kind} is incomplete")))
            }
            "file" => Ok(Self::File(path(rest)?.into())),
            "env" => env(rest),
            "command" => command(rest),
            "github" => github(rest),
            _ if colon.is_none() => Err(form("the sink has no kind")),
            kind => Err(form(&unknown("kind of sink", kind, &KINDS))),
        }
    }
}

fn env(rest: &[u8]) -> Result<Target, SinkError> {
    let missing = || form("the sink env names no variable");
    let hash = rest.iter().rposition(|byte| *byte == b'#').ok_or_else(missing)?;
    let (path, name) = (&rest[..hash], &rest[hash + 1..]);
    if path.is_empty() {
        return Err(form("the sink env names no file"));
    }
    Ok(Target::Env { path: self::path(path)?.into(), name: variable(name)? })
}

fn command(rest: &[u8]) -> Result<Target, SinkError> {
    let words = shlex::bytes::split(rest)
        .ok_or_else(|| SinkError::usage("a quote in the command of the sink is not closed"))?;
    let words = words.iter().map(|word| os(word)).collect::<Result<Vec<_>, _>>()?;
    match words.first() {
        Some(program) if !program.is_empty() => {
            path(program.as_encoded_bytes())?;
            Ok(Target::Command { text: os(rest)?, words })
        }
        _ => Err(form("the sink command names no program")),
    }
}

fn github(rest: &[u8]) -> Result<Target, SinkError> {
    let (file, name) = if let Some(name) = rest.strip_prefix(b"env#") {
        (GithubFile::Env, variable(name)?)
    } else if let Some(name) = rest.strip_prefix(b"output#") {
        (GithubFile::Output, output(name)?)
    } else {
        return Err(form("the sink github names neither a variable nor an output"));
    };
    Ok(Target::Github { file, name })
}

/// The name of a variable, as shells and dotenv files accept it.
fn variable(name: &[u8]) -> Result<String, SinkError> {
    let name = identifier(name, b"_").ok_or_else(|| {
        SinkError::usage("the sink's NAME is not the name of a variable")
            .with_advice("use letters, digits and _; do not start with a digit")
    })?;
    if is_program_variable(&name) {
        return Err(SinkError::usage("the sink's variable changes how programs run")
            .with_advice("choose another name"));
    }
    Ok(name)
}

/// The name of a step's output, which may also contain dashes.
fn output(name: &[u8]) -> Result<String, SinkError> {
    identifier(name, b"_-").ok_or_else(|| {
        SinkError::usage("the sink's NAME is not the name of an output")
            .with_advice("use letters, digits, _ and -; start with a letter or _")
    })
}

/// A name of letters, digits and these marks, which begins with a letter or an underscore.
fn identifier(name: &[u8], marks: &[u8]) -> Option<String> {
    let (first, rest) = name.split_first()?;
    let is_first = first.is_ascii_alphabetic() || *first == b'_';
    let is_rest = |byte: &u8| byte.is_ascii_alphanumeric() || marks.contains(byte);
    let is_valid = is_first && rest.iter().all(is_rest);
    is_valid.then(|| String::from_utf8_lossy(name).into_owned())
}

fn form(message: &str) -> SinkError {
    SinkError::usage(message).with_advice(
        "write one of  file:PATH  env:PATH#NAME  command:'PROGRAM ARGUMENTS'  github:env#NAME  \
         github:output#NAME",
    )
}

/// A path. In the middle of a word, shells leave `~` alone.
fn path(bytes: &[u8]) -> Result<OsString, SinkError> {
    if bytes == b"~" || bytes.starts_with(b"~/") {
        return Err(SinkError::usage("the path of the sink begins with ~, which is no folder")
            .with_advice("write $HOME instead, such as  --to \"file:$HOME/key.json\""));
    }
    os(bytes)
}

/// A part of the text as the system's own form of text.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
fn os(bytes: &[u8]) -> Result<OsString, SinkError> {
    use std::os::unix::ffi::OsStringExt as _;
    Ok(OsString::from_vec(bytes.to_vec()))
}

/// A part of the text as the system's own form of text.
#[cfg(not(unix))]
fn os(bytes: &[u8]) -> Result<OsString, SinkError> {
    let text = std::str::from_utf8(bytes);
    text.map(OsString::from).map_err(|_| SinkError::usage("the sink is not valid Unicode"))
}
