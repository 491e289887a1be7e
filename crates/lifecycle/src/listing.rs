//! One page of an account's listing, within its rate limit.

use pinning_keys_core::{KeyPage, KeyQuery};

use crate::inner::{Account, Inner};
use crate::slots::Class;
use crate::{Error, ErrorKind};

/// Reads a page. Waits for a slot of the rate limit first, and tells the account's breaker how it
/// went.
pub(crate) async fn page(
    inner: &Inner,
    account: &Account,
    query: &KeyQuery,
    class: Class,
) -> Result<KeyPage, Error> {
    inner.slot(account, class, 1, true).await?;
    let listed = account.issuer.list(query).await;
    inner.report(account, None, &listed).await?;
    listed.map_err(|error| {
        let message = format!("cannot list the keys of account {:?}", account.name);
        Error::new(ErrorKind::Provider, message).with_source(error)
    })
}
