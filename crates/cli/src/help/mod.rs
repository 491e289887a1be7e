//! What the program says about itself: `--help`, and the topics of `help`.

pub(crate) mod commands;
pub(crate) mod environment;
pub(crate) mod examples;
pub(crate) mod exit_codes;
pub(crate) mod scopes;
