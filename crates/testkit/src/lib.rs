//! What the tests of this repository share.
//!
//! A crate depends on it for its own integration tests, by path and as a dev-dependency. The
//! helpers panic when a test fails.

#![allow(clippy::missing_panics_doc, reason = "a helper of tests panics when a test fails")]

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
pub mod example;
pub mod golden;
pub mod json_schema;
pub mod page;
#[cfg(all(unix, feature = "postgres"))]
pub mod postgres;
pub mod script;
pub mod secrets;
#[cfg(feature = "stand")]
pub mod stand;

use std::path::{Path, PathBuf};

/// The path of a file or folder of this repository.
pub fn repository(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
