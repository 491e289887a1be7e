//! Text from outside, made harmless on a terminal and in the log of a CI job.

pub(super) use pinning_keys_core::begins_bracket_command;
pub(crate) use pinning_keys_core::{escaped, escaped_os};
