//! The names that were asked for, and of which nobody knows what became of them.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

/// A file with a line for each name **before** it is asked for, and another once it is certain
/// that there is no key of that name. Where it is durable, each line is on the disk before
/// anything else is done; otherwise it outlives the program, and not a power cut.
///
/// That a key was made and its secret stored is told by the file of secrets alone, so that the
/// two cannot contradict each other.
pub(crate) struct Journal {
    file: File,
    durable: bool,
    /// The user of each name that is open.
    open: Mutex<BTreeMap<String, String>>,
}

impl Journal {
    /// Opens the journal of a folder, or begins it.
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
            // A line that broke off was not waited for: what it is about was not asked for.
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

    /// Notes that a key of this name is about to be asked for.
    pub(crate) fn ask(&self, name: &str, user: &str) -> io::Result<()> {
        self.write(&json!({ "asked": name, "user": user }))?;
        self.names().insert(name.to_owned(), user.to_owned());
        Ok(())
    }

    /// Notes that there is no key of this name.
    pub(crate) fn close(&self, name: &str) -> io::Result<()> {
        self.write(&json!({ "closed": name }))?;
        self.names().remove(name);
        Ok(())
    }

    /// Takes a name out whose secret is stored; its user.
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
