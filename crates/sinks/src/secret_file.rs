//! A file that holds a secret: where it may be, and how it changes.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;
use tempfile::NamedTempFile;

use crate::text::{shown, typed};
use crate::{DeliveryEffect, SinkError};

/// The longest file that is read. Those that sinks write have a few thousand bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A file that is only ever replaced as a whole. `Display` is its path.
pub(crate) struct SecretFile {
    path: PathBuf,
}

impl SecretFile {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Refuses a place where somebody else could read or exchange the file, and returns whether
    /// there is a file.
    pub(crate) fn check(&self) -> Result<bool, SinkError> {
        self.check_folder()?;
        let metadata = match fs::symlink_metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.failure("look at", &error)),
        };
        if metadata.is_symlink() {
            return Err(SinkError::new(format!("{self} is a symbolic link"))
                .with_advice("name the file that it points to"));
        }
        if metadata.is_dir() {
            return Err(
                SinkError::new(format!("{self} is a folder")).with_advice("name a file in it")
            );
        }
        if !metadata.is_file() {
            return Err(SinkError::new(format!("{self} is not a regular file")));
        }
        Ok(true)
    }

    /// Refuses a folder that everyone can write to.
    pub(crate) fn check_folder(&self) -> Result<(), SinkError> {
        // Others end with a slash or a dot.
        let path = self.path.as_os_str().as_encoded_bytes();
        let name = self.path.file_name().map(OsStr::as_encoded_bytes);
        if !name.is_some_and(|name| path.ends_with(name)) {
            return Err(SinkError::new(format!("{self} does not name a file")));
        }
        let folder = shown(self.folder());
        let metadata = match fs::metadata(self.folder()) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(SinkError::new(format!("the folder {folder} does not exist"))
                    .with_advice(format!("create it:  mkdir -p -m 700 {}", typed(self.folder()))));
            }
            Err(error) => {
                return Err(SinkError::new(format!(
                    "cannot look at the folder {folder}: {}",
                    error.kind()
                )));
            }
        };
        if !metadata.is_dir() {
            return Err(SinkError::new(format!("{folder} is not a folder")));
        }
        if is_writable_by_everyone(&metadata) {
            return Err(SinkError::new(format!("everyone can write to the folder {folder}"))
                .with_advice("use a folder that only you can write to:  mkdir -m 700 keys"));
        }
        Ok(())
    }

    /// Finds out whether a file can be created in the folder, and leaves nothing behind.
    pub(crate) fn try_folder(&self) -> Result<(), SinkError> {
        self.temporary().map(drop)
    }

    /// The content, or `None` if there is no file.
    pub(crate) fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, SinkError> {
        // Opening a pipe would wait for its other end.
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(SinkError::new(format!("{self} is not a regular file"))),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failure("read", &error)),
        }
        self.read_file().map(Some).map_err(|error| match error.kind() {
            ErrorKind::FileTooLarge => SinkError::new(format!("{self} is larger than 1 MiB")),
            _ => self.failure("read", &error),
        })
    }

    fn read_file(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        let file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        if length > MAX_BYTES {
            return Err(ErrorKind::FileTooLarge.into());
        }
        // One more than needed, so that the buffer does not grow.
        let mut content =
            Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1));
        file.take(MAX_BYTES).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Keeps other programs of this kind from changing files of the folder, as long as the result
    /// lives. On a file system without locks, nothing keeps them.
    pub(crate) fn lock_folder(&self) -> Option<File> {
        let folder = File::open(self.folder()).ok()?;
        #[cfg(unix)]
        rustix::fs::flock(&folder, rustix::fs::FlockOperation::LockExclusive).ok()?;
        Some(folder)
    }

    /// Writes the content to a temporary file, which is removed if it is dropped.
    pub(crate) fn prepare(&self, content: &[u8]) -> Result<Prepared<'_>, SinkError> {
        let mut written = self.temporary()?;
        written
            .write_all(content)
            .and_then(|()| written.as_file().sync_all())
            .map_err(|error| self.failure("write", &error))?;
        Ok(Prepared { file: self, written })
    }

    /// A new file beside this one, which only its owner can read.
    fn temporary(&self) -> Result<NamedTempFile, SinkError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".pinning-keys-").rand_bytes(12);
        builder.tempfile_in(self.folder()).map_err(|error| {
            let folder = shown(self.folder());
            SinkError::new(format!("cannot create a file in {folder}: {}", error.kind()))
        })
    }

    /// Without this, the file could be the old one again after a power failure.
    fn sync_folder(&self) -> Result<(), SinkError> {
        if cfg!(unix) {
            File::open(self.folder()).and_then(|folder| folder.sync_all()).map_err(|error| {
                self.failure("store", &error).with_effect(DeliveryEffect::Unknown)
            })?;
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn failure(&self, verb: &str, error: &io::Error) -> SinkError {
        SinkError::new(format!("cannot {verb} {self}: {}", error.kind()))
    }
}

/// The new content of a file, on the disk beside it.
pub(crate) struct Prepared<'a> {
    file: &'a SecretFile,
    written: NamedTempFile,
}

impl Prepared<'_> {
    /// Creates the file. One that another program created in the meantime is not touched.
    pub(crate) fn create(self) -> Result<(), SinkError> {
        let file = self.file;
        self.written.persist_noclobber(&file.path).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => {
                SinkError::new(format!("{file} was created by another program"))
                    .with_advice("look at the file, then choose another path or move it away")
            }
            _ => file.failure("write", &error.error),
        })?;
        file.sync_folder()
    }

    /// Replaces the file in one step.
    pub(crate) fn replace(self) -> Result<(), SinkError> {
        let file = self.file;
        self.written.persist(&file.path).map_err(|error| file.failure("write", &error.error))?;
        file.sync_folder()
    }
}

impl fmt::Display for SecretFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.path))
    }
}

#[cfg(unix)]
fn is_writable_by_everyone(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o002 != 0
}

/// Access lists are not read.
#[cfg(not(unix))]
fn is_writable_by_everyone(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::SecretFile;
    use crate::DeliveryEffect;

    #[test]
    fn file_that_appears_is_kept_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        let file = SecretFile::new(&path);
        file.check().unwrap();
        std::fs::write(&path, "someone else's").unwrap();

        let error = file.prepare(b"new").unwrap().create().unwrap_err();

        assert_eq!(error.effect(), DeliveryEffect::NotDelivered);
        assert_eq!(std::fs::read(&path).unwrap(), b"someone else's");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn failed_replacement_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        std::fs::create_dir(&path).unwrap();

        let error = SecretFile::new(&path).prepare(b"new").unwrap().replace().unwrap_err();

        assert_eq!(error.effect(), DeliveryEffect::NotDelivered);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
