//! Reading the account's list of keys.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys::{
    Discrepancies, Error, KeyIssuer, KeyIssuerExt as _, KeyQuery, KeyRecord, Patient,
};

use crate::account::Account;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

/// How long a page may wait for the rate limit, as long as a batch waits.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// All keys that a query selects.
pub(crate) struct Listing {
    pub(crate) records: Vec<KeyRecord>,
    pub(crate) doubts: Discrepancies,
}

/// Why a list could not be read to its end, and after how many keys.
pub(crate) struct Broken {
    read: usize,
    error: Error,
}

/// Reads the whole list and keeps what is wanted.
pub(crate) async fn collect(
    account: &Account,
    output: &Output,
    query: KeyQuery,
    is_wanted: impl Fn(&KeyRecord) -> bool,
) -> Result<Listing, Broken> {
    let mut records = Vec::new();
    let doubts = read(account, output, query, |record| {
        records.extend(Some(record).filter(&is_wanted));
        ControlFlow::Continue(())
    })
    .await?;
    Ok(Listing { records, doubts })
}

/// Reads the list until it ends or `take` breaks, and waits for the rate limit as long as a batch
/// does.
pub(crate) async fn read(
    account: &Account,
    output: &Output,
    query: KeyQuery,
    mut take: impl FnMut(KeyRecord) -> ControlFlow<()>,
) -> Result<Discrepancies, Broken> {
    let issuer = patient(account);
    let mut keys = issuer.keys(query);
    let mut progress = Progress::counting(output, "listing keys");
    let mut read = 0;
    while let Some(record) = progress.during(keys.next(), || (read, String::new())).await {
        let record = record.map_err(|error| Broken { read, error })?;
        read += 1;
        if take(record).is_break() {
            break;
        }
    }
    Ok(keys.discrepancies())
}

/// The account's issuer, which also outlasts a rate limit that other programs exceed.
pub(crate) fn patient(account: &Account) -> Patient<Arc<dyn KeyIssuer>> {
    Patient::new(Arc::clone(account.issuer()), PATIENCE, tokio::time::sleep)
}

impl From<Broken> for Failure {
    fn from(Broken { read, error }: Broken) -> Self {
        let failure = Self::from(error);
        if read == 0 {
            return failure;
        }
        let exit = failure.exit().or_worse(Exit::Failed);
        let context = format!("the list of keys is incomplete, because it broke after {read} keys");
        failure.with_exit(exit).in_context(&context)
    }
}

/// The failure of a list in which a key may be missing.
pub(crate) fn doubtful(doubts: Discrepancies) -> Failure {
    Failure::new(Exit::Failed, format!("the list of keys may be incomplete: {doubts}"))
        .with_next("run the same command again; the list may have changed while it was read")
}

/// The failure if a key was not found, which an incomplete list does not prove.
pub(crate) fn unless_doubtful(doubts: Discrepancies, failure: Failure) -> Failure {
    if doubts.is_empty() { failure } else { doubtful(doubts) }
}
