//! What the benches and the regression guard share: how instructions are counted, and what the
//! providers answer.

pub mod answers;
pub mod callgrind;
