//! One module a command: its flags, and what it does.

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod exec;
pub(crate) mod help;
pub(crate) mod issue;
pub(crate) mod list;
pub(crate) mod man;
#[cfg(feature = "store")]
pub(crate) mod migrate;
pub(crate) mod plan;
pub(crate) mod probe;
#[cfg(feature = "store")]
pub(crate) mod renew;
pub(crate) mod revoke;
#[cfg(feature = "store")]
pub(crate) mod rotate;
pub(crate) mod show;
pub(crate) mod verify;
