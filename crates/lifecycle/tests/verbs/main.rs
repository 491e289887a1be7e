//! The verbs of a manager, through the public API, on the store in memory and the emulator.

mod delivering;
mod issuing;
mod rotating;
mod table;
mod world;
