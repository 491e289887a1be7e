use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::Timestamp;
use crate::store::{StoreError, StoreErrorKind};

/// The file of a store: its path and its identity.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    /// Which file it was when it was opened.
    opened: OnceLock<String>,
}

impl DatabaseFile {
    /// The file at this path, which need not exist.
    pub(super) fn at(path: &Path) -> Result<Self, StoreError> {
        let absolute = match fs::canonicalize(path) {
            Ok(path) => path,
            Err(_) => in_canonical_folder(path).map_err(|error| unusable(&error))?,
        };
        Ok(Self { path: absolute, opened: OnceLock::new() })
    }

    /// The path without symbolic links.
    pub(super) fn path(&self) -> &PathBuf {
        &self.path
    }

    /// The path as the store remembers it.
    pub(super) fn place(&self) -> String {
        self.path.display().to_string()
    }

    /// The identity that distinguishes the file from another one at the same path.
    ///
    /// A system may reuse the number of a removed file, so the identity includes the time of
    /// creation. It does not include the device number, because many systems renumber their devices
    /// at each start.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::Moved`] if it is not the file that was opened. Anything written to that
    /// file is lost.
    pub(super) fn identity_now(&self) -> Result<String, StoreError> {
        let now = identity_of(&self.path).map_err(|error| unusable(&error))?;
        if *self.opened.get_or_init(|| now.clone()) == now {
            return Ok(now);
        }
        Err(StoreError::new(
            StoreErrorKind::Moved,
            "the file of the store was replaced while it was open",
        )
        .with_next_step("start the program again"))
    }
}

fn in_canonical_folder(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    Ok(fs::canonicalize(folder.unwrap_or(Path::new(".")))?.join(name))
}

fn identity_of(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    // Not every file system knows it.
    let created = metadata.created().map_or(0, |created| Timestamp::from(created).as_micros());
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let number = 0;
    Ok(format!("file {number}, created {created}"))
}

fn unusable(error: &io::Error) -> StoreError {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied => StoreErrorKind::ReadOnly,
        _ => StoreErrorKind::Unavailable,
    };
    StoreError::new(kind, format!("the file of the store cannot be used: {error}"))
        .with_next_step("check that its folder exists and that this program may use it")
}
