//! Both adapters in every configuration, each on its own emulator, for the conformance
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
pub use harness::{Client, Make, Stand, assumptions, built_in};
