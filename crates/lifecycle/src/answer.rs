//! How long a node waits for the answer to a call.

use std::error::Error as StdError;
use std::fmt;
use std::pin::pin;

use futures_util::future::{Either, select};
use pinning_keys_core::{Effect, Error as ProviderError, ErrorKind as ProviderErrorKind};

use crate::inner::{Account, Inner};

/// The source of an error by which a node gave up a call: the provider's adapter, or what it calls,
/// does not limit its time.
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
        let limit = async { self.store.clock().sleep(account.timing.call).await };
        match select(pin!(call), pin!(limit)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(ProviderError::new(
                ProviderErrorKind::Timeout,
                "the provider did not answer in time",
            )
            .with_effect(Effect::Unknown)
            .with_source(Hung)),
        }
    }
}
