//! A pass over the listing notices what others have done to the keys, and what the store has lost.

use http::{Method, StatusCode};
use pinning_keys_bulk::RateLimit;
use pinning_keys_emulator::{Fault, FaultRule, ListFault, Stage};
use pinning_keys_lifecycle::{ErrorKind, KeyState, Label, Lease, Suffix};

use crate::stand::{At, DAY, HOUR, MINUTE, PROPAGATION, SECOND, Stand, is_ending};

#[tokio::test]
async fn key_revoked_by_hand_is_reported_and_not_replaced() {
    let stand = Stand::at(At::Pinata).await;
    let id = stand.live("revoked", Lease::none()).await;
    stand.revoke(&stand.key(&id).0);
    stand.run_for(HOUR, HOUR).await;
    let row = stand.row(&id).await;
    assert_eq!(row.state, KeyState::Revoked);
    assert_eq!(row.evidence.as_deref(), Some("a listing shows it as revoked"));
    assert_eq!(stand.keys().len(), 1);
    assert_eq!(stand.audit(&id).await.last().unwrap().action, "see");
}

#[tokio::test]
async fn key_deleted_by_hand_is_missing_after_a_complete_pass() {
    let stand = Stand::at(At::W3ipfs).await;
    let (gone, left) =
        (stand.live("gone", Lease::none()).await, stand.live("left", Lease::none()).await);
    stand.run().await;
    assert_eq!(stand.missing().await, 0);
    stand.revoke(&stand.key(&gone).0);
    stand.distort(ListFault::MissingRow);
    stand.run_for(2 * HOUR, HOUR).await;
    assert_eq!(stand.missing().await, 0, "a listing that lost a row proves no absence");
    stand.emulator.faults().clear();
    stand.run_for(HOUR, HOUR).await;
    assert_eq!(stand.missing().await, 1);
    assert_eq!(stand.state(&gone).await, KeyState::Live);
    assert_eq!(stand.row(&left).await.seen_by.as_deref(), Some("listing"));
}

#[tokio::test]
async fn unknown_account_makes_no_key_missing() {
    let stand = Stand::at(At::Legacy).await;
    let id = stand.live("elsewhere", Lease::none()).await;
    stand.run().await;
    assert!(stand.account().await.full_pass_began.is_some(), "the listed key shows whose it is");
    let other = Stand::at(At::Legacy).await;
    let other = other.with(stand.store.with_clock(other.clock.clone())).await;
    let before = other.account().await.full_pass_began;
    other.run_for(3 * HOUR, HOUR).await;
    let (account, row) = (other.account().await, other.row(&id).await);
    assert_eq!((account.full_pass_began, row.state), (before, KeyState::Live));
    assert_eq!(other.missing().await, 0);
}

