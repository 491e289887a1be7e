#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod asked;
mod bench;
mod calls;
#[cfg(feature = "capture")]
pub mod capture;
mod case;
mod cases;
mod cleanup;
mod disturbance;
#[cfg(feature = "http")]
mod disturbed;
mod disturbing;
mod execution;
mod facts;
mod harness;
mod listing;
mod macros;
mod need;
mod panics;
mod patience;
mod report;
mod run;
mod scopes;
mod secrets;
mod selection;
#[doc(hidden)]
pub mod testing;
mod text;
mod verdict;
mod waiting;

pub use async_trait::async_trait;
pub use case::Case;
pub use cases::CASES;
pub use disturbance::{CANARY, Disturbance, FaultSwitch, NotAvailable, STRANGE_KEY};
#[cfg(feature = "http")]
pub use disturbed::{DisturbedTransport, JsonPages, ShortPages};
pub use harness::{BoxError, Harness, Ledger, Outputs, Probe, Surroundings};
pub use report::{CaseReport, Outcome, Report};
pub use run::{announce, run, run_one, run_with};
