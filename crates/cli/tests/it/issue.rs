//! Issuing and delivering a key.
