//! What clients see of faults, and what is made of them. Over TCP it is what the transport
//! sees that most apps use, and in memory it has to be the same.

mod answers;
#[path = "../common/client.rs"]
mod client;
mod connections;
mod control;
mod keys;
mod latency;
mod line;
mod lists;
mod redirects;
mod rules;
