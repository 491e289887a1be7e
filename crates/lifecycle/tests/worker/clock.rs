//! No lease ends by a clock that may be wrong.

use pinning_keys_lifecycle::{Clock as _, ErrorKind, KeyState, Lease};

use crate::world::{DAY, HOUR, MINUTE, Of, SECOND, World};

/// Lets the provider's answers have no date.
fn hide_date(world: &World) {
    world.emulator.set_date_header(|| None);
}

#[tokio::test]
async fn first_lease_of_a_process_waits_for_a_date_or_a_person() {
    let world = World::new(Of::Pinata).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    hide_date(&world);
    world.advance(HOUR);
    world.run_each(MINUTE, 16).await;
    assert_eq!(world.row(&id).await.state, KeyState::Live);
    let status = world.manager.status().await.unwrap();
    assert!(status.clock_doubted_at().is_some() && !status.is_healthy(), "{status}");
    assert_eq!(status.accounts().next().unwrap().overdue(), 1, "{status}");

    world.manager.confirm_clock().await.unwrap();
    world.run_each(MINUTE, 1).await;
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
    assert!(world.manager.status().await.unwrap().is_healthy());
}

#[tokio::test]
async fn lease_that_cannot_end_because_of_the_clock_is_reported() {
    let world = World::new(Of::Pinata).await;
    world.live("dashboard", Lease::of(HOUR)).await;
    hide_date(&world);
    assert!(world.run().await.errors().is_empty(), "no lease is over");
    world.advance(HOUR);
    let tick = world.run().await;
    let [(account, error)] = tick.errors() else { panic!("{tick:?}") };
    assert_eq!((account.as_str(), error.kind()), ("main", ErrorKind::ClockUnconfirmed));

    world.manager.confirm_clock().await.unwrap();
    world.advance(MINUTE);
    let tick = world.run().await;
    assert_eq!((tick.revoked(), tick.errors().len()), (1, 0), "{tick:?}");
}

#[tokio::test]
async fn confirmation_by_another_process_counts_for_doubts_before_it() {
    let world = World::new(Of::Pinata).await;
    hide_date(&world);
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    world.advance(HOUR);
    world.run().await;
    world.node().await.confirm_clock().await.unwrap();
    world.run_each(MINUTE, 1).await;
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
}

#[tokio::test]
async fn confirmation_counts_for_a_process_that_starts_soon_after_it() {
    for (pause, ended) in [(9 * MINUTE, 1), (11 * MINUTE, 0)] {
        let world = World::new(Of::Pinata).await;
        hide_date(&world);
        world.live("dashboard", Lease::of(HOUR)).await;
        world.advance(HOUR);
        world.node().await.confirm_clock().await.unwrap();
        world.advance(pause);
        let tick = world.node().await.run_due(10).await.unwrap();
        assert_eq!(tick.revoked(), ended, "{pause:?}: {tick:?}");
    }
}

#[tokio::test]
async fn confirmation_does_not_count_after_a_jump() {
    let world = World::new(Of::Pinata).await;
    hide_date(&world);
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    world.manager.confirm_clock().await.unwrap();
    world.run().await;
    world.clock.advance(SECOND);
    world.clock.set(world.clock.now() + 5 * MINUTE);
    world.run().await;
    assert!(world.manager.status().await.unwrap().clock_doubted_at().is_some());
    world.clock.advance(HOUR);
    world.run().await;
    assert_eq!(world.row(&id).await.state, KeyState::Live);
}

#[tokio::test]
async fn revoking_by_hand_goes_on_while_the_clock_is_in_doubt() {
    let world = World::new(Of::Pinata).await;
    hide_date(&world);
    let ids = world.several(2, Lease::of(HOUR)).await;
    world.advance(HOUR);
    world.revoke_by_hand(&ids[0]).await;
    world.run().await;
    assert_eq!(world.row(&ids[0]).await.state, KeyState::Revoked);
    assert_eq!(world.row(&ids[1]).await.state, KeyState::Live);
}

