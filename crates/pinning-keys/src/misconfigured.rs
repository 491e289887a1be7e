use pinning_keys_core::{Error, ErrorKind};

/// The error for a configuration that cannot be used.
pub(crate) fn misconfigured(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