#[tokio::test]
async fn widened_key_is_reported_until_it_is_as_recorded() {
    let stand = Stand::at(At::Pinata).await;
    let id = stand.live("widened", Lease::none()).await;
    stand.run().await;
    assert_eq!(stand.row(&id).await.difference, None);
    let (key, ..) = stand.key(&id);
    stand.emulator.pinata().set_scopes(&key, r#"{"admin":true}"#);
    stand.run_for(HOUR, HOUR).await;
    assert_eq!(stand.row(&id).await.difference.as_deref(), Some("wider: an admin key"));
    stand.emulator.pinata().set_scopes(&key, r#"{"resources":["org:files:read"]}"#);
    stand.run_for(HOUR, HOUR).await;
    let row = stand.row(&id).await;
    assert_eq!((row.state, row.difference), (KeyState::Live, None));
}

#[tokio::test]
async fn twin_of_a_known_key_is_reported_and_left_alone() {
    let stand = Stand::at(At::Pinata).await;
    let id = stand.live("twin", Lease::none()).await;
    let (_, name, _) = stand.key(&id);
    let twins = [stand.create(&name), stand.create(&name.replace("twin", "other"))];
    stand.run_for(2 * HOUR, HOUR).await;
    let row = stand.row(&id).await;
    assert_eq!(row.state, KeyState::Live);
    for twin in &twins {
        assert!(row.twins.contains(twin), "{}", row.twins);
    }
    assert!(stand.keys().iter().all(|(.., revoked)| !revoked));
    assert_eq!(stand.rows().await.len(), 1, "none of them is a stray");
    for twin in &twins {
        stand.revoke(twin);
    }
    stand.run_for(HOUR, HOUR).await;
    assert_eq!(stand.row(&id).await.twins, "[]");
}

#[tokio::test]
async fn lost_rows_come_back_and_all_leases_run_to_their_maximum() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = Stand::at(at).await;
        let lease = Lease::of(2 * HOUR).renewable_until(DAY);
        let old = stand.live("old", lease).await;
        let backup = stand.store.snapshot();
        stand.run_for(HOUR, HOUR).await;
        stand.manager.renew(&old).await.unwrap();
        let lost = stand.live("lost", Lease::of(3 * HOUR)).await;
        let ended = stand.live("ended", Lease::none()).await;
        stand.revoke(&stand.key(&ended).0);

        let restored = stand.with(backup).await;
        restored.run().await;
        let row = restored.row(&lost).await;
        assert_eq!((row.state, row.adopted), (KeyState::Live, true), "{at:?}");
        assert_eq!(row.expires_at, Suffix::of_name(&row.name).unwrap().max_until());
        assert_eq!(restored.rows().await.len(), 2, "{at:?}: a revoked stray is nothing");
        let store = restored.store_row().await;
        assert!(store.rolled_back_at.is_some() && !store.acknowledged);

        // By the row in the backup, the lease is over; the renewal is forgotten.
        restored.run_for(90 * MINUTE, 30 * MINUTE).await;
        assert_eq!(restored.state(&old).await, KeyState::Live, "{at:?}");
        restored.run_for(DAY, HOUR).await;
        assert_eq!(restored.state(&old).await, KeyState::Revoked, "{at:?}");
        restored.run_for(DAY, HOUR).await;
        assert_eq!(restored.state(&lost).await, KeyState::Revoked, "{at:?}");
    }
}

#[tokio::test]
async fn strays_are_kept_or_revoked_by_a_person() {
    let stand = Stand::at(At::Pinata).await;
    let backup = stand.store.snapshot();
    let [keep, revoke, free] = [
        stand.live("keep", Lease::none()).await,
        stand.live("revoke", Lease::none()).await,
        stand.live("free", Lease::none()).await,
    ];
    let stand = stand.with(backup).await;
    stand.run().await;
    // Meanwhile, a holder got a new key.
    stand.live("keep", Lease::none()).await;
    let plan = stand.manager.strays().await.unwrap().keep_for(&free, "two\nlines");
    let [done] = &plan.run().await[..] else { panic!("one step") };
    assert_eq!(done.outcome.as_ref().unwrap_err().kind(), ErrorKind::InvalidInput);
    let plan = stand.manager.strays().await.unwrap();
    assert_eq!(plan.keys().len(), 3);
    let done = plan.keep(&keep).revoke(&revoke).keep_for(&free, "somebody").run().await;
    assert!(done.iter().all(|done| done.outcome.is_ok()), "{done:?}");
    stand.run_for(MINUTE, MINUTE).await;
    let (kept, freed) = (stand.row(&keep).await, stand.row(&free).await);
    assert_eq!((kept.adopted, kept.open_holder), (false, None));
    assert_eq!((freed.adopted, freed.open_holder.as_deref()), (false, Some("somebody")));
    assert_eq!(stand.state(&revoke).await, KeyState::Revoked);
    assert!(stand.manager.strays().await.unwrap().keys().is_empty());
}

