//! Whatever step the worker dies at, the next one comes to the same end.

use std::sync::Arc;

use pinning_keys_lifecycle::{KeyState, Lease};
use tokio::sync::Notify;

use crate::stand::{At, HOUR, MINUTE, PROPAGATION, Stand, answer_lost, request_lost};
use crate::stepping::{Call, Stepping};

/// Lets the worker die at its call `last`, then lets another one go on. Returns whether it died.
async fn dies_and_recovers(at: At, last: usize, death: Call) -> bool {
    let stand = Stand::at(at).await;
    let unheard = stand.doubtful("lost", answer_lost()).await;
    let nothing = stand.doubtful("nothing", request_lost()).await;
    let kept = stand.live("kept", Lease::none()).await;
    let leased = stand.live("leased", Lease::of(HOUR / 2)).await;
    let label = stand.store_row().await.label;
    let stray = stand.create(&format!("stray.{label}-00000000000zz-000000"));

    let died = Arc::new(Notify::new());
    let dying = Arc::clone(&died);
    let store = Stepping::new(stand.store.clone(), move |call| {
        if call != last {
            return Call::Returns;
        }
        dying.notify_one();
        death
    });
    let has_died = tokio::select! {
        () = died.notified() => true,
        () = async {
            let manager = stand.manager_on(store).await;
            for _ in 0..4 {
                stand.advance(PROPAGATION);
                manager.run_due(100).await.unwrap();
            }
        } => false,
    };
    stand.run_for(HOUR, 10 * MINUTE).await;

    let context = format!("{at:?}, call {last} {death:?}");
    let states = [
        (&unheard, KeyState::Revoked),
        (&nothing, KeyState::Closed),
        (&kept, KeyState::Live),
        (&leased, KeyState::Revoked),
    ];
    for (id, state) in states {
        let row = stand.row(id).await;
        assert_eq!(row.state, state, "{context}: {row:?}");
        assert!(row.claimed_until.is_none() && !row.unproven, "{context}: {row:?}");
    }
    let rows = stand.rows().await;
    assert_eq!(rows.iter().filter(|row| row.adopted).count(), 1, "{context}");
    let alive: Vec<_> = stand.keys().into_iter().filter(|(.., ended)| !ended).collect();
    assert_eq!(alive.len(), 2, "{context}: {alive:?}");
    assert!(alive.iter().any(|(key, ..)| *key == stray));
    assert!(stand.account().await.full_pass_began.is_some(), "{context}");
    has_died
}

#[tokio::test]
async fn worker_that_dies_at_any_call_is_continued() {
    for at in [At::Pinata, At::W3ipfs] {
        for death in [Call::IsNotMade, Call::NeverReturns] {
            let mut last = 1;
            while dies_and_recovers(at, last, death).await {
                last += 1;
            }
            assert!(last > 40, "{at:?}: only {last} calls");
        }
    }
}
