//! A key that has ended stays ended, and a key that was forgotten is left alone.

use std::sync::Arc;

use http::{Method, StatusCode};
use pinning_keys_emulator::{Fault, FaultRule, Stage};
use pinning_keys_lifecycle::store::{KeyRow, Scope, Select, Store as _, Tx, Verdict};
use pinning_keys_lifecycle::{KeyId, KeyState, Lease};

use crate::stand::{At, DAY, HOUR, MINUTE, Stand};

/// Ends a row behind the manager's back, although its key lives.
async fn bury(stand: &Stand, id: &KeyId) {
    let now = stand.row(id).await.changed_at;
    change(stand, id, move |row| {
        row.state = KeyState::Revoked;
        row.open_holder = None;
        row.due_at = Some(now.saturating_add(10 * MINUTE));
        row.keep_until = Some(now.saturating_add(30 * DAY));
    })
    .await;
}

async fn change(stand: &Stand, id: &KeyId, change: impl Fn(&mut KeyRow) + Send + Sync + 'static) {
    let scope = Scope { keys: Select::Ids(vec![id.clone()]), ..Scope::default() };
    let decide = move |tx: &mut Tx| {
        change(&mut tx.rows[0]);
        Verdict::Commit
    };
    stand.store.transact(scope, Arc::new(decide)).await.unwrap();
}

#[tokio::test]
async fn key_that_lives_under_an_ended_row_is_revoked() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let id = stand.live("undead", Lease::none()).await;
        bury(&stand, &id).await;
        stand.run_for(20 * MINUTE, 10 * MINUTE).await;
        assert_eq!(stand.state(&id).await, KeyState::Revoked, "{at:?}");
        assert!(stand.key(&id).2, "{at:?}: it was revoked at the provider");
    }
}

#[tokio::test]
async fn row_is_looked_at_four_times() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let id = stand.live("ended", Lease::of(HOUR)).await;
        stand.run_for(HOUR, 10 * MINUTE).await;
        let ended = stand.row(&id).await;
        assert_eq!((ended.state, ended.watched), (KeyState::Revoked, 0), "{at:?}");
        for (time, watched) in [(20 * MINUTE, 1), (HOUR, 2), (DAY, 3), (7 * DAY, 4)] {
            stand.run_for(time, time / 2).await;
            assert_eq!(stand.row(&id).await.watched, watched, "{at:?} after {time:?}");
        }
        assert_eq!(stand.row(&id).await.due_at, None, "{at:?}: and not again");
    }
}

#[tokio::test(start_paused = true)]
async fn forgotten_key_is_no_stray_after_a_month_without_a_listing() {
    let stand = Stand::at(At::Pinata).await;
    let id = stand.live("forgotten", Lease::of(DAY)).await;
    stand.manager.forget(&id).await.unwrap();
    let fault = Fault::status(StatusCode::BAD_GATEWAY, Stage::BeforeCommit);
    stand.fault(FaultRule::new(fault).method(Method::GET));
    stand.manager.confirm_clock().await.unwrap();
    stand.run_for(40 * DAY, 20 * HOUR).await;
    stand.emulator.faults().clear();
    stand.run_for(2 * DAY, 20 * HOUR).await;
    assert_eq!(stand.state(&id).await, KeyState::Forgotten);
    assert_eq!(stand.store_row().await.rolled_back_at, None);
    // Once a listing shows that it is gone, so is its row.
    stand.revoke(&stand.key(&id).0);
    stand.run_for(40 * DAY, 20 * HOUR).await;
    assert!(stand.rows().await.is_empty());
}

#[tokio::test]
async fn forgotten_key_is_left_alone_and_never_a_stray() {
    let stand = Stand::at(At::Pinata).await;
    let id = stand.live("forgotten", Lease::of(DAY)).await;
    stand.manager.forget(&id).await.unwrap();
    // Long after the row could be removed.
    stand.run_for(70 * DAY, 20 * HOUR).await;
    assert_eq!(stand.state(&id).await, KeyState::Forgotten);
    assert!(!stand.key(&id).2);
    assert_eq!(stand.store_row().await.rolled_back_at, None);
}
