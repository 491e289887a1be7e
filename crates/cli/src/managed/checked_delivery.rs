//! Delivery of a secret after a look at what the provider recorded.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use pinning_keys::{KeyIssuerExt as _, Recorded};
use pinning_keys_sinks::{Delivery, Incoming, Sink, SinkError};

use crate::account::Account;
use crate::destination::Destination;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::recorded::{judge, warn_unknown};

/// Delivers a secret unless the provider recorded more than was requested. The lifecycle then
/// revokes the key.
pub(crate) struct CheckedDelivery<'a> {
    destination: &'a Destination,
    account: &'a Account,
    output: &'a Output,
    recorded: Mutex<Option<Recorded>>,
}

impl<'a> CheckedDelivery<'a> {
    pub(crate) fn new(
        destination: &'a Destination,
        account: &'a Account,
        output: &'a Output,
    ) -> Self {
        Self { destination, account, output, recorded: Mutex::new(None) }
    }

    /// What the provider recorded, if its list could be read.
    pub(crate) fn into_recorded(self) -> Option<Recorded> {
        self.recorded.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sink for CheckedDelivery<'_> {
    async fn check(&self, key: &Incoming) -> Result<(), SinkError> {
        self.destination.check(key).await
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
        match self.account.issuer().check(delivery.key()).await {
            Ok(recorded) => {
                judge(&recorded, self.output).map_err(SinkError::new)?;
                *self.recorded.lock().unwrap_or_else(PoisonError::into_inner) = Some(recorded);
            }
            Err(error) => warn_unknown(&escaped(&error.to_string()), self.output),
        }
        self.destination.deliver(delivery).await?;
        self.destination.show(delivery)
    }
}

impl fmt::Display for CheckedDelivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.destination.place().unwrap_or_else(|| "the terminal".to_owned()))
    }
}
