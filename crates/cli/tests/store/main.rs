//! What the program does with a store.

#[path = "../it/support/mod.rs"]
#[allow(dead_code, reason = "the tests without a store use the rest")]
mod support;

mod accounts;
mod masks;
mod past;

mod issue;
mod list;
mod migrate;
mod renew;
mod revoke;
mod rotate;
mod show;
