//! Whether a credential works.