#[tokio::test]
async fn stray_that_changed_since_the_plan_is_reported() {
    let stand = Stand::at(At::Pinata).await;
    let backup = stand.store.snapshot();
    let id = stand.live("changed", Lease::none()).await;
    let stand = stand.with(backup).await;
    stand.run().await;
    let plan = stand.manager.strays().await.unwrap().revoke(&id);
    stand.manager.forget(&id).await.unwrap();
    let done = plan.run().await;
    assert!(done[0].outcome.as_ref().unwrap_err().to_string().contains("has changed"));
    assert_eq!(stand.state(&id).await, KeyState::Forgotten);
}

#[tokio::test]
async fn two_stores_on_one_account_leave_each_other_alone() {
    let one = Stand::at(At::Pinata).await;
    let two = one.beside().await;
    let (first, second) =
        (one.live("same", Lease::none()).await, two.live("same", Lease::none()).await);
    for _ in 0..3 {
        one.run_for(HOUR, HOUR).await;
        two.run().await;
    }
    for (stand, id) in [(&one, &first), (&two, &second)] {
        assert_eq!(stand.rows().await.len(), 1);
        assert_eq!(stand.state(id).await, KeyState::Live);
        assert_eq!(stand.store_row().await.rolled_back_at, None);
    }
}

#[tokio::test]
async fn foreign_names_change_nothing() {
    let stand = Stand::at(At::Pinata).await;
    let label = stand.store_row().await.label;
    let id = stand.live("own", Lease::none()).await;
    let (_, name, _) = stand.key(&id);
    let suffix = &name["own".len()..];
    let other = Label::random().unwrap();
    for foreign in [
        suffix.to_owned(),
        format!("{name} "),
        format!("a{suffix}b"),
        format!("x.{label}-00000000000zz-991332"),
        format!("x.{label}-0000000000-000000"),
        format!("x.{}-00000000000zz-000000", label.as_str().to_uppercase()),
        format!("x.{other}-00000000000zz-000000"),
    ] {
        stand.create(&foreign);
    }
    let before = stand.row(&id).await;
    stand.run_for(2 * HOUR, HOUR).await;
    let rows = stand.rows().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].state, &rows[0].twins), (before.state, &before.twins));
    assert_eq!(stand.keys().iter().filter(|(.., revoked)| *revoked).count(), 0);
}

#[tokio::test]
async fn key_under_our_label_made_by_hand_is_adopted_and_not_revoked() {
    let stand = Stand::at(At::Pinata).await;
    let label = stand.store_row().await.label;
    stand.create(&format!("by-hand.{label}-00000000000zz-000000"));
    stand.run_for(30 * DAY, 5 * DAY).await;
    let rows = stand.rows().await;
    assert_eq!((rows.len(), rows[0].state, rows[0].adopted), (1, KeyState::Live, true));
    assert_eq!((rows[0].expires_at, rows[0].holder.as_str()), (None, "by-hand"));
}

#[tokio::test]
async fn stray_of_a_foreign_name_is_adopted_with_a_name_that_stores_can_keep_and_people_read() {
    let stand = Stand::at(At::Pinata).await;
    let label = stand.store_row().await.label;
    stand.create(&format!("by\0\u{1b}[2Jhand.{label}-00000000000zz-000000"));
    stand.run_for(5 * DAY, DAY).await;
    let rows = stand.rows().await;
    assert_eq!((rows.len(), rows[0].state, rows[0].adopted), (1, KeyState::Live, true));
    // PostgreSQL keeps no character 0.
    assert_eq!(rows[0].name, format!("by\u{fffd}\u{1b}[2Jhand.{label}-00000000000zz-000000"));
    assert_eq!(rows[0].holder, "by\u{fffd}\\u{1b}[2Jhand");
}

