//! Revoking one key and many.
