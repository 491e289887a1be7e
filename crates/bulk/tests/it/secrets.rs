//! Nothing that a batch prints shows the account's credential or an issued one.

use std::fmt::{Debug, Display};

use pinning_keys_bulk::{
    Batch, IssueMany, Progress, RateLimits, Rest, RevokeMany, Throttled, Unstarted, issue_many,
    revoke_many,
};
use pinning_keys_core::{KeyIssuer, KeyRequest};
use pinning_keys_testkit::secrets::Secrets;

use crate::desk::at_once;
use crate::stand::{PROVIDERS, Stand, users};

#[tokio::test(start_paused = true)]
async fn printed_text_holds_no_secret() {
    for provider in PROVIDERS {
        let stand = Stand::new(provider);
        let (pinata, w3ipfs) = (stand.emulator.pinata(), stand.emulator.w3ipfs());
        let mut secrets = Secrets::of([pinata.jwt(), &w3ipfs.jwt()]);
        let mut printed = Vec::new();
        let mut print = |what: &dyn Debug| printed.push(format!("{what:?} {what:#?}"));

        let issuer = Throttled::new(stand.issuer.clone(), RateLimits::PINATA_ENTERPRISE);
        print(&issuer);
        let mut keys = issue_many(issuer.clone(), users(9)).with_concurrency(at_once(3));
        print(&keys.progress());
        let mut stored = Vec::new();
        for _ in 0..4 {
            let (request, result) = keys.next().await.unwrap();
            print(&(&keys, &request, &result));
            let key = result.unwrap();
            secrets.add_credential(key.credential());
            stored.push(key.key_ref().clone());
        }
        print(&keys.into_rest());

        let mut keys = revoke_many(issuer, stored).with_concurrency(at_once(2));
        while let Some(result) = keys.next().await {
            print(&(&keys, &result));
        }
        print(&keys.into_rest());

        secrets.assert_not_in("a batch", &printed.join("\n"));
    }
}

/// Compiles only for types that can move to another task.
fn assert_can_move<T: Send + Unpin + 'static>() {}

#[test]
fn batch_can_move_to_another_task() {
    assert_can_move::<IssueMany>();
    assert_can_move::<RevokeMany>();
    assert_can_move::<Rest<KeyRequest>>();
    assert_can_move::<Progress>();
    assert_can_move::<Throttled<std::sync::Arc<dyn KeyIssuer>>>();
}

static_assertions::assert_not_impl_any!(IssueMany: Display);
static_assertions::assert_not_impl_any!(Batch<KeyRequest, ()>: Display);
static_assertions::assert_not_impl_any!(Unstarted<KeyRequest>: Display);
static_assertions::assert_not_impl_any!(Throttled<std::sync::Arc<dyn KeyIssuer>>: Display);
