//! Shared by the benches and the regression guard: counting instructions, the providers'
//! answers, and the program of the command line.

pub mod answers;
pub mod callgrind;
pub mod command_line;
