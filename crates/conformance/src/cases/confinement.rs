//! The clauses of `KeyIssuer::account` and `KeyIssuer::confined_to`.

use pinning_keys_core::{ErrorKind, KeyQuery, Operation};

use super::shared::ensure_refused;
use crate::bench::Bench;
use crate::case::{Case, case, one_key, two_keys};
use crate::need::Need::{HasLedger, MaySkipLate};
use crate::text::plural;
use crate::verdict::{Stop, Verdict, ensure};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("account-01-sends-nothing", one_key, [HasLedger], bench => sends_nothing(bench)),
    case!("account-02-another-account-is-refused-before-any-request", two_keys,
        [HasLedger, MaySkipLate(|_| true)], bench => refuses(bench)),
    case!("account-03-own-account-is-served", one_key, [MaySkipLate(|_| true)], bench => serves(bench)),
];

/// An id that no account is expected to have.
const ANOTHER_ACCOUNT: &str = "pinning-keys-conformance-another-account";

async fn sends_nothing(bench: &Bench<'_>) -> Verdict {
    // If the source has to log in, it does so here.
    bench.plain_key().await?;
    let before = bench.requests();
    bench.account().await?;
    let sent = bench.requests().zip(before).map_or(0, |(now, before)| now - before);
    ensure!(sent == 0, "reading the account sent {}", plural(sent, "request"));
    Ok(())
}

async fn refuses(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    if !bench.confine(ANOTHER_ACCOUNT) {
        return Err(Stop::skipped("the issuer cannot be confined to an account"));
    }
    let (before, refused) = (bench.requests(), ErrorKind::CredentialUnavailable);
    let answer = bench.try_issue(&bench.plain_request()?).await?;
    ensure_refused(bench, before, refused, answer)?;
    if !bench.harness().lacks(Operation::List) {
        ensure_refused(bench, before, refused, bench.try_page(&KeyQuery::new()).await?)?;
    }
    if !bench.harness().lacks(Operation::Revoke) {
        ensure_refused(bench, before, refused, bench.try_revoke(key.key_ref()).await?)?;
    }
    Ok(())
}

async fn serves(bench: &Bench<'_>) -> Verdict {
    let Some(account) = bench.account().await? else {
        return Err(Stop::skipped("the account's credential does not show its account"));
    };
    let is_confined = bench.confine(account.id());
    ensure!(is_confined, "the issuer reads its account, but cannot be confined to it");
    let key = bench.plain_key().await?;
    if !bench.harness().lacks(Operation::List) {
        bench.page(&KeyQuery::new()).await?;
    }
    bench.discard(&key).await
}
