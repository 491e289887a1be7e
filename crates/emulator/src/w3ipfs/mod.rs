//! The emulated W3IPFS. [`routes`] is the only table of routes and the scopes that open them;
//! `serve` is the only place that enforces it.
//!
//! Comments name the source of a behaviour: documents [DOC], the provider's own clients [CODE], or
//! inferred [INF].

#![allow(
    clippy::unnecessary_wraps,
    reason = "handlers share one signature, whether or not they can refuse"
)]

mod account;
mod answer;
mod assumptions;
mod auth;
mod by_hand;
mod call;
mod create;
mod handle;
mod keys;
mod metadata;
mod nfts;
mod page;
mod parameters;
mod pins;
mod routes;
mod scopes;
mod serve;
mod session;
mod shelf;
mod store;
mod users;

pub(crate) use account::Account;
pub(crate) use answer::too_many_requests;
pub use assumptions::{
    DeleteAnswer, ListTotal, ListedScopes, ListedSecret, MissingFlag, RedirectSlash,
    W3ipfsAssumptions,
};
pub use handle::{W3ipfs, W3ipfsKey};
