//! The fault plan: which requests fail, and how.
//!
//! [`plan`] decides about each request as it arrives. [`inject`] carries the decision out around
//! the providers, of which it knows nothing. Only a distorted list needs their help: their stores
//! remember the state before the last change ([`history`]), and [`lists`] cuts their pages.

mod counted;
mod drip;
mod fault;
pub(crate) mod history;
pub(crate) mod inject;
pub(crate) mod lists;
mod odd_body;
mod page;
mod plan;
mod redirects;
mod rule;
mod tally;

pub use fault::{BodyFault, Cut, Fault, ListFault, RedirectTo, RetryAfter, Stage};
pub(crate) use inject::NoAnswer;
pub use plan::Faults;
pub use rule::FaultRule;
pub use tally::FaultTally;
