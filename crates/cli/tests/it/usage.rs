//! Command lines that cannot be understood.
