//! Faults as clients see them: over TCP through the transport that most apps use, and in memory,
//! where they must look the same.

mod answers;
mod commits;
mod connections;
mod keys;
mod latency;
pub(crate) mod line;
mod lists;
mod redirects;
mod rules;
