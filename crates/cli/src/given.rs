//! The credential that `verify` and `probe` are about.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use pinning_keys::adapter::Setting;
use pinning_keys::credentials::SecretFrom;
use pinning_keys::{Credential, KeyRef};
use secrecy::{ExposeSecret as _, SecretString};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

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
    Stored(StoredKey),
    /// A token alone, which does not say which provider it belongs to.
    Token(SecretString),
}

impl CredentialArgs {
    /// Reads the credential. This waits for a person or another program.
    pub(crate) fn read(&self, output: &Output) -> Result<Given, Failure> {
        let text = match (&self.file, &self.stdin) {
            (Some(path), _) => read_file(path, output)?,
            (None, Some(dash)) if dash == "-" => read_stdin()?,
            _ => {
                return Err(Failure::usage(
                    "a credential is not taken as an argument, which others can see",
                )
                .with_next("give - instead, and the credential on stdin, or --file FILE")
                .with_next("if it is secret, revoke it: the shell may have stored the command"));
            }
        };
        Given::parse(text)
    }
}

fn read_file(path: &Path, output: &Output) -> Result<SecretString, Failure> {
    // The path is not shown: a credential may have been given in its place.
    let failed = |what: &str| {
        let failure = Failure::new(Exit::Failed, format!("the file of --file {what}"));
        if path.as_os_str().as_encoded_bytes().starts_with(b"eyJ") {
            failure.with_next("--file takes the path of a file; give - to read a JWT from stdin")
        } else {
            failure
        }
    };
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

fn read_stdin() -> Result<SecretString, Failure> {
    let failed = |what: &str| Failure::new(Exit::Failed, format!("stdin {what}"));
    let describe = |error: io::Error| failed(&format!("cannot be read: {}", error.kind()));
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return match rpassword::prompt_password("Credential (not shown): ") {
            Ok(text) => Ok(text.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                Err(crate::interrupt::interrupted())
            }
            Err(error) => Err(describe(error)),
        };
    }
    read_text(stdin.lock()).map_err(|fault| match fault {
        Fault::Io(error) => describe(error),
        Fault::TooLong => failed(&format!("has more than {MAX_BYTES} bytes")),
        Fault::NotUtf8 => failed("is not UTF-8"),
    })
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
    /// Reads the text of a file that the program wrote, or a token. The errors never quote it.
    fn parse(text: SecretString) -> Result<Self, Failure> {
        let is_surround = |c: char| c.is_whitespace() || c == '\u{feff}';
        if text.expose_secret().trim_start_matches(is_surround).starts_with('{') {
            return StoredKey::parse(text.expose_secret().trim_matches(is_surround))
                .map(Self::Stored);
        }
        // It also removes the line break that an editor or `echo` adds.
        match Setting::from(text).secret("the credential") {
            Ok(SecretFrom::Text(token)) => Ok(Self::Token(token)),
            Ok(_) => Err(Failure::new(Exit::Failed, "the credential is not a text")),
            Err(error) => Err(Failure::from(error).with_exit(Exit::Failed)),
        }
    }

    /// The provider that the credential names; a token names none.
    pub(crate) fn provider(&self) -> Option<&str> {
        match self {
            Self::Stored(key) => Some(key.credential.provider()),
            Self::Token(_) => None,
        }
    }

    /// The credential, for this provider.
    pub(crate) fn into_key(self, provider: &str) -> Result<StoredKey, Failure> {
        match self {
            Self::Stored(key) => Ok(key),
            Self::Token(token) => {
                let credential = Credential::bearer(provider, token)
                    .map_err(|error| Failure::from(error).with_exit(Exit::Failed))?;
                Ok(StoredKey { credential, key_ref: None, name: None })
            }
        }
    }
}

/// A credential, and what the file says about its key.
pub(crate) struct StoredKey {
    pub(crate) credential: Credential,
    pub(crate) key_ref: Option<KeyRef>,
    pub(crate) name: Option<String>,
}

impl StoredKey {
    fn parse(json: &str) -> Result<Self, Failure> {
        /// What is beside the credential.
        #[derive(serde::Deserialize)]
        struct Beside {
            key_ref: Option<KeyRef>,
            name: Option<String>,
        }
        let malformed = |error: serde_json::Error| {
            let what =
                if error.is_data() { error.to_string() } else { "it is not JSON".to_owned() };
            Failure::new(Exit::Failed, format!("the credential cannot be read: {what}"))
                .with_next("give the file that `issue --to file:` wrote, or a JWT alone")
        };
        let credential = serde_json::from_str(json).map_err(malformed)?;
        let Beside { key_ref, name } = serde_json::from_str(json).map_err(malformed)?;
        Ok(Self { credential, key_ref, name })
    }
}
