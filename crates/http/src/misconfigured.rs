use std::borrow::Cow;

use pinning_keys_core::{Error, ErrorKind};

/// The error for a configuration that cannot be used.
pub(crate) fn misconfigured(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
