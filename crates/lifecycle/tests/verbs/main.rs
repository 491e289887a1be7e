//! The verbs of a manager, through the public API, on the store in memory and the emulator.

mod issuing;
mod table;
mod world;
