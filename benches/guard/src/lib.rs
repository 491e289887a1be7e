//! Shared by the benches and the regression guard: counting instructions, and the providers'
//! answers.

pub mod answers;
pub mod callgrind;
