//! A file of a store that was moved or copied.

/// Why the file of a store is not at the recorded path.
#[derive(Clone, Copy)]
pub(crate) enum Elsewhere {
    /// The store continues here.
    Moved,
    /// The original is still in use. This file becomes another store, without its keys.
    Copied,
}
