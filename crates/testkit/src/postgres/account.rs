//! The account that the server runs as: PostgreSQL refuses to run as root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// An account of the system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    user: u32,
    group: u32,
}

impl Account {
    /// The account to switch to: none, unless this process runs as root.
    pub(super) fn to_switch_to() -> Option<Self> {
        let root = rustix::process::geteuid().is_root();
        root.then(|| {
            let found = ["postgres", "nobody"].into_iter().find_map(Self::named);
            found.expect("PostgreSQL does not run as root, and needs a user postgres or nobody")
        })
    }

    fn named(name: &str) -> Option<Self> {
        let id = |option| {
            let output = Command::new("id").args([option, name]).output().ok()?;
            String::from_utf8(output.stdout).ok()?.trim_end().parse().ok()
        };
        Some(Self { user: id("-u")?, group: id("-g")? })
    }

    /// Makes a program run as this account.
    pub(super) fn run(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }

    /// Gives a file or folder to this account.
    pub(super) fn own(self, path: &Path) {
        chown(path, Some(self.user), Some(self.group)).unwrap();
    }
}
