//! Ctrl-C in every phase.
