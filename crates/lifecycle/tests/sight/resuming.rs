//! A backup was restored in place, and only a late page of a listing shows what was issued since.

use std::sync::Arc;

use http::{Method, StatusCode};
use pinning_keys_emulator::{Fault, FaultRule, Stage};
use pinning_keys_lifecycle::store::{Scope, Select, Store as _, Tx, Verdict};
use pinning_keys_lifecycle::{
    Clock as _, KeyId, KeyManager, KeyState, Lease, MemoryStore, Timestamp,
};

use crate::stand::{At, DAY, HOUR, MINUTE, PAGE, Stand, issuer};

/// A lease that the backup shows as over, although it was renewed.
fn renewable() -> Lease {
    Lease::of(2 * HOUR).renewable_until(DAY)
}

/// So many keys of others, before or after those of the store, that these are not on the first page.
fn crowd(stand: &Stand) {
    let known = stand.keys().len();
    for number in 0..2 * PAGE {
        stand.create(&format!("foreign-{known}-{number}"));
    }
}

/// A restored backup from before a renewal and an issue, 30 minutes after the lease in the backup.
struct Restored {
    stand: Stand,
    /// The key whose renewal is forgotten.
    renewed: KeyId,
    /// The key that is forgotten.
    lost: KeyId,
}

async fn restored(at: At) -> Restored {
    let stand = Stand::at(at).await;
    crowd(&stand);
    let renewed = stand.live("renewed", renewable()).await;
    stand.run().await;
    let backup = stand.store.snapshot();
    stand.advance(90 * MINUTE);
    stand.manager.renew(&renewed).await.unwrap();
    let lost = stand.live("lost", Lease::of(DAY)).await;
    crowd(&stand);
    stand.advance(HOUR);
    Restored { stand: stand.with(backup).await, renewed, lost }
}

#[tokio::test]
async fn renewed_lease_does_not_end_before_the_last_page_is_read() {
    for at in [At::Pinata, At::Legacy, At::W3ipfs] {
        let Restored { stand, renewed, lost } = restored(at).await;
        stand.run().await;
        assert!(stand.row(&lost).await.adopted, "{at:?}");
        stand.run_for(HOUR, 10 * MINUTE).await;
        assert_eq!(stand.state(&renewed).await, KeyState::Live, "{at:?}");
        stand.run_for(DAY, HOUR).await;
        assert_eq!(stand.state(&renewed).await, KeyState::Revoked, "{at:?}");
    }
}

#[tokio::test]
async fn managing_call_ends_no_lease_before_the_listing_is_read() {
    let Restored { stand, renewed, .. } = restored(At::Pinata).await;
    stand.live("fresh", Lease::of(HOUR)).await;
    assert_eq!(stand.state(&renewed).await, KeyState::Live);
}

#[tokio::test(start_paused = true)]
async fn process_that_dies_while_it_looks_leaves_the_rest_to_the_next() {
    let Restored { stand, renewed, lost } = restored(At::W3ipfs).await;
    stand.fault(FaultRule::new(Fault::status(StatusCode::BAD_GATEWAY, Stage::BeforeCommit)));
    stand.run().await;
    stand.emulator.faults().clear();
    let next = stand.with(stand.store.clone()).await;
    next.run_for(5 * MINUTE, MINUTE).await;
    assert!(next.row(&lost).await.adopted);
    assert_eq!(next.state(&renewed).await, KeyState::Live);
}

#[tokio::test]
async fn create_whose_delivery_was_confirmed_since_the_backup_is_not_in_doubt() {
    let stand = Stand::at(At::Pinata).await;
    crowd(&stand);
    let handed_over = stand.live("handed-over", Lease::of(DAY)).await;
    stand.run().await;
    let backup = stand.store.snapshot();
    stand.live("lost", Lease::of(DAY)).await;
    crowd(&stand);
    let scope = Scope { keys: Select::Ids(vec![handed_over.clone()]), ..Scope::default() };
    let was_intended = |tx: &mut Tx| {
        let row = &mut tx.rows[0];
        (row.state, row.granted) = (KeyState::Intended, None);
        (row.references, row.due_at) = ("[]".to_owned(), Some(row.settle_after));
        Verdict::Commit
    };
    backup.transact(scope, Arc::new(was_intended)).await.unwrap();
    stand.advance(3 * HOUR);
    let stand = stand.with(backup).await;
    stand.run_for(HOUR, MINUTE).await;
    let row = stand.row(&handed_over).await;
    assert_eq!((row.state, stand.key(&handed_over).2), (KeyState::Undelivered, false), "{row:#?}");
}

