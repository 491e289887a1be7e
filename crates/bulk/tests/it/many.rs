//! What goes wrong at a provider between a thousand creates.

use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_bulk::{issue_many, revoke_many};
use pinning_keys_core::{
    Effect, KeyIssuerExt as _, KeyRequest, Reconciliation, Revocation, ScopeRequest,
};
use pinning_keys_emulator::{Cut, Fault, FaultRule, Stage};
use tokio::time::Instant;

use crate::stand::{PROVIDERS, Provider, Stand};

fn requests(count: usize) -> impl Iterator<Item = KeyRequest> + Send + 'static {
    (0..count).map(|n| KeyRequest::new(format!("user {n:03}"), ScopeRequest::reader()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_create_of_unknown_effect_is_a_result_and_is_never_sent_again() {
    for provider in PROVIDERS {
        let stand = Stand::new(provider);
        let create = |fault| FaultRule::new(fault).method(Method::POST).path(stand.create_path());
        let faults = stand.emulator.faults();
        for n in [10, 100, 500] {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            faults.add(create(Fault::status(status, Stage::AfterCommit)).nth(n));
            faults.add(create(Fault::CutConnection(Cut::AfterCommit)).nth(n + 1));
            faults.add(create(Fault::CutConnection(Cut::BeforeRead)).nth(n + 2));
        }
        let mut keys = issue_many(stand.issuer.clone(), requests(1_000));
        let mut unknown = Vec::new();
        while let Some((request, result)) = keys.next().await {
            if let Err(error) = result {
                assert_eq!(error.effect(), Effect::Unknown, "{error}");
                assert_eq!(error.key_name(), Some(request.name()));
                unknown.push(request);
            }
        }
        assert_eq!((unknown.len(), keys.progress().succeeded()), (9, 991));
        // One request an item, and what was cut before it was read is not there.
        assert_eq!((stand.creates(), stand.emulator.keys_made()), (1_000, 997));

        // The names settle it: six were made after all.
        let mut settled = 0;
        for request in unknown {
            let outcome = stand.issuer.reconcile(request.name()).await.unwrap();
            settled += usize::from(matches!(outcome, Reconciliation::Settled { .. }));
        }
        assert_eq!((settled, stand.emulator.keys_live()), (6, 991));
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_cannot_be_reached_for_a_while_loses_no_item() {
    for provider in PROVIDERS {
        let stand = Stand::new(provider);
        // Each try of an item is several of the adapter's.
        stand.emulator.faults().add(FaultRule::new(Fault::RefuseConnection).first(60));
        let mut keys = issue_many(stand.issuer.clone(), requests(100));
        while let Some((_, result)) = keys.next().await {
            result.unwrap();
        }
        assert!(keys.progress().repeated() > 0);
        assert_eq!((stand.creates(), stand.emulator.keys_made()), (100, 100));
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_expressed_is_a_result_and_costs_no_request() {
    for provider in PROVIDERS {
        let stand = Stand::new(provider);
        let scope = || {
            ScopeRequest::needs([
                pinning_keys_core::Permission::NftsAdd,
                pinning_keys_core::Permission::GroupsWrite,
            ])
        };
        let requests = (0..20).map(move |n| KeyRequest::new(format!("{n}"), scope()).unwrap());
        let mut keys = issue_many(stand.issuer.clone(), requests);
        while let Some((_, result)) = keys.next().await {
            assert_eq!(result.unwrap_err().effect(), Effect::NotSent);
        }
        let progress = keys.progress();
        assert_eq!((progress.failed(), progress.repeated()), (20, 0));
        assert_eq!(stand.emulator.requests(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn sixty_four_at_a_time_leave_no_gap() {
    // Of 50 ms each, a thousand calls take sixteen rounds.
    let ideal = Duration::from_millis(16 * 50);
    let stand = Stand::new(Provider::Pinata);
    let beginning = Instant::now();
    let mut keys = issue_many(stand.issuer.clone(), requests(1_000)).with_concurrency(64);
    let mut refs = Vec::new();
    while let Some((_, key)) = keys.next().await {
        refs.push(key.unwrap().key_ref().clone());
    }
    assert!(beginning.elapsed() <= ideal.mul_f64(1.05), "{:?}", beginning.elapsed());

    let beginning = Instant::now();
    let mut keys = revoke_many(stand.issuer.clone(), refs).with_concurrency(64);
    while let Some((_, result)) = keys.next().await {
        assert_eq!(result.unwrap(), Revocation::Revoked);
    }
    assert!(beginning.elapsed() <= ideal.mul_f64(1.05), "{:?}", beginning.elapsed());
}
