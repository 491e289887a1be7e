//! The rules of the sinks, each on real files and processes.

#[cfg(unix)]
mod command;
#[cfg(unix)]
mod command_limits;
#[cfg(unix)]
mod env;
#[cfg(unix)]
mod env_property;
#[cfg(unix)]
mod file;
#[cfg(unix)]
mod github;
#[cfg(unix)]
mod killed;
mod other_forms;
mod providers;
mod spec;
mod stand;
mod stored;
