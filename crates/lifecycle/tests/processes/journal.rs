//! What the people and programs around the nodes have done and were promised. The store is not
//! asked, and each line is on the disk before the node goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use pinning_keys_lifecycle::store::KeyRow;
use pinning_keys_lifecycle::{KeyId, KeyState, ManagedKey, Timestamp};

use crate::tap::Point;

/// The end of a key that has none.
const FOR_EVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// A node's journal. All nodes of a test write the same file.
#[derive(Clone)]
pub(crate) struct Journal(Arc<File>);

impl Journal {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Arc::new(File::options().append(true).create(true).open(path)?)))
    }

    /// The app has stored the secret of a key.
    pub(crate) fn stored(&self, key: &KeyId) {
        self.write(format!("stored {key}"));
    }

    /// A holder was told that the key is theirs, and until when.
    pub(crate) fn promised(&self, key: &ManagedKey) {
        self.write(format!("promised {} {}", key.id(), micros(key.expires_at())));
    }

    /// Somebody asks for the end of a key, from this time on.
    pub(crate) fn ending(&self, key: &KeyId, from: Timestamp) {
        self.write(format!("ending {key} {}", from.as_micros()));
    }

    /// The key is left alone from now on.
    pub(crate) fn forgotten(&self, key: &KeyId) {
        self.write(format!("forgotten {key}"));
    }

    /// The node stops at a point.
    pub(crate) fn stopped(&self, call: &str, point: Point) {
        self.write(format!("stopped {point} {call}"));
    }

    fn write(&self, line: impl Display) {
        (&*self.0).write_all(format!("{line}\n").as_bytes()).unwrap();
        self.0.sync_data().unwrap();
    }
}

fn micros(until: Option<SystemTime>) -> i64 {
    until.map_or(FOR_EVER, Timestamp::from).as_micros()
}

/// What a journal says.
#[derive(Default)]
pub(crate) struct Entries {
    pub(crate) stored: BTreeSet<KeyId>,
    /// Until when each confirmed key may be used: its holder relies on it.
    pub(crate) promised: BTreeMap<KeyId, Timestamp>,
    pub(crate) forgotten: BTreeSet<KeyId>,
    /// The calls at which nodes stopped, with their side.
    pub(crate) stopped: Vec<String>,
    ending: BTreeMap<KeyId, Timestamp>,
}

impl Entries {
    pub(crate) fn read(path: &Path) -> Self {
        let mut entries = Self::default();
        for line in fs::read_to_string(path).unwrap_or_default().lines() {
            entries.take(line).unwrap_or_else(|| panic!("the journal has the line {line:?}"));
        }
        for (key, from) in &entries.ending {
            if let Some(until) = entries.promised.get_mut(key) {
                *until = from.min(until).to_owned();
            }
        }
        entries
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let mut words = line.split(' ');
        let (what, key) = (words.next()?, words.next()?);
        if what == "stopped" {
            let edge = key.split('-').next()?;
            self.stopped.push(format!("{edge} {}", words.next()?));
            return Some(());
        }
        let key: KeyId = key.parse().ok()?;
        let time = words.next().and_then(|text| text.parse().ok()).map(Timestamp::from_micros);
        match what {
            "stored" => drop(self.stored.insert(key)),
            "forgotten" => drop(self.forgotten.insert(key)),
            "ending" => {
                let from = time?;
                let ending = self.ending.entry(key).or_insert(from);
                *ending = from.min(*ending);
            }
            "promised" => {
                let until = time?;
                let promised = self.promised.entry(key).or_insert(until);
                *promised = until.max(*promised);
            }
            _ => return None,
        }
        Some(())
    }

    /// The store says that these keys are live: their holders may have heard it, although the node
    /// that told them was killed before it could note it.
    pub(crate) fn keep_promises_of(&mut self, rows: &[KeyRow]) {
        for row in rows.iter().filter(|row| row.state == KeyState::Live && !row.adopted) {
            let until = row.expires_at.unwrap_or(FOR_EVER);
            self.promised.entry(row.id.clone()).or_insert(until);
        }
    }
}
