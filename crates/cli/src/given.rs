//! The credential that `verify` and `probe` are about.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use pinning_keys::adapter::Setting;
use pinning_keys::credentials::SecretFrom;
use pinning_keys::{Credential, KeyName, KeyRef};
use pinning_keys_sinks::StoredKey;
use secrecy::{ExposeSecret as _, SecretString};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::{Interrupt, interrupted};
use crate::output::Output;
use crate::secret_words::refuse_secret;

/// More than any credential has. A larger input is something else.
const MAX_BYTES: u64 = 64 * 1024;

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct CredentialArgs {
    /// Read the credential from this file, which `issue --to file:` writes
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Read the credential from stdin, without echo on a terminal: a JWT, or the text of such a
    /// file
    #[arg(value_name = "-", allow_hyphen_values = true)]
    stdin: Option<OsString>,
}

/// A credential as it was given.
pub(crate) enum Given {
    /// From a file that the program wrote, or its text.
    Stored(Box<StoredKey>),
    /// A token alone, which does not say which provider it belongs to.
    Token(SecretString),
}

impl CredentialArgs {
    /// Whether stdin is taken, so that questions go to the terminal itself.
    pub(crate) fn takes_stdin(&self) -> bool {
        self.file.is_none()
    }

    /// Reads the credential. This waits for a person or another program.
    pub(crate) fn read(&self, output: &Output, interrupt: &Interrupt) -> Result<Given, Failure> {
        let text = match (&self.file, &self.stdin) {
            (Some(path), _) => interrupt.while_asking(|| read_file(path, output))?,
            (None, Some(dash)) if dash == "-" => return Given::from_stdin(interrupt),
            _ => {
                return Err(Failure::usage(
                    "a credential is not taken as an argument, which others can see",
                )
                .with_next("give - instead, and the credential on stdin, or --file FILE")
                .with_next("if it is secret, revoke it: the shell may have stored the command"));
            }
        };
        Given::parse(&text)
    }
}

fn read_file(path: &Path, output: &Output) -> Result<SecretString, Failure> {
    refuse_secret("the path of --file", &path.to_string_lossy())?;
    // The path is not shown: a credential may have been given in its place.
    let failed = |what: &str| Failure::new(Exit::Failed, format!("the file of --file {what}"));
    let describe = |error: io::Error| failed(&format!("cannot be read: {}", error.kind()));
    let file = File::open(path).map_err(describe)?;
    let metadata = file.metadata().map_err(describe)?;
    if metadata.is_dir() {
        return Err(failed("is a folder"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
            output.warn("the file of --file holds a secret, and others can read it: chmod 600");
        }
    }
    #[cfg(not(unix))]
    let _ = output;
    read_text(file).map_err(|fault| match fault {
        Fault::Io(error) => describe(error),
        Fault::TooLong => failed(&format!("is longer than {MAX_BYTES} bytes")),
        Fault::NotUtf8 => failed("is not UTF-8"),
    })
}

/// Asks for the credential. Its Ctrl-C is a signal to this program too.
fn read_terminal() -> Result<SecretString, Failure> {
    match rpassword::prompt_password("Credential (not shown), then Enter: ") {
        Ok(text) => Ok(text.into()),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(interrupted()),
        Err(error) => Err(of_stdin(&format!("cannot be read: {}", error.kind()))),
    }
}

fn read_stdin() -> Result<SecretString, Failure> {
    read_text(io::stdin().lock()).map_err(|fault| match fault {
        Fault::Io(error) => of_stdin(&format!("cannot be read: {}", error.kind())),
        Fault::TooLong => of_stdin(&format!("has more than {MAX_BYTES} bytes")),
        Fault::NotUtf8 => of_stdin("is not UTF-8"),
    })
}

fn of_stdin(what: &str) -> Failure {
    Failure::new(Exit::Failed, format!("stdin {what}"))
}

enum Fault {
    Io(io::Error),
    TooLong,
    NotUtf8,
}

fn read_text(source: impl Read) -> Result<SecretString, Fault> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Fault::Io)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Fault::TooLong);
    }
    String::from_utf8(bytes).map(Into::into).map_err(|_| Fault::NotUtf8)
}

impl Given {
    /// Reads the credential from stdin. This waits for a person or another program.
    pub(crate) fn from_stdin(interrupt: &Interrupt) -> Result<Self, Failure> {
        let is_terminal = io::stdin().is_terminal();
        let read = if is_terminal { read_terminal } else { read_stdin };
        Self::parse(&interrupt.while_asking(read)?)
    }

    /// Reads the text of a file that the program wrote, or a token. The errors never quote it.
    fn parse(text: &SecretString) -> Result<Self, Failure> {
        let is_surround = |c: char| c.is_whitespace() || c == '\u{feff}';
        if text.expose_secret().trim_start_matches(is_surround).starts_with('{') {
            let text = text.expose_secret().trim_matches(is_surround);
            let stored = StoredKey::from_json(text.as_bytes()).map_err(|error| {
                Failure::new(Exit::Failed, format!("the credential cannot be read: {error}"))
                    .with_next("give the file that `issue --to file:` wrote, or a JWT alone")
            })?;
            return Ok(Self::Stored(Box::new(stored)));
        }
        let token = SecretString::from(bare_token(text.expose_secret()));
        let what_to_give = "give a JWT alone, or the file that `issue --to file:` wrote";
        match Setting::from(token).secret("the credential") {
            Ok(SecretFrom::Text(token)) => Ok(Self::Token(token)),
            Ok(_) => Err(Failure::new(Exit::Failed, "the credential is not a text")),
            Err(error) => Err(Failure::from(error)
                .with_exit(Exit::Failed)
                .with_only_next([what_to_give.to_owned()])),
        }
    }

    /// The provider that the credential names; a token names none.
    pub(crate) fn provider(&self) -> Option<&str> {
        match self {
            Self::Stored(key) => Some(key.credential().provider()),
            Self::Token(_) => None,
        }
    }

    /// The credential, for this provider, and what is stored beside it.
    pub(crate) fn into_parts(self, provider: &str) -> Result<Parts, Failure> {
        match self {
            Self::Stored(key) => {
                let (key_ref, name) = (key.key_ref().cloned(), key.name().cloned());
                Ok((key.into_credential(), key_ref, name))
            }
            Self::Token(token) => {
                let credential = Credential::bearer(provider, token)
                    .map_err(|error| Failure::from(error).with_exit(Exit::Failed))?;
                Ok((credential, None, None))
            }
        }
    }
}

/// The token in a text that was copied with what surrounds it: a header, or a line of an env file.
/// People copy a leaked token as they find it.
fn bare_token(text: &str) -> &str {
    let text = text.trim();
    let is_name = |name: &str| {
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let text = match text.split_once('=') {
        // Base 64 ends with equals signs, too, but nothing follows them.
        Some((name, value)) if is_name(name) && value.contains(|c| c != '=') => value.trim(),
        _ => text,
    };
    let text = text.trim_matches(['"', '\'']);
    let is_header = |prefix: &&str| {
        text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let prefix =
        ["Authorization: Bearer ", "Authorization:Bearer ", "Bearer "].into_iter().find(is_header);
    prefix.map_or(text, |prefix| text[prefix.len()..].trim())
}

type Parts = (Credential, Option<KeyRef>, Option<KeyName>);
