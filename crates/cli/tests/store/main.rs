//! What the program does with a store.

#[path = "../it/support/mod.rs"]
#[allow(dead_code, reason = "the tests without a store use the rest")]
mod support;

mod accounts;
mod apply;
mod audit;
mod bad_store;
mod declared;
mod diff;
mod disk;
mod elsewhere;
mod examples;
mod forget;
mod help;
mod issue;
mod kills;
mod list;
mod many;
mod masks;
mod migrate;
mod past;
mod postgres;
mod renew;
mod revoke;
mod rotate;
mod run;
mod secrets;
mod show;
mod status;
mod strays;
mod transcripts;
