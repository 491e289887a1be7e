#![doc = include_str!("../README.md")]

mod bench;
mod case;
mod cases;
mod disturbance;
mod harness;
mod macros;
mod report;
mod run;
mod scopes;
mod secrets;
#[doc(hidden)]
pub mod testing;

pub use async_trait::async_trait;
pub use case::Case;
pub use cases::CASES;
pub use disturbance::{CANARY, Disturbance, FaultSwitch, NotAvailable};
pub use harness::{BoxError, Harness, Ledger, Outputs, Probe, Surroundings};
pub use report::{CaseReport, Outcome, Report};
pub use run::{announce, run, run_one, run_with};
