//! A create whose outcome is unknown ends as what it was: a key that is revoked, or nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::FutureExt as _;
use http::{Method, StatusCode};
use pinning_keys_emulator::{Fault, FaultRule, ListFault, Stage};
use pinning_keys_lifecycle::store::{Scope, Store as _, Tx, Verdict};
use pinning_keys_lifecycle::{KeyManager, KeyState, Lease};

use crate::stand::{
    At, DAY, HOUR, MINUTE, PROPAGATION, Stand, answer_lost, is_ending, references, request_lost,
};
use crate::stepping::{Call, Stepping};

const SIDES: [At; 3] = [At::Pinata, At::Legacy, At::W3ipfs];

#[tokio::test]
async fn key_of_a_lost_answer_is_found_and_ends() {
    for at in SIDES {
        let stand = Stand::at(at).await;
        let id = stand.doubtful("lost", answer_lost()).await;
        stand.advance(PROPAGATION);
        stand.run().await;
        let row = stand.row(&id).await;
        assert!(is_ending(row.state), "{at:?}: {row:?}");
        assert_eq!(references(&row), [stand.key(&id).0]);
    }
}

#[tokio::test]
async fn nothing_is_concluded_before_two_looks() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let id = stand.doubtful("nothing", request_lost()).await;
        stand.run().await;
        assert_eq!(stand.row(&id).await.first_look, None, "{at:?}: too early for a look");
        stand.advance(PROPAGATION);
        stand.run().await;
        stand.run().await;
        let row = stand.row(&id).await;
        assert!(row.state == KeyState::InDoubt && row.first_look.is_some(), "{at:?}: {row:?}");
        stand.advance(PROPAGATION);
        stand.run().await;
        let row = stand.row(&id).await;
        assert_eq!((row.state, row.unproven), (KeyState::Closed, false), "{at:?}");
    }
}

#[tokio::test]
async fn listing_that_lags_once_does_not_hide_the_key() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let id = stand.doubtful("lags", answer_lost()).await;
        stand.distort(ListFault::Stale);
        stand.advance(PROPAGATION);
        stand.run().await;
        assert_eq!(stand.state(&id).await, KeyState::InDoubt, "{at:?}");
        stand.emulator.faults().clear();
        stand.advance(PROPAGATION);
        stand.run().await;
        assert!(is_ending(stand.state(&id).await), "{at:?}");
    }
}

#[tokio::test]
async fn key_that_shows_up_after_the_row_closed_ends() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let id = stand.doubtful("late", Fault::Late { requests: u32::MAX }).await;
        stand.run_for(PROPAGATION * 3, PROPAGATION).await;
        assert_eq!(stand.state(&id).await, KeyState::Closed, "{at:?}");
        assert_eq!(stand.emulator.faults().carry_out_late().await, 1);
        stand.run_for(2 * HOUR, 10 * MINUTE).await;
        let row = stand.row(&id).await;
        assert!(is_ending(row.state), "{at:?}: {row:?}");
        assert_eq!(references(&row), [stand.key(&id).0]);
    }
}

#[tokio::test]
async fn every_key_of_the_exact_name_ends() {
    let stand = Stand::at(At::Pinata).await;
    let id = stand.doubtful("twice", answer_lost()).await;
    let (first, name, _) = stand.key(&id);
    let second = stand.create(&name);
    stand.advance(PROPAGATION);
    stand.run().await;
    let row = stand.row(&id).await;
    assert!(is_ending(row.state));
    let known: BTreeSet<_> = references(&row).into_iter().collect();
    assert_eq!(known, BTreeSet::from([first, second]));
}

#[tokio::test]
async fn key_of_another_name_keeps_the_row_open() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let id = stand.doubtful("similar", request_lost()).await;
        let name = stand.row(&id).await.name.replace("similar", "another");
        let key = stand.create(&name);
        stand.run_for(2 * DAY, HOUR).await;
        let row = stand.row(&id).await;
        assert_eq!((row.state, row.references.as_str()), (KeyState::InDoubt, "[]"), "{at:?}");
        assert!(row.difference.is_some_and(|text| text.contains("another.")));
        assert!(!stand.keys()[0].2, "nobody may revoke it but its maker");
        stand.revoke(&key);
        stand.run_for(3 * HOUR, HOUR).await;
        let row = stand.row(&id).await;
        assert_eq!((row.state, row.difference), (KeyState::Closed, None), "{at:?}");
    }
}

