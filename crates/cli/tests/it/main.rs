//! The program as its users run it: a process, its arguments, its environment and its output.

mod support;

mod completions;
mod config;
mod exec;
mod issue;
mod list;
mod output;
mod plan;
mod probe;
mod revoke;
mod secrets;
mod show;
mod signals;
mod usage;
mod verify;
