//! The promises of the lifecycle with real processes: killed, stopped, and started again, on real
//! databases, while a provider in the test's own process keeps a ledger of what really happened.
//!
//! A node is this test binary in another process. It does what the test asks for, line by line, and
//! numbers its calls of the store and of the provider, so that it can kill or stop itself at any of
//! them. Its time is the machine's plus what a file says, and so hours pass at once.
//!
//! The gate kills 300 nodes on SQLite, and 25 and more on PostgreSQL. The long version takes about ten
//! minutes on two cores:
//!
//! ```text
//! LIFECYCLE_KILLS=10000 cargo test -p pinning-keys-lifecycle --all-features --test processes killed_nodes
//! ```
//!
//! A failure names the seed of its world; `LIFECYCLE_SEED` repeats that world alone.
//!
//! SIGKILL shows what a process leaves behind, not what happens in a power failure. That depends on
//! the databases: on `synchronous = EXTRA` and on `fsync`.

#![cfg(all(unix, feature = "sqlite"))]

mod checks;
mod choices;
mod clock;
mod disk;
mod files;
mod journal;
mod kills;
mod ledger;
mod node;
mod operations;
mod pauses;
#[cfg(feature = "postgres")]
mod postgres;
mod process;
mod random;
mod stores;
mod tap;
mod tapped;
mod trail;
mod world;
