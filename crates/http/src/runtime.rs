use pinning_keys_core::{Error, ErrorKind};
use tokio::runtime::Handle;

/// The tokio runtime in whose context this is called. Without one, tokio's timers and tasks would
/// panic.
///
/// Nothing can tell whether I/O and time are enabled in it.
pub(crate) fn current() -> Result<Handle, Error> {
    Handle::try_current().map_err(|_| {
        Error::new(ErrorKind::Configuration, "no tokio runtime is running").with_next_step(
            "call it from a tokio runtime with I/O and time enabled, such as that of \
             #[tokio::main] or of Builder::new_current_thread().enable_all()",
        )
    })
}
