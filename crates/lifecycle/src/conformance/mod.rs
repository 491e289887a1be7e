//! Test cases that any [`Store`](crate::store::Store) must pass, for authors of further stores.
//!
//! The promises about keys depend on the store, so a store that breaks one law loses keys or ends
//! them too early. Each law in the documentation of `Store` (`store-01` to `store-14`) has cases
//! here.
//!
//! # From the trait to a green suite
//!
//! 1. Implement [`Store`](crate::store::Store). [`MemoryStore`](crate::MemoryStore) is the model: it
//!    shows in plain Rust which rows each call reads and writes. Take the time from a
//!    [`Clock`](crate::Clock) that can be passed in.
//! 2. Implement [`Harness`]: a [`ManualClock`](crate::ManualClock), and a function that opens the
//!    same database any number of times.
//! 3. Add the crate to the dev-dependencies with the feature `conformance`, and name the harness in
//!    a test:
//!
//! ```
//! use pinning_keys_lifecycle::conformance::{BoxError, Harness, async_trait};
//! use pinning_keys_lifecycle::store::Store;
//! use pinning_keys_lifecycle::{ManualClock, MemoryStore};
//!
//! struct InMemory {
//!     clock: ManualClock,
//!     store: MemoryStore,
//! }
//!
//! #[async_trait]
//! impl Harness for InMemory {
//!     fn clock(&self) -> &ManualClock {
//!         &self.clock
//!     }
//!
//!     async fn open(&self) -> Result<Box<dyn Store>, BoxError> {
//!         Ok(Box::new(self.store.clone()))
//!     }
//! }
//!
//! #[cfg(test)]
//! mod in_memory {
//!     use std::time::{Duration, UNIX_EPOCH};
//!
//!     use super::*;
//!
//!     async fn harness() -> Option<InMemory> {
//!         let clock = ManualClock::at(UNIX_EPOCH + Duration::from_secs(1_900_000_000));
//!         let store = MemoryStore::new(clock.clone()).unwrap();
//!         Some(InMemory { clock, store })
//!     }
//!
//!     pinning_keys_lifecycle::store_tests!(harness);
//! }
//! ```
//!
//! `cargo test` then shows each case by its name. A case that fails says which law is broken, what
//! it found and what it expected. Rows have arbitrary content, but the same in each run, so a
//! failure repeats; only the cases in which several tasks race depend on how the tasks are scheduled.
//!
//! Without `cargo test`, [`run_all`] runs the same cases and returns a [`Report`], which is ok only
//! if no case failed and at most the two optional ones were left out:
//!
//! * a database on which transactions wait for each other sets
//!   [`lock_timeout`](Harness::lock_timeout),
//! * a database whose address holds a password returns errors from
//!   [`failures`](Harness::failures).
//!
//! # What the suite does not show
//!
//! It runs in one process and ends no process, so it says nothing about a crash, a loss of power, a
//! full disk, a replica or a restored backup (`store-01`). Texts hold no NUL, and durations are whole
//! microseconds: a store need not keep anything else.

mod bench;
mod case;
mod cases;
mod dice;
mod harness;
mod report;
mod run;
mod run_all;

pub use async_trait::async_trait;

pub use case::Case;
pub use cases::CASES;
pub use harness::{BoxError, Harness};
pub use report::{Outcome, Report};
#[doc(hidden)]
pub use run::check;
pub use run_all::run_all;