#[tokio::test]
async fn truncated_name_keeps_the_row_open() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let older = stand.create("trunc");
        stand.advance(HOUR);
        let id = stand.doubtful("truncated", request_lost()).await;
        let key = stand.create(&stand.row(&id).await.name[..20]);
        stand.run_for(2 * DAY, HOUR).await;
        let row = stand.row(&id).await;
        assert_eq!((row.state, row.references.as_str()), (KeyState::InDoubt, "[]"), "{at:?}");
        assert!(row.difference.is_some_and(|text| text.contains(&key)));
        stand.revoke(&key);
        stand.run_for(3 * HOUR, HOUR).await;
        assert_eq!(stand.state(&id).await, KeyState::Closed, "{at:?}: {older} is older");
    }
}

#[tokio::test]
async fn without_complete_looks_the_row_closes_unproven_after_a_day() {
    for at in [At::Legacy, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let id = stand.doubtful("unproven", request_lost()).await;
        stand.create("other");
        stand.create("another");
        stand.distort(ListFault::MissingRow);
        stand.run_for(23 * HOUR, HOUR).await;
        assert_eq!(stand.state(&id).await, KeyState::InDoubt, "{at:?}");
        stand.run_for(4 * HOUR, HOUR).await;
        let row = stand.row(&id).await;
        assert_eq!((row.state, row.unproven), (KeyState::Closed, true), "{at:?}");
    }
}

#[tokio::test]
async fn unknown_account_proves_no_absence() {
    let stand = Stand::at(At::Legacy).await;
    let id = stand.doubtful("whose", request_lost()).await;
    stand.run_for(12 * HOUR, HOUR).await;
    assert_eq!(stand.state(&id).await, KeyState::InDoubt);
    // A live key of the store shows that it is the account.
    stand.live("witness", Lease::none()).await;
    stand.run_for(3 * HOUR, HOUR).await;
    let row = stand.row(&id).await;
    assert_eq!((row.state, row.unproven), (KeyState::Closed, false));
}

#[tokio::test]
async fn refused_listing_postpones_the_row() {
    let stand = Stand::at(At::W3ipfs).await;
    let id = stand.doubtful("refused", answer_lost()).await;
    let refused = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
    stand.fault(FaultRule::new(refused).method(Method::GET));
    stand.advance(PROPAGATION);
    let _ = stand.manager.run_due(100).await;
    let row = stand.row(&id).await;
    assert!(row.claimed_until.is_none() && row.state == KeyState::InDoubt, "{row:?}");
    stand.emulator.faults().clear();
    stand.advance(MINUTE);
    stand.run().await;
    assert!(is_ending(stand.state(&id).await));
}

/// A manager of the stand's account on a store whose other nodes change the account's keys all the
/// time.
async fn busy(stand: &Stand) -> KeyManager {
    let store = stand.store.clone();
    let changed = Stepping::new(stand.store.clone(), move |_| {
        let scope = Scope { account: Some("main".to_owned()), ..Scope::default() };
        let raise = |tx: &mut Tx| {
            tx.account.as_mut().unwrap().changes += 1;
            Verdict::Commit
        };
        store.transact(scope, Arc::new(raise)).now_or_never().unwrap().unwrap();
        Call::Returns
    });
    stand.manager_on(changed).await
}

#[tokio::test]
async fn reading_disturbed_by_own_changes_proves_no_absence() {
    let stand = Stand::at(At::W3ipfs).await;
    let id = stand.doubtful("disturbed", request_lost()).await;
    for number in 0..15 {
        stand.create(&format!("foreign-{number}"));
    }
    let manager = busy(&stand).await;
    for _ in 0..12 {
        stand.advance(HOUR);
        manager.run_due(100).await.unwrap();
    }
    assert_eq!(stand.row(&id).await.first_look, None);
    assert_eq!(stand.state(&id).await, KeyState::InDoubt);
    stand.run_for(3 * HOUR, HOUR).await;
    assert_eq!(stand.state(&id).await, KeyState::Closed);
}

#[tokio::test]
async fn searches_prove_absence_in_a_busy_account() {
    let stand = Stand::at(At::Pinata).await;
    for number in 0..15 {
        stand.create(&format!("foreign-{number}"));
    }
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(stand.doubtful(&format!("holder-{number}"), request_lost()).await);
        stand.change_account(|row| row.strikes.clear()).await;
    }
    let manager = busy(&stand).await;
    for _ in 0..3 {
        stand.advance(HOUR);
        manager.run_due(100).await.unwrap();
    }
    for id in &ids {
        let row = stand.row(id).await;
        assert_eq!((row.state, row.unproven), (KeyState::Closed, false));
    }
}
