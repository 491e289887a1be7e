//! Long texts that explain.

pub(crate) mod scopes;
