//! What the benchmark programs share: processes, stored figures, statistics and tables.

pub mod budget;
pub mod process;
pub mod results;
pub mod stats;
pub mod table;
