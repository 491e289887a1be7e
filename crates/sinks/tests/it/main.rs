//! The rules of the sinks, each on real files and processes.

#[cfg(unix)]
mod file;
mod spec;
mod stand;
mod stored;
