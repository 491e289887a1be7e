//! The emulated Pinata. [`routes`] is the only table of routes and the permissions that open them;
//! `serve` is the only place that enforces it.
//!
//! Comments name the source of a behaviour: documents [DOC], the official client [SDK], recorded
//! answers [OBS], third parties [3P], or inferred [INF].

#![allow(
    clippy::unnecessary_wraps,
    reason = "handlers share one signature, whether or not they can refuse"
)]

mod account;
mod analytics;
mod answer;
mod assumptions;
mod auth;
mod by_hand;
mod call;
mod create;
mod file_list;
mod files;
mod gateways;
mod groups;
mod handle;
mod input;
mod jobs;
mod keys;
mod keyvalues;
mod legacy;
mod marks;
mod page;
mod parameters;
mod pattern;
mod pin_filter;
mod pin_list;
mod routes;
mod scopes;
mod serve;
mod signed;
mod store;
mod upload;
mod users;

pub(crate) use account::Account;
pub use assumptions::{
    ExhaustedKey, ListCount, MissingCredentials, PinataAssumptions, RevokeAgain, RevokeUnknown,
};
pub use handle::{MadeKey, Pinata};
