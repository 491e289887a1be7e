//! The secrets, in a file that only its owner can read.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use pinning_keys::IssuedKey;
use serde_json::{Value, json};

const NAME: &str = "secrets.jsonl";

/// A line for each key: user, name, reference and secret. If durable, each line reaches the disk
/// before the next result is read, because a secret is shown only once.
pub(crate) struct SecretsFile {
    file: File,
    durable: bool,
}

impl SecretsFile {
    /// Opens or creates the file of a folder, and returns the user of each key by its name.
    pub(crate) fn open(
        folder: &Path,
        durable: bool,
    ) -> io::Result<(Self, HashMap<String, String>)> {
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        #[cfg(unix)]
        check_mode(&file)?;
        let before = std::fs::read(path)?;
        // The secret of an incomplete line is lost, so its key is in doubt.
        if before.last().is_some_and(|byte| *byte != b'\n') {
            (&file).write_all(b"\n")?;
        }
        Ok((Self { file, durable }, users(&before)))
    }

    pub(crate) fn store(&self, user: &str, key: &IssuedKey) -> io::Result<()> {
        let shown = key.credential().expose();
        let line = json!({
            "user": user,
            "name": key.name().as_str(),
            "key": key.key_ref(),
            "jwt": shown.bearer(),
            "api_key": shown.api_key(),
            "api_secret": shown.api_secret(),
        });
        (&self.file).write_all(format!("{line}\n").as_bytes())?;
        if self.durable { self.file.sync_data() } else { Ok(()) }
    }
}

/// The number of keys in the file of a folder.
pub(crate) fn count(folder: &Path) -> io::Result<usize> {
    Ok(users(&std::fs::read(folder.join(NAME))?).len())
}

/// The user of each name.
fn users(lines: &[u8]) -> HashMap<String, String> {
    let lines = lines.split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    lines.filter_map(|line| Some((text(&line["name"])?, text(&line["user"])?))).collect()
}

/// An existing file keeps its mode.
#[cfg(unix)]
fn check_mode(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let others = file.metadata()?.permissions().mode() & 0o077;
    if others == 0 {
        return Ok(());
    }
    Err(io::Error::other(format!("others can read {NAME}: run chmod 600")))
}
