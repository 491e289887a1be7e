//! Listing keys.