#[tokio::test]
async fn rows_in_doubt_do_not_fill_the_limit() {
    let world = World::new(Of::Pinata).await;
    hide_date(&world);
    let ids = world.several(5, Lease::of(HOUR)).await;
    world.advance(HOUR);
    // Nobody asked for it by hand, so it comes last.
    world
        .change(&ids[4], |row, now| {
            row.state = KeyState::Revoking;
            row.open_holder = None;
            row.due_at = Some(now);
        })
        .await;
    world.manager.run_due(2).await.unwrap();
    assert_eq!(world.row(&ids[4]).await.state, KeyState::Revoked);
}

#[tokio::test]
async fn jump_ahead_ends_no_lease_until_the_time_has_come() {
    let world = World::new(Of::Pinata).await;
    let id = world.live("dashboard", Lease::of(2 * HOUR)).await;
    world.run().await;
    world.advance(MINUTE);
    world.run().await;
    // The provider's clock is right.
    let truth = world.clock.clone();
    let ahead = 3 * HOUR;
    world.emulator.set_date_header(move || Some(truth.now() - ahead));
    world.clock.set(world.clock.now() + ahead);
    for _ in 0..10 {
        world.clock.advance(SECOND * 30);
        world.run().await;
        assert_eq!(world.row(&id).await.state, KeyState::Live);
    }
    assert!(world.manager.status().await.unwrap().clock_doubted_at().is_some());

    // Somebody sets the clock right. The store's time waits until it has caught up.
    world.clock.set(world.clock.now() - ahead);
    let truth = world.clock.clone();
    world.emulator.set_date_header(move || Some(truth.now()));
    world.run_each(10 * MINUTE, 11).await;
    assert_eq!(world.row(&id).await.state, KeyState::Live);
    world.run_each(10 * MINUTE, 8).await;
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
}

#[tokio::test]
async fn time_that_is_ahead_of_the_clock_cannot_be_confirmed() {
    let world = World::new(Of::Pinata).await;
    hide_date(&world);
    let id = world.live("dashboard", Lease::of(2 * HOUR)).await;
    // The clock is wrong while the store is used, and then set right.
    world.clock.set(world.clock.now() + 3 * HOUR);
    world.manager.acknowledge().await.unwrap();
    world.clock.set(world.clock.now() - 3 * HOUR);
    world.clock.advance(MINUTE);
    let error = world.manager.confirm_clock().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClockUnconfirmed);
    let message = "cannot confirm the time: the store has seen 2027-01-15T11:00:00Z, and its clock \
                   shows 2027-01-15T08:01:00Z";
    assert_eq!(error.to_string(), message);
    world.run().await;
    assert_eq!(world.row(&id).await.state, KeyState::Live);
    // The clock has caught up.
    world.advance(3 * HOUR);
    world.manager.confirm_clock().await.unwrap();
    world.run_each(MINUTE, 2).await;
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
}

#[tokio::test]
async fn jump_back_is_doubted_and_ends_nothing_early() {
    let world = World::new(Of::Pinata).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    world.run().await;
    hide_date(&world);
    world.clock.set(world.clock.now() - DAY);
    for _ in 0..4 {
        world.clock.advance(SECOND * 30);
        world.run().await;
    }
    assert!(world.manager.status().await.unwrap().clock_doubted_at().is_some());
    world.clock.set(world.clock.now() + DAY);
    world.clock.advance(HOUR);
    world.run().await;
    assert_eq!(world.row(&id).await.state, KeyState::Live);
}

#[tokio::test]
async fn gap_of_more_than_a_day_is_doubted() {
    for (gap, state) in
        [(MINUTE * (24 * 60 - 1), KeyState::Revoked), (DAY + MINUTE, KeyState::Live)]
    {
        let world = World::new(Of::Pinata).await;
        let id = world.live("dashboard", Lease::of(HOUR)).await;
        world.run().await;
        hide_date(&world);
        world.advance(gap);
        world.run().await;
        assert_eq!(world.row(&id).await.state, state, "{gap:?}");
    }
}
