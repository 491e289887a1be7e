//! The folder that gets a file for each new secret.

use std::ffi::OsStr;
use std::path::PathBuf;

use pinning_keys_sinks::check_folder;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::secret_words::refuse_secret;

pub(super) struct Folder(PathBuf);

/// Path separators, on this system or another.
const SEPARATORS: [char; 2] = ['/', '\\'];

/// Further characters that no file name on Windows may contain.
const RESERVED: [char; 7] = [':', '*', '?', '"', '<', '>', '|'];

impl Folder {
    /// Reads the text of `--to`, and checks that the folder can hold secrets.
    pub(super) fn parse(text: &OsStr) -> Result<Self, Failure> {
        let bytes = text.as_encoded_bytes();
        let Some(path) = bytes.strip_prefix(b"file:").filter(|path| !path.is_empty()) else {
            return Err(Failure::usage("migrate writes files, one for each key")
                .with_next("name a folder for them:  --to file:DIR"));
        };
        let Ok(path) = std::str::from_utf8(path) else {
            return Err(Failure::usage("the path of --to is not UTF-8"));
        };
        refuse_secret("the path of --to", path)?;
        check_folder(path)?;
        Ok(Self(path.into()))
    }

    /// The file for the secret of a key with this name.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf, Failure> {
        let is_apart = |c: char| {
            SEPARATORS.contains(&c) || c.is_control() || cfg!(windows) && RESERVED.contains(&c)
        };
        if name.contains(is_apart) || name.starts_with('.') {
            return Err(Failure::new(Exit::Failed, "its name is not a valid file name")
                .with_kind("not_delivered")
                .with_next("to move it:  revoke it, and issue a key in the other account"));
        }
        Ok(self.0.join(format!("{name}.json")))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Folder;

    #[test]
    fn names_stay_in_the_folder() {
        let folder = Folder("keys".into());
        for name in ["ci-deploy", "-ci", "a b", "東京", "v1.2"] {
            let path = folder.file(name).unwrap();
            assert_eq!(path.parent(), Some(Path::new("keys")), "{name}");
        }
        for name in ["a/b", "../x", "..", ".hidden", "/etc/passwd", "a\\b", "a\nb"] {
            assert!(folder.file(name).is_err(), "{name}");
        }
    }
}
