//! How many requests it takes to settle creates in doubt.

use pinning_keys_lifecycle::{KeyState, Timestamp};

use crate::stand::{At, MINUTE, PAGE, PROPAGATION, Stand, answer_lost, request_lost};

const INTENTS: u64 = 1_000;

/// A stand with 1,000 creates in doubt, and no pass during the test.
async fn in_doubt(at: At, is_made: bool) -> Stand {
    let stand = Stand::at(at).await;
    stand.change_account(|row| row.pass_due_at = Timestamp::from_micros(i64::MAX)).await;
    for number in 0..25 {
        stand.create(&format!("foreign-{number}"));
    }
    for number in 0..INTENTS {
        let fault = if is_made { answer_lost() } else { request_lost() };
        stand.doubtful(&format!("holder-{number}"), fault).await;
        // Three lost answers in a row close the account.
        stand.change_account(|row| row.strikes.clear()).await;
    }
    stand.advance(PROPAGATION);
    stand
}

/// The maximum number of requests for listing this many keys: the last page may be empty.
fn pages(keys: u64) -> u64 {
    keys.div_ceil(PAGE) + 1
}

#[tokio::test]
async fn intents_that_made_nothing_cost_two_readings_of_the_listing() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = in_doubt(at, false).await;
        let before = stand.emulator.requests();
        for _ in 0..2 {
            stand.run().await;
            stand.advance(PROPAGATION);
        }
        let rows = stand.rows().await;
        assert!(rows.iter().all(|row| row.state == KeyState::Closed), "{at:?}");
        let requests = stand.requests_since(before);
        assert!(requests <= 2 * pages(25), "{at:?}: {requests}");
    }
}

#[tokio::test]
async fn intents_that_made_keys_cost_one_reading_and_the_revocations() {
    for at in [At::Pinata, At::W3ipfs] {
        let stand = in_doubt(at, true).await;
        let before = stand.emulator.requests();
        stand.run_for(2 * MINUTE, MINUTE).await;
        let rows = stand.rows().await;
        let odd = rows.iter().find(|row| row.state != KeyState::Revoked);
        assert!(odd.is_none(), "{at:?}: {odd:?}");
        let requests = stand.requests_since(before);
        assert!(requests <= 2 * pages(INTENTS + 25) + INTENTS, "{at:?}: {requests}");
    }
}
