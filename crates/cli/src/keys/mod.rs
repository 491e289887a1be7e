//! Keys as the account's list shows them, and how they are named on the command line.

pub(crate) mod age;
pub(crate) mod filter;
pub(crate) mod listing;
pub(crate) mod lookup;
pub(crate) mod selector;
pub(crate) mod state;
pub(crate) mod view;
