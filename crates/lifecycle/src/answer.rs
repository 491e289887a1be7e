//! How long a node waits for the answer to a call.

use std::error::Error as StdError;
use std::fmt;
use std::pin::pin;

use futures_util::future::{Either, select};
use pinning_keys_core::{Effect, Error as ProviderError, ErrorKind as ProviderErrorKind};

use crate::inner::{Account, Inner};
use crate::moment::Moment;

/// The source of the error of a call that a node gave up: neither the provider nor its adapter has
/// ended it.
#[derive(Debug)]
pub(crate) struct Hung;

impl fmt::Display for Hung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the call was given up")
    }
}

impl StdError for Hung {}

impl Hung {
    /// Whether this is the error of a call that was given up.
    pub(crate) fn is(error: &ProviderError) -> bool {
        StdError::source(error).is_some_and(<dyn StdError>::is::<Self>)
    }
}

impl Inner {
    /// Waits for a call to the provider, at most as long as any call may take.
    ///
    /// Nothing else limits the time of an issuer that the app has written, and what waits for it
    /// forever would keep a node from everything else.
    pub(crate) async fn answer<T>(
        &self,
        account: &Account,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let (clock, longest) = (self.store.clock(), account.timing.call);
        let began = Moment::now(clock);
        let limit = async { clock.sleep(longest).await };
        if let Either::Left((answer, _)) = select(pin!(call), pin!(limit)).await {
            return answer;
        }
        let message = "the provider did not answer in time";
        let error = ProviderError::new(ProviderErrorKind::Timeout, message);
        let error = error.with_effect(Effect::Unknown);
        // If this node was stopped in the meantime, that says nothing about the provider.
        let was_stopped = began.elapsed(clock) > longest.saturating_mul(2);
        Err(if was_stopped { error } else { error.with_source(Hung) })
    }
}
