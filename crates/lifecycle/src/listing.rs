//! One page of an account's listing.

use pinning_keys_core::{KeyPage, KeyQuery};

use crate::Error;
use crate::inner::{Account, Inner};
use crate::slots::Class;

/// Reads a page, after waiting for a slot of the rate limit.
pub(crate) async fn page(
    inner: &Inner,
    account: &Account,
    query: &KeyQuery,
    class: Class,
) -> Result<KeyPage, Error> {
    inner.slot(account, class, 1, true).await?;
    read(inner, account, query).await
}

/// Reads a page, for which a slot of the rate limit was taken.
pub(crate) async fn read(
    inner: &Inner,
    account: &Account,
    query: &KeyQuery,
) -> Result<KeyPage, Error> {
    let listed = inner.answer(account, account.issuer.list(query)).await;
    if let Ok(page) = &listed {
        inner.clock_guard.answered(page.date());
    }
    inner.report(account, None, &listed).await?;
    match listed {
        Ok(page) => Ok(page),
        Err(error) => {
            let message = format!("cannot list the keys of account {:?}", account.name);
            Err(Error::new(inner.kind_of(account, &error).await, message).with_source(error))
        }
    }
}
