//! Whatever a process, its neighbours, the provider and the clock do, and whenever they do it, the
//! promises of `docs/lifecycle.md` hold, and everything comes to rest.
//!
//! All runs in one process, on the store in memory and the emulator. A node is a manager whose
//! store, issuers and sinks number their calls ([`tap`]), so that it can die or be held at each of
//! them. Calls of a dead node stay pending forever. Time passes only as the schedule says. A
//! schedule is an operation, or two, with one event: a crash or a dropped future at any call
//! ([`crashes`]), another node's work at any call ([`pairs`]), a fault at any request ([`faults`]),
//! a restored backup ([`restored`]), a wrong clock ([`clocks`]), or an act at the provider
//! ([`people`]). After it:
//!
//! * **Safety** ([`safety`]): the promises, at the emulator's own ledger and at a journal of what
//!   people were told, which both know nothing of the store.
//! * **Convergence** ([`convergence`]): when faults end and time passes, every row comes to rest,
//!   with a bounded number of requests, and all leases end.
//!
//! The tests run a sample of the schedules, the same one each time. `LIFECYCLE_PROOF=full` runs all
//! of them, about 400,000, which takes about an hour in the release profile. [`known`] has schedules
//! that are worth a name, and [`mutants`] the list of mutants that these and other tests must catch.

mod clocks;
mod convergence;
mod crashes;
mod faults;
mod journal;
mod known;
mod log_lines;
mod mutants;
mod operations;
mod pairs;
mod people;
mod provider;
mod restored;
mod safety;
mod schedule;
mod stage;
mod tap;
mod tapped;
mod wire;
mod world;
