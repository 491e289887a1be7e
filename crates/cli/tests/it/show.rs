//! One key in full.
