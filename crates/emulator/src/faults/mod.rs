//! The fault plan: what is to go wrong, for which requests.
//!
//! [`plan`] decides about each request as it arrives, [`inject`] carries the decision out
//! around the providers, and knows nothing of them. Only a list that lies needs their help:
//! their stores keep what was there before the last change ([`history`]), and their lists are
//! cut into pages by [`lists`].

mod caller;
pub(crate) mod control;
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
mod wire;

pub use fault::{BodyFault, Cut, Fault, ListFault, RedirectTo, RetryAfter, Stage};
pub(crate) use inject::NoAnswer;
pub use plan::Faults;
pub use rule::FaultRule;
pub use tally::FaultTally;
