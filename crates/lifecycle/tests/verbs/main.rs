//! The verbs of a manager, through the public API, on the store in memory and the emulator.

mod accounts;
mod confirming;
mod creating;
mod delivering;
mod gated;
mod issuing;
mod restoring;
mod rotating;
mod secrets;
mod table;
mod world;
