//! The promises of a batch, on an issuer that follows a script and on the emulator. All clocks are
//! paused, so hours pass in no time and the figures are the same in every run.

mod account;
mod batch;
mod desk;
mod limits;
mod many;
mod property;
mod revoking;
mod runtime;
mod secrets;
mod stand;
mod stopping;
mod throttled;
