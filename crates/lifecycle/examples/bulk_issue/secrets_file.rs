//! The secrets, in a file that only its owner can read.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use pinning_keys_lifecycle::Delivery;
use serde_json::{Value, json};

const NAME: &str = "secrets.jsonl";

/// A line for each key: user, id, name, reference and secret. Each line reaches the disk before the
/// key is confirmed, because a secret is shown only once. Of a user with several lines, the last one
/// counts.
pub(crate) struct SecretsFile(File);

impl SecretsFile {
    /// Opens or creates the file of a folder, and returns the ids of the keys in it.
    pub(crate) fn open(folder: &Path) -> io::Result<(Self, HashSet<String>)> {
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        #[cfg(unix)]
        check_mode(&file)?;
        // The name of a new file must survive a power cut, too.
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        let before = std::fs::read(path)?;
        // The secret of an incomplete line is lost, so its key is revoked.
        if before.last().is_some_and(|byte| *byte != b'\n') {
            (&file).write_all(b"\n")?;
        }
        Ok((Self(file), ids(&before)))
    }

    pub(crate) fn store(&self, user: &str, key: &Delivery) -> io::Result<()> {
        let shown = key.credential().expose();
        let line = json!({
            "user": user,
            "id": key.id().as_str(),
            "name": key.name().as_str(),
            "key": key.key_ref(),
            "jwt": shown.bearer(),
            "api_key": shown.api_key(),
            "api_secret": shown.api_secret(),
        });
        (&self.0).write_all(format!("{line}\n").as_bytes())?;
        self.0.sync_data()
    }
}

/// The number of keys in the file of a folder.
pub(crate) fn count(folder: &Path) -> io::Result<usize> {
    Ok(ids(&std::fs::read(folder.join(NAME))?).len())
}

fn ids(lines: &[u8]) -> HashSet<String> {
    let lines = lines.split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    lines.filter_map(|line| line["id"].as_str().map(str::to_owned)).collect()
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
