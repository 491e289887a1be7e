//! Faults of a provider in the middle of a thousand creates.

use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_bulk::{issue_many, revoke_many};
use pinning_keys_core::{Effect, KeyIssuerExt as _, Reconciliation};
use pinning_keys_emulator::{Cut, Fault, FaultRule, Stage};
use tokio::time::Instant;

use crate::desk::at_once;
use crate::stand::{PROVIDERS, Provider, Stand, keys_of, revoke_all, users};

#[tokio::test(start_paused = true)]
async fn create_of_unknown_effect_is_a_result_and_not_retried() {
    for provider in PROVIDERS {
        let stand = Stand::new(provider);
        let create = |fault| FaultRule::new(fault).method(Method::POST).path(stand.create_path());
        let faults = stand.emulator.faults();
        for n in [100, 200, 500] {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            faults.add(create(Fault::status(status, Stage::AfterCommit)).nth(n));
            faults.add(create(Fault::CutConnection(Cut::AfterCommit)).nth(n + 1));
            faults.add(create(Fault::CutConnection(Cut::BeforeRead)).nth(n + 2));
        }
        let mut keys = issue_many(stand.issuer.clone(), users(1_000));
        let mut unknown = Vec::new();
        while let Some((request, result)) = keys.next().await {
            if let Err(error) = result {
                assert_eq!(error.effect(), Effect::Unknown, "{error}");
                assert_eq!(error.key_name(), Some(request.name()));
                unknown.push(request);
            }
        }
        assert_eq!((unknown.len(), keys.progress().succeeded()), (9, 991));
        // One request per item, and those that were cut before they were read made no key.
        assert_eq!((stand.creates(), stand.emulator.keys_made()), (1_000, 997));

        // Their names settle them: six were made after all.
        let mut settled = 0;
        for request in unknown {
            let outcome = stand.issuer.reconcile(request.name()).await.unwrap();
            settled += usize::from(matches!(outcome, Reconciliation::Settled { .. }));
        }
        assert_eq!((settled, stand.emulator.keys_live()), (6, 991));
    }
}

#[tokio::test(start_paused = true)]
async fn sixty_four_calls_in_flight_leave_no_gap() {
    // At 50 ms each, a thousand calls take sixteen rounds.
    let ideal = Duration::from_millis(16 * 50);
    let stand = Stand::new(Provider::Pinata);
    let beginning = Instant::now();
    let mut keys = issue_many(stand.issuer.clone(), users(1_000)).with_concurrency(at_once(64));
    let refs = keys_of(&mut keys).await;
    assert!(beginning.elapsed() <= ideal.mul_f64(1.05), "{:?}", beginning.elapsed());

    let beginning = Instant::now();
    let mut keys = revoke_many(stand.issuer.clone(), refs).with_concurrency(at_once(64));
    assert_eq!(revoke_all(&mut keys).await, (1_000, 0));
    assert!(beginning.elapsed() <= ideal.mul_f64(1.05), "{:?}", beginning.elapsed());
}
