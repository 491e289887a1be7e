//! The clause about an account whose credential expires.

use pinning_keys_core::{Effect, Operation};

use super::shared::{Prepared, call};
use crate::bench::Bench;
use crate::case::{Case, case, one_key, two_keys};
use crate::disturbance::Disturbance::ExpireAccount;
use crate::facts::Facts;
use crate::need::Need::{Fault, HasLedger};
use crate::text::plural;
use crate::verdict::{Stop, Verdict, ensure};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("all-05-issue-works-after-the-credential-expired", three_keys,
        [Fault(Operation::Issue, ExpireAccount)], bench => works(bench, Operation::Issue)),
    case!("all-05-list-works-after-the-credential-expired", one_key,
        [Fault(Operation::List, ExpireAccount)], bench => works(bench, Operation::List)),
    case!("all-05-revoke-works-after-the-credential-expired", one_key,
        [Fault(Operation::Revoke, ExpireAccount)], bench => works(bench, Operation::Revoke)),
    case!("all-05-one-create-after-the-credential-expired", two_keys,
        [HasLedger, Fault(Operation::Issue, ExpireAccount)], bench => one_create(bench)),
];

/// The prepared key, and those of two calls.
fn three_keys(_: &Facts) -> usize {
    3
}

/// The call that meets the refusal may fail, but the next one must not.
async fn works(bench: &Bench<'_>, operation: Operation) -> Verdict {
    let prepared = Prepared::new(bench).await?;
    bench.disturbed(operation, ExpireAccount, || call(bench, operation, &prepared)).await?;
    match call(bench, operation, &prepared).await? {
        None => Ok(()),
        Some(error) => Err(Stop::failed(format!(
            "after the account's credential expired, the next {operation} fails: {error}"
        ))),
    }
}

/// A create that was refused is certainly not made, so an app issues again with the same name.
async fn one_create(bench: &Bench<'_>) -> Verdict {
    let request = bench.plain_request()?;
    let issuing = || bench.try_issue(&request);
    if let Err(error) = bench.disturbed(Operation::Issue, ExpireAccount, issuing).await? {
        let is_certain = error.effect() != Effect::Unknown;
        ensure!(is_certain, "a create that was refused has an unknown effect: {error}");
        bench.issue(&request).await?;
    }
    let made = bench.made(request.name());
    ensure!(made == 1, "{} created, not one", plural(made as u64, "key"));
    Ok(())
}