/// Two accounts, and the managers of a store and its backup.
struct Two {
    main: Stand,
    other: Stand,
}

impl Two {
    async fn new() -> Self {
        Self { main: Stand::at(At::Pinata).await, other: Stand::at(At::W3ipfs).await }
    }

    async fn manager_on(&self, store: &MemoryStore) -> KeyManager {
        let builder = KeyManager::builder(store.clone());
        let builder = builder.account("main", issuer(At::Pinata, &self.main.emulator));
        let builder = builder.account("other", issuer(At::W3ipfs, &self.other.emulator));
        builder.build().await.unwrap()
    }

    /// Restores a backup from before a key of the other account was issued. Returns the manager, the
    /// store, and the key whose renewal is forgotten.
    async fn restored(&self) -> (KeyManager, Stand, KeyId) {
        let manager = self.manager_on(&self.main.store).await;
        let renewed = self.main.live("renewed", renewable()).await;
        manager.run_due(100).await.unwrap();
        let backup = self.main.store.snapshot();
        self.main.advance(90 * MINUTE);
        manager.renew(&renewed).await.unwrap();
        let request = crate::stand::request("lost");
        let lost = manager.account("other").unwrap().issue(&request, Lease::of(DAY)).await;
        lost.unwrap().confirm().await.unwrap();
        self.main.advance(HOUR);
        (self.manager_on(&backup).await, self.main.with(backup).await, renewed)
    }
}

#[tokio::test]
async fn stray_of_another_account_is_noticed_before_a_lease_ends() {
    let two = Two::new().await;
    let (manager, stand, renewed) = two.restored().await;
    manager.run_due(100).await.unwrap();
    assert!(stand.store_row().await.rolled_back_at.is_some());
    assert_eq!(stand.state(&renewed).await, KeyState::Live);
}

#[tokio::test(start_paused = true)]
async fn account_that_cannot_be_listed_keeps_leases_from_ending_for_an_hour() {
    let two = Two::new().await;
    let fault = Fault::status(StatusCode::BAD_GATEWAY, Stage::BeforeCommit);
    let manager = two.manager_on(&two.main.store).await;
    let id = two.main.live("key", Lease::of(2 * HOUR)).await;
    manager.run_due(100).await.unwrap();
    two.other.fault(FaultRule::new(fault).method(Method::GET));
    two.main.advance(3 * HOUR);
    let resumed_at = Timestamp::from(two.main.clock.now());
    for minute in 0..60 {
        let tick = manager.run_due(100).await.unwrap();
        let status = manager.status().await.unwrap();
        assert_eq!(status.unchecked_since(), Some(resumed_at), "{status}");
        assert_eq!(two.main.state(&id).await, KeyState::Live, "minute {minute}: {tick}");
        two.main.advance(MINUTE);
    }
    let status = manager.status().await.unwrap();
    assert_eq!(status.unchecked_since(), None, "{status}");
    manager.run_due(100).await.unwrap();
    assert_eq!(two.main.state(&id).await, KeyState::Revoked);
}

#[tokio::test]
async fn leases_end_at_once_after_a_restart_and_after_a_listing() {
    for (pause, most) in [(119 * MINUTE, 2), (23 * HOUR, 8)] {
        let stand = Stand::at(At::Pinata).await;
        crowd(&stand);
        crowd(&stand);
        let id = stand.live("key", Lease::of(HOUR)).await;
        stand.run().await;
        stand.advance(pause);
        let stand = stand.with(stand.store.clone()).await;
        stand.change_account(|row| row.pass_due_at = row.pass_due_at.saturating_add(HOUR)).await;
        let before = stand.emulator.requests();
        stand.run().await;
        assert_eq!(stand.state(&id).await, KeyState::Revoked, "{pause:?}");
        // A page for its date, or the whole listing, and the revocation.
        let sent = stand.requests_since(before);
        assert!(sent <= most, "{pause:?}: {sent}");
        assert_eq!(stand.store_row().await.resumed_at, None);
    }
}
