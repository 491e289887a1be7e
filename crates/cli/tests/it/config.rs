//! Settings, profiles and where each value comes from.
