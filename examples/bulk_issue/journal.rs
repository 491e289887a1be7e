//! The names of keys that were requested and whose outcome is unknown.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

/// A file with a line for each name **before** its key is requested, and another once there is
/// certainly no key of that name. If durable, each line reaches the disk before anything else
/// happens; otherwise it survives the program, but not a power cut.
///
/// Only the file of secrets records that a key was created and its secret stored, so the two files
/// cannot contradict each other.
pub(crate) struct Journal {
    file: File,
    durable: bool,
    /// The user of each name that is open.
    open: Mutex<BTreeMap<String, String>>,
}

impl Journal {
    /// Opens or creates the journal of a folder.
    pub(crate) fn open(folder: &Path, durable: bool) -> io::Result<Self> {
        let path = folder.join("journal.jsonl");
        let before = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let mut open = BTreeMap::new();
        for line in before.split(|byte| *byte == b'\n') {
            // An incomplete line was not waited for, so its key was not requested.
            let line: Value = serde_json::from_slice(line).unwrap_or_default();
            match (line["asked"].as_str(), line["user"].as_str(), line["closed"].as_str()) {
                (Some(name), Some(user), _) => drop(open.insert(name.into(), user.into())),
                (_, _, Some(name)) => drop(open.remove(name)),
                _ => {}
            }
        }
        if before.last().is_some_and(|byte| *byte != b'\n') {
            (&file).write_all(b"\n")?;
        }
        Ok(Self { file, durable, open: Mutex::new(open) })
    }

    /// The open names, with their users.
    pub(crate) fn in_doubt(&self) -> BTreeMap<String, String> {
        self.names().clone()
    }

    /// Records that a key of this name is about to be requested.
    pub(crate) fn ask(&self, name: &str, user: &str) -> io::Result<()> {
        self.write(&json!({ "asked": name, "user": user }))?;
        self.names().insert(name.to_owned(), user.to_owned());
        Ok(())
    }

    /// Records that there is no key of this name.
    pub(crate) fn close(&self, name: &str) -> io::Result<()> {
        self.write(&json!({ "closed": name }))?;
        self.names().remove(name);
        Ok(())
    }

    /// Removes a name whose secret is stored, and returns its user.
    pub(crate) fn stored(&self, name: &str) -> Option<String> {
        self.names().remove(name)
    }

    /// The user of an open name.
    pub(crate) fn user(&self, name: &str) -> String {
        self.names().get(name).cloned().unwrap_or_default()
    }

    fn write(&self, line: &Value) -> io::Result<()> {
        (&self.file).write_all(format!("{line}\n").as_bytes())?;
        if self.durable { self.file.sync_data() } else { Ok(()) }
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
