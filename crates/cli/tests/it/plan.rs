//! Plans without an account.
