//! A command with a key of its own.
