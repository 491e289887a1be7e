use pinning_keys_core::{Error, ErrorKind, KeyIssuer, Operation};
use tokio::runtime::Handle;

/// Fails without a tokio runtime, in which tokio's timers would panic.
///
/// Nothing can tell whether the runtime's timers are enabled.
pub(crate) fn require() -> Result<(), Error> {
    match Handle::try_current() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::new(ErrorKind::Configuration, "no tokio runtime is running")
            .with_next_step(
                "call it from a tokio runtime with I/O and time enabled, such as that of \
                 #[tokio::main] or of Builder::new_current_thread().enable_all()",
            )),
    }
}

/// The same for a call of this issuer.
pub(crate) fn require_for(issuer: &dyn KeyIssuer, operation: Operation) -> Result<(), Error> {
    let provider = issuer.profile().provider();
    require().map_err(|error| error.with_provider(provider).with_operation(operation))
}
