//! The worker: leases end when they are over and not before, failures of a provider neither lose
//! nor repeat work, and a clock that may be wrong ends nothing.

mod account;
mod clock;
mod counted;
mod ends;
mod evidence;
mod hanging;
mod running;
mod skew;
mod stopping;
mod stuck;
mod world;
