//! The emulator as its clients see it: over HTTP, in memory and as a program.

mod assumptions;
mod bodies;
mod by_hand;
mod clock;
mod common;
mod data_plane;
mod documents;
mod faults;
mod keys;
mod legacy_keys;
mod list_parameters;
mod paging;
mod pin_list;
mod program;
mod rate_limits;
mod refusals;
mod scope_table;
mod signed_uploads;
mod stopping;
mod transport;
mod w3ipfs_assumptions;
mod w3ipfs_data_plane;
mod w3ipfs_keys;
mod w3ipfs_refusals;
mod w3ipfs_scope_table;
