//! The clauses of `KeyIssuer::credential_facts`.

use pinning_keys_core::ErrorKind;

use super::shared::{ensure_refused, of_another_provider};
use crate::bench::Bench;
use crate::case::{Case, case, one_key};
use crate::need::Need::{HasLedger, MaySkipLate};
use crate::verdict::{Stop, Verdict, ensure};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("facts-01-sends-nothing", one_key, [HasLedger], bench => sends_nothing(bench)),
    case!("facts-02-named-key-is-the-issued-key", one_key, [MaySkipLate(|_| true)], bench => names_its_key(bench)),
    case!("facts-03-foreign-credential-is-refused", one_key, [HasLedger], bench => foreign(bench)),
];

async fn sends_nothing(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let before = bench.requests();
    // A refusal must send nothing either.
    let _ = bench.issuer().credential_facts(key.credential());
    let sent = bench.requests().zip(before).map_or(0, |(now, before)| now - before);
    ensure!(sent == 0, "reading a credential sent a request");
    Ok(())
}

async fn names_its_key(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let facts = bench.issuer().credential_facts(key.credential());
    let names_none = || Stop::skipped("the credentials of the provider's keys name no key");
    let facts = match facts {
        Err(error) if error.kind() == ErrorKind::Unsupported => return Err(names_none()),
        facts => facts?,
    };
    let named = facts.key_ref().ok_or_else(names_none)?;
    ensure!(named == key.key_ref(), "the credential of {} names {named}", key.key_ref());
    Ok(())
}

async fn foreign(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let foreign = of_another_provider(key.credential())?;
    let before = bench.requests();
    let answer = bench.issuer().credential_facts(&foreign);
    ensure_refused(bench, before, ErrorKind::InvalidInput, answer)
}
