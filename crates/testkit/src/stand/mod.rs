//! Both adapters in every configuration, each on an emulator of its own, for the conformance
//! suite.

mod broken;
mod configuration;
mod faults;
mod harness;
mod outside;
mod routes;
mod wire;

pub use broken::Wrong;
pub use configuration::{Account, Built, Configuration};
pub use harness::{Client, Make, Stand, assumptions, ready_made};
