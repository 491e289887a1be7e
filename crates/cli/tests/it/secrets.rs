//! No secret appears anywhere but in the sink.
