//! Disturbances of HTTP requests between an adapter and its transport.

mod answers;
mod exchange;
mod expiry;
mod json_pages;
mod record;
mod switch;
mod transport;

pub use json_pages::{JsonPages, ShortPages};
pub use transport::DisturbedTransport;
