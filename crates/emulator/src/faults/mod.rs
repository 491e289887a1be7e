//! The fault plan: which requests fail, and how.
//!
//! [`plan`] decides about each request as it arrives. [`inject`] carries the decision out around
//! the providers, of which it knows nothing; it keeps a [`whole_request`] if one is to be carried
//! out twice, or later ([`late`]). Two faults need the help of the providers: for a distorted list
//! their stores remember every change ([`history`]), and [`lists`] cuts their pages; for a truncated
//! name they apply a [`name_limit`].

mod counted;
mod drip;
mod fault;
pub(crate) mod history;
pub(crate) mod inject;
mod late;
pub(crate) mod lists;
pub(crate) mod name_limit;
mod odd_body;
mod page;
mod plan;
mod redirects;
mod rule;
mod tally;
mod whole_request;

pub use fault::{BodyFault, Cut, Fault, ListFault, RedirectTo, RetryAfter, Stage};
pub(crate) use inject::NoAnswer;
pub use plan::Faults;
pub use rule::FaultRule;
pub use tally::FaultTally;