#[tokio::test]
async fn pass_refused_half_way_continues_at_its_page() {
    let pages = async |refused: bool| {
        let stand = Stand::at(At::Pinata).await;
        for number in 0..45 {
            stand.create(&format!("foreign-{number}"));
        }
        if refused {
            let refused = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
            stand.fault(FaultRule::new(refused).method(Method::GET).from_nth(3));
            let _ = stand.manager.run_due(10).await;
            let account = stand.account().await;
            assert!(account.pass_cursor.is_some() && account.full_pass_began.is_none());
            assert_eq!(account.pass_claimed_until, None);
        }
        let refusals = stand.emulator.faults().hits();
        stand.emulator.faults().clear();
        stand.run_for(5 * MINUTE, MINUTE).await;
        assert!(stand.account().await.full_pass_began.is_some());
        stand.emulator.requests() - refusals
    };
    assert_eq!(pages(true).await, pages(false).await);
}

/// Lets a pass stop after two pages, changes the account's keys, and lets it go on.
async fn changed_between_pages(at: At, change: impl Fn(&Stand)) -> Stand {
    let stand = Stand::at(at).await;
    for number in 0..45 {
        stand.create(&format!("foreign-{number}"));
    }
    let refused = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
    stand.fault(FaultRule::new(refused).method(Method::GET).from_nth(3));
    let _ = stand.manager.run_due(10).await;
    stand.emulator.faults().clear();
    change(&stand);
    stand.run_for(5 * MINUTE, MINUTE).await;
    assert_eq!(stand.account().await.pass_began, None, "{at:?}: the pass is over");
    stand
}

#[tokio::test]
async fn pass_is_complete_although_keys_were_issued_meanwhile() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = changed_between_pages(at, |stand| {
            for number in 0..3 {
                stand.create(&format!("new-{number}"));
            }
        })
        .await;
        assert!(stand.account().await.full_pass_began.is_some(), "{at:?}");
    }
}

#[tokio::test]
async fn pass_that_lost_a_row_is_not_complete() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = changed_between_pages(at, |stand| {
            stand.create("new");
            stand.distort(ListFault::MissingRow);
        })
        .await;
        assert_eq!(stand.account().await.full_pass_began, None, "{at:?}");
    }
}

#[tokio::test]
async fn pass_takes_a_twentieth_of_the_rate_limit() {
    let stand = Stand::at(At::Pinata).await;
    for number in 0..1_000 {
        stand.create(&format!("foreign-{number}"));
    }
    let limit = RateLimit::new(60.try_into().unwrap(), MINUTE);
    let manager = stand.limited(limit).await;
    let before = stand.emulator.requests();
    for _ in 0..60 {
        stand.advance(10 * SECOND);
        manager.run_due(10).await.unwrap();
    }
    let requests = stand.requests_since(before);
    assert!((20..=31).contains(&requests), "{requests} of 600");
}

#[tokio::test]
async fn pass_belongs_to_one_node_at_a_time() {
    let stand = Stand::at(At::Pinata).await;
    let until = stand.account().await.pass_due_at;
    let now =
        pinning_keys_lifecycle::Timestamp::from(pinning_keys_lifecycle::Clock::now(&stand.clock));
    assert!(until <= now);
    stand
        .change_account(move |row| row.pass_claimed_until = Some(now.saturating_add(MINUTE)))
        .await;
    let before = stand.emulator.requests();
    stand.run().await;
    assert_eq!(stand.requests_since(before), 0);
    stand.run_for(2 * MINUTE, MINUTE).await;
    assert!(stand.account().await.full_pass_began.is_some());
}

#[tokio::test]
async fn undelivered_key_that_was_renamed_ends_at_once() {
    let stand = Stand::at(At::Pinata).await;
    let rule = FaultRule::new(Fault::TruncatedName { chars: 20 });
    stand.fault(rule.method(Method::POST).first(1));
    let keys = stand.manager.account("main").unwrap();
    let issued = keys.issue(&crate::stand::request("renamed"), Lease::of(DAY)).await;
    stand.run_for(PROPAGATION, PROPAGATION).await;
    let rows = stand.rows().await;
    assert!(is_ending(rows[0].state), "{:?} {:?}", issued.map(drop), rows[0]);
}
